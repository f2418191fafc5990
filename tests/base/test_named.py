"""Members of an extension point are found by name, and a user's own by package.module:name."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rollsight.base.errors import RollsightError
from rollsight.base.named import find, source_of

KNOWN = {"hold": len, "top": max}
MODULE = '''"""Rules of mine."""


def double(x):
    """Return it twice."""
    return 2 * x


class Twice:
    """A rule."""

    def __call__(self, x):
        """Return it twice."""
        return 2 * x


LEVEL = 3
'''


@pytest.fixture(autouse=True)
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    before = set(sys.modules)
    (tmp_path / "myrules.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p])
    monkeypatch.setattr("rollsight.base.named._loaded", {})
    yield tmp_path / "myrules.py"
    for name in set(sys.modules) - before:
        if name.startswith(("myrules", "ourrules")):
            del sys.modules[name]


def refusal(name: str, **needs: tuple[str, ...]) -> str:
    with pytest.raises(RollsightError) as caught:
        find("rule", name, KNOWN, **needs)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_known_name_is_a_key_and_an_own_one_an_object_of_the_current_directory() -> None:
    assert find("rule", "hold", KNOWN) is len
    assert find("rule", "myrules:double", KNOWN)([1]) == [1, 1]
    assert source_of("rule", "hold") == ""


def test_what_cannot_be_found_is_refused_with_the_way_out(mine: Path) -> None:
    here = mine.parent
    assert refusal("holt") == (
        "no rule is called 'holt' (have ['hold', 'top']); did you mean 'hold'?; one of your own "
        "is written package.module:name"
    )
    assert refusal("myrules:double:x").startswith("no rule is called 'myrules:double:x'")
    assert refusal("../mine:double").startswith("no rule is called '../mine:double'")
    assert refusal("absent_of_test.rules:double") == (
        f"rule 'absent_of_test.rules:double': there is no module 'absent_of_test' in {here} or "
        "among what is installed: call from the folder that holds it, or install it"
    )
    assert refusal("myrules.rules:double").split(" in ")[0] == (
        "rule 'myrules.rules:double': there is no module 'myrules.rules'"
    )
    assert refusal("myrules:doubel") == (
        f"rule 'myrules:doubel': myrules ({mine}) has no 'doubel' "
        "(have ['LEVEL', 'Twice', 'double']); did you mean 'double'?"
    )
    assert refusal("myrules:LEVEL") == (
        "rule 'myrules:LEVEL' cannot be called: it is 3, and no rule"
    )
    assert refusal("myrules:LEVEL", needs=("orders",)) == (
        "rule 'myrules:LEVEL' has no 'orders': it is 3, and no rule"
    )
    assert refusal("myrules:Twice") == (
        "rule 'myrules:Twice' is a class: name an object of it, as in twice = Twice()"
    )
    (here / "myrules_kept").mkdir()
    assert refusal("myrules_kept:double") == (
        f"rule 'myrules_kept:double': myrules_kept is a folder without code ({here}/myrules_kept): "
        "name a file in it, as in myrules_kept.file:double"
    )
    assert refusal("math:pi").startswith("rule 'math:pi': math has no source file")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import nothing_of_test", "ModuleNotFoundError: No module named 'nothing_of_test'"),
        ("def", "SyntaxError: invalid syntax (myrules.py, line 19)"),
        ("raise SystemExit('two\\nlines')", "SystemExit: two lines"),
    ],
)
def test_a_module_that_fails_is_refused_with_its_own_fault(
    line: str, fault: str, mine: Path
) -> None:
    mine.write_text(f"{MODULE}\n{line}\n", encoding="utf-8")
    assert refusal("myrules:double") == (
        f"rule 'myrules:double': importing myrules failed with {fault}"
    )


def test_source_is_what_runs_and_another_source_runs_from_the_next_call_on(mine: Path) -> None:
    before = source_of("rule", "myrules:double")
    assert before.startswith("def double(x):\n    return 2 * x")
    mine.write_text(MODULE.replace("it twice", "it two times"), encoding="utf-8")
    assert source_of("rule", "myrules:double") == before
    mine.write_text(MODULE.replace("2 * x", "100 * x"), encoding="utf-8")
    assert find("rule", "myrules:double", KNOWN)(1) == 100
    assert "return 100 * x" in source_of("rule", "myrules:double")
    mine.write_text("def double(x:", encoding="utf-8")
    assert "failed with SyntaxError" in refusal("myrules:double")


def test_source_has_the_module_that_defines_a_member_too(mine: Path) -> None:
    package = mine.parent / "ourrules"
    package.mkdir()
    (package / "__init__.py").write_text("from ourrules.rule import twice\n", encoding="utf-8")
    inner = package / "rule.py"
    inner.write_text("def twice(x):\n    return 2 * x\n", encoding="utf-8")
    assert find("rule", "ourrules:twice", KNOWN)(1) == 2
    before = source_of("rule", "ourrules:twice")
    inner.write_text("def twice(x):\n    return x + x + 0\n", encoding="utf-8")
    assert source_of("rule", "ourrules:twice") != before
    inner.write_text("def twice(x):\n    return 300 * x\n", encoding="utf-8")
    assert find("rule", "ourrules:twice", KNOWN)(1) == 300


def test_a_file_hides_no_library_and_another_process_finds_it_by_name(mine: Path) -> None:
    (mine.parent / "wave.py").write_text("1 / 0\n", encoding="utf-8")
    code = "from rollsight.base.named import find\nfound = find('rule', 'myrules:double', {})\n"
    code += "import wave\nprint(found(21), 'Wave_read' in dir(wave))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True,
        cwd=mine.parent, env={**os.environ},
    )  # fmt: skip
    assert done.stdout == "42 True\n"
