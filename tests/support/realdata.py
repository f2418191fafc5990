"""Real prices outside the checkout, for slow tests that hold the rules against them."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("ROLLSIGHT_DATA") or Path(__file__).parents[3] / "shared" / "data")


def real_folder(name: str) -> Path:
    """Return a market folder of real prices, or skip the test where there is none."""
    if not (DATA / name).is_dir():
        pytest.skip(f"no real prices at {DATA / name}: set ROLLSIGHT_DATA to their folder")
    return DATA / name
