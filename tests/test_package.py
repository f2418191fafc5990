"""The package as it is imported: what it names, and how little it loads."""

import pydoc
import subprocess
import sys

import rollsight


def test_dir_and_help_list_the_public_names() -> None:
    assert set(rollsight.__all__) <= set(dir(rollsight))
    told = pydoc.plain(pydoc.render_doc(rollsight))
    for name in rollsight.__all__:
        assert f"\n    {name}" in told or f" {name}(" in told, name
    for name in rollsight.__all__:
        assert getattr(rollsight, name).__doc__, name


def test_the_import_loads_nothing_that_takes_seconds() -> None:
    code = (
        "import sys, rollsight; dir(rollsight); "
        "print(sorted({'torch', 'numpy', 'pandas', 'matplotlib', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
