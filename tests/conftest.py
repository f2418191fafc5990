"""What holds for every test."""

import os

import pytest
from hypothesis import settings

# The dearest files, in CPU seconds: begun first, so that no process works on one when the others
# have ended.
DEAREST = (
    "test_cli.py", "test_sweep.py", "test_cli_sweep.py", "test_page.py", "test_saliency.py",
    "test_sweep_again.py", "test_update.py", "test_leak.py", "test_planted.py",
)  # fmt: skip

# Tests run side by side, one process a core: threads of the numeric libraries would only wait for
# each other. No result depends on their number.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# Speed is measured in the benchmark: a busy machine is no fault of the code. The quick tests draw
# the same examples each time: what passed once passes again. `make test-all` draws new ones.
settings.register_profile("repeated", deadline=None, derandomize=True)
settings.register_profile("drawn", deadline=None, print_blob=True)
settings.load_profile("repeated")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the dearest files first; `make test` gives them out in this order."""
    place = {name: n for n, name in enumerate(DEAREST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))
