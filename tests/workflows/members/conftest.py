"""The market that members of a user's own are tried on, and the networks that their runs share."""

from pathlib import Path

import pytest

from tests.support.markets import write_market
from tests.support.sweeps.markets import RECIPE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), RECIPE)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("networks")
