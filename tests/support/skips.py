"""What not every machine has: tests that need it skip, and say why."""

import os
from pathlib import Path

import pytest

from rollsight.base.errors import RollsightError
from rollsight.training.models.families import require_installed

DATA = Path(os.environ.get("ROLLSIGHT_DATA") or Path(__file__).parents[3] / "shared" / "data")


def real_folder(name: str) -> Path:
    """Return a market folder of real prices, or skip the test where there is none."""
    if not (DATA / name).is_dir():
        pytest.skip(f"no real prices at {DATA / name}: set ROLLSIGHT_DATA to their folder")
    return DATA / name


def skip_without(family: str) -> None:
    """Skip the test where a family's package cannot be loaded."""
    try:
        require_installed(family)
    except RollsightError as error:
        pytest.skip(str(error))
