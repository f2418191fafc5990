"""What holds for every test."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parent
pytest_plugins = ["tests.support.fixtures"]

# The dearest files, in CPU seconds: begun first, so that no process works on one when the others
# have ended.
DEAREST = (
    "commands/test_cli.py", "workflows/sweep/test_sweep.py", "commands/test_sweep.py",
    "reports/run/test_page.py", "reports/run/saliency/test_saliency.py",
    "workflows/sweep/test_again.py", "workflows/update/test_update.py",
    "reports/run/data/test_leak.py", "workflows/test_planted.py",
)  # fmt: skip

# Before a plugin loads a numeric library: rollsight chooses its instructions.
import rollsight  # noqa: E402, F401

# Tests run side by side, one process a core: threads of the numeric libraries would only wait for
# each other. No result depends on their number.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# No test knows or changes what whoever runs it has looked at.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="rollsight-state-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

# Speed is measured in the benchmark: a busy machine is no fault of the code. The quick tests draw
# the same examples each time: what passed once passes again. `make test-all` draws new ones.
settings.register_profile("repeated", deadline=None, derandomize=True)
settings.register_profile("drawn", deadline=None, print_blob=True)
settings.load_profile("repeated")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the dearest files first; `make test` gives them out in this order."""
    place = {TESTS / name: n for n, name in enumerate(DEAREST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))
