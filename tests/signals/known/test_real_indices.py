"""Real indices since 1995 pass as they are, and none of them a day off."""

from pathlib import Path

import pandas as pd
import pytest

from rollsight.backtests.spec import read_spec
from rollsight.base.errors import RollsightError
from rollsight.signals.folder.reading import read_folder
from rollsight.signals.known.indexholes import frozen_notes
from rollsight.signals.known.indexsteps import step_notes
from rollsight.signals.known.indexvalues import usable_values
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.market import align
from tests.support.skips import real_folder

pytestmark = pytest.mark.slow

FALLS = ("CL", "WTI_SPOT")  # below zero on 20 April 2020
STOCK_INDICES = ("KS11", "KQ11", "KS200", "IXIC", "GSPC", "DJI")


def test_real_indices_are_taken_as_they_are_and_refused_a_day_off() -> None:
    folder = read_folder(str(real_folder("krx")))
    path = Path("indices.parquet")
    for symbol in folder.indices:
        values, published = folder.indices[symbol].dropna(), SYMBOLS[symbol].publication
        found, notes = usable_values(values, published, path)
        assert (len(values) - len(found), len(notes)) == ((1, 1) if symbol in FALLS else (0, 0))
        held_against = symbol in STOCK_INDICES
        assert step_notes(found, published, benchmark=held_against) == []
        assert frozen_notes(found, published) == []
        for days in (-1, 1):
            off = values.set_axis(values.index + pd.Timedelta(days=days))
            with pytest.raises(RollsightError, match="its dates are shifted"):
                usable_values(off, published, path)


def test_the_real_folder_is_read_by_the_preset_without_a_word_on_its_indices() -> None:
    where = real_folder("krx")
    market = align(read_folder(str(where)), read_spec("krx", (), str(where)).market)
    assert not [note for note in market.notes if note.startswith("Index ")]
