"""A close without trade that cannot be right is named, and is neither input nor mark."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.reports.page.language import speak
from rollsight.reports.page.words import word
from rollsight.signals.inputs.labels import trade_labels
from rollsight.signals.inputs.samples import build_samples
from rollsight.signals.prices.halts import falls_behind_halts, held_closes
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.prices.moves import PRICES, Flags, Move, Prices
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from rollsight.strategies.feed import bars_of
from tests.support.markets import Recipe, codes, sessions, write_market

CODE = codes(2)[1]
HALT = (30, 31, 32)
IDLE = tuple((1, day) for day in HALT)


def held(close: list[float], idle: tuple[int, ...]) -> tuple[list[float], tuple[Move, ...]]:
    """Return the closes of one stock that stand, and those that cannot be right."""
    row: Prices = np.array([close])
    traded: Flags = np.ones(row.shape, dtype=bool)
    traded[0, list(idle)] = False
    prices = dict.fromkeys(PRICES, row)
    kept, found = held_closes(("000010",), sessions(len(close)), prices, traded)
    for name in PRICES:
        np.testing.assert_array_equal(kept[name], kept["Close"])
    return kept["Close"][0].tolist(), found


def test_the_close_before_stands_in_for_a_halted_one_ten_times_as_high() -> None:
    kept, found = held([100.0, 1_000.0, 100.0, 110.0], (1, 2))
    assert kept == [100.0, 100.0, 100.0, 110.0]
    assert [(m.price, str(m.day), m.kind, m.allowed) for m in found] == [
        ("Close", "2024-01-03", "halt", 2.0)
    ]
    assert found[0].move == pytest.approx(9.0)


def test_as_long_as_it_lasts_it_is_one() -> None:
    kept, found = held([100.0, 20.0, 20.0, 22.0, 21.0], (1, 2, 3))
    assert kept == [100.0, 100.0, 100.0, 100.0, 21.0]
    assert [(str(m.day), round(m.move, 2)) for m in found] == [("2024-01-03", -0.8)]


def test_a_base_price_that_moves_on_in_a_halt_stays() -> None:
    # Up to three times the close before, each day from the one before, and down to a third.
    closes = [100.0, 299.0, 800.0, 270.0, 91.0, 100.0]
    assert held(closes, (1, 2, 3, 4)) == (closes, ())
    assert held([100.0, 1_000.0, 100.0], ()) == ([100.0, 1_000.0, 100.0], ())


def test_before_the_first_trade_the_first_row_is_the_measure() -> None:
    assert held([100.0, 1_000.0, 1_000.0, 990.0], (0, 1))[0] == [100.0, 100.0, 1_000.0, 990.0]
    assert held([np.nan, np.nan, 500.0, np.nan, 5_000.0], (2, 4))[1][0].move == pytest.approx(9.0)


def test_what_stands_hangs_on_nothing_later() -> None:
    rng = np.random.default_rng(0)
    close = np.exp(np.cumsum(rng.standard_normal(200))).tolist()
    idle = tuple(int(day) for day in np.flatnonzero(rng.random(200) < 0.5))
    kept, found = held(close, idle)
    assert len(found) > 5
    for end in range(1, 200):
        part, some = held(close[:end], tuple(day for day in idle if day < end))
        assert part == kept[:end]
        assert some == found[: len(some)]


def falls(close: list[float], idle: tuple[int, ...]) -> list[tuple[str, float]]:
    row, traded = np.array([close]), np.ones((1, len(close)), dtype=bool)
    traded[0, list(idle)] = False
    found = falls_behind_halts(("000010",), sessions(len(close)), row, traded)
    return [(str(m.day), round(1 + m.move, 3)) for m in found]


def test_a_fall_to_a_tenth_behind_a_halt_is_named_and_a_first_day_of_an_auction_is_not() -> None:
    assert falls([1_000.0, 1_000.0, 1_000.0, 100.0], (1, 2)) == [("2024-01-05", 0.1)]
    # Half the base price, and 30 % below that.
    assert falls([1_000.0, 1_000.0, 350.0, 330.0], (1,)) == []
    assert falls([1_000.0, np.nan, 330.0, 33.0, 33.0, 3.0], (1, 4)) == [
        ("2024-01-09", 0.091),
        ("2024-01-04", 0.33),
    ]
    assert falls([1_000.0, 100.0], ()) == []  # beyond the band: see `impossible_moves`


@pytest.mark.parametrize("kept", [True, False], ids=["rows kept", "rows missing"])
def test_a_split_behind_a_halt_is_noted_and_its_loss_stays(tmp_path: Path, kept: bool) -> None:
    recipe = Recipe(n_stocks=2, halts=IDLE) if kept else Recipe(n_stocks=2, missing=IDLE)
    where = write_market(tmp_path / "market", recipe)
    prices = pd.read_parquet(where / "prices.parquet")
    after = (prices["Code"] == CODE) & (prices["Date"] >= sessions(60)[33])
    prices.loc[after, ["Open", "High", "Low", "Close"]] /= 10
    prices.to_parquet(where / "prices.parquet", index=False)
    market = read(where)
    assert market.moves.found == ()
    (note,) = [note for note in market.notes if "without trade" in note]
    day = sessions(60)[33]
    wanted = (
        "After sessions without trade 1 close of 1 stock fell below a third of the close before"
    )
    assert note.startswith(f"{wanted}: {CODE!r} on {day} (x0.")
    assert "수정되지 않은 분할" in word(note, speak("ko"))
    labels = trade_labels(market, LabelSpec(horizon=2))
    assert labels.label_return[1, 27] < -0.8


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market whose second stock is halted for three sessions, at ten times its close in one."""
    where = write_market(tmp_path_factory.mktemp("market"), Recipe(n_stocks=2, halts=IDLE))
    prices = pd.read_parquet(where / "prices.parquet")
    slip = (prices["Code"] == CODE) & (prices["Date"] == sessions(60)[31])
    prices.loc[slip, "Close"] *= 10
    prices.to_parquet(where / "prices.parquet", index=False)
    return where


def read(folder: Path, **changes: str) -> Market:
    return read_market(MarketSpec.model_validate({"folder": str(folder), "book": "krx", **changes}))


def test_a_folder_with_one_names_it_and_neither_inputs_nor_marks_show_it(folder: Path) -> None:
    market = read(folder)
    assert [(m.code, m.kind) for m in market.moves.found] == [(CODE, "halt")]
    assert not market.moves.broken.any()
    (note,) = [note for note in market.notes if "without trade" in note]
    assert note.startswith("1 close of 1 stock without trade went beyond three times the close")
    assert "거래 없는 종가 1개" in word(note, speak("ko"))
    assert word(note, speak("en")) == note
    assert bars_of(market, 1, 0).close[HALT[1]] < 1.4 * market.close[1, 29]
    features, label = FeatureSpec(lookback=3), LabelSpec(horizon=2)
    samples, _ = build_samples(market, MarketSpec(), features, label)
    assert np.abs(samples.stocks).max() < 0.5
    # A label is the trade between opens at which something traded: it stands.
    assert (trade_labels(market, label).label[1, 25:29] >= 0).any()


def test_a_folder_with_one_can_be_refused(folder: Path) -> None:
    with pytest.raises(RollsightError, match=f"Close of {CODE!r} on 2024-02-16 is 9.96 times the"):
        read(folder, impossible="refuse")
