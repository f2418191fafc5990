"""One market with a holdout, and one run of it, for all tests of this folder."""

import shutil
from pathlib import Path

import pytest

from rollsight import run
from tests.support.edits.holdouts import held_out, whole_market


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a market, data/market, and a run that has a holdout, run."""
    home = tmp_path_factory.mktemp("home")
    run(held_out(whole_market(home / "data" / "market")), out=home / "run", page=False)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path, no_looks: Path) -> Path:
    """Return a copy of that folder, where no look was written down."""
    copy = shutil.copytree(made, tmp_path / "home")
    spec = copy / "run" / "run.toml"
    text = spec.read_text(encoding="utf-8").replace(str(made), str(copy))
    spec.write_text(text, encoding="utf-8")
    return copy
