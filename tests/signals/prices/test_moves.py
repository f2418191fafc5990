"""Prices beyond what the close before allows are found, named, and spanned by no label."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import NO_LABEL, trade_labels
from rollsight.signals.inputs.samples import build_samples
from rollsight.signals.prices.movenotes import move_notes, refuse_moves
from rollsight.signals.prices.moves import PRICES, Moves, impossible_moves
from rollsight.signals.rules.rulebook import BOOKS
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from tests.support.markets import market_of, sessions

Row = Sequence[float]
N = 12
STEP = 6  # session in which the tests' prices go wrong


def moves_of(
    close: Row,
    *,
    opened: Row | None = None,
    high: Row | None = None,
    low: Row | None = None,
    idle: Sequence[int] = (),
    book: str = "krx",
    first: str = "2024-01-02",
) -> Moves:
    """Return what cannot be right in one stock, of the book's first board."""
    rows = [np.array([close if row is None else row]) for row in (close, opened, high, low)]
    prices = dict(zip(PRICES, rows, strict=True))
    traded = np.ones((1, len(close)), dtype=bool)
    traded[0, list(idle)] = False
    board = next(iter(BOOKS[book].boards))
    days = sessions(len(close), first=first)
    return impossible_moves(BOOKS[book], (board,), ("000010",), days, prices, traded)


def stepped(before: float, after: float) -> list[float]:
    return [before] * STEP + [after] * (N - STEP)


def said(moves: Moves) -> list[tuple[str, str, int, float | None]]:
    """Return kind, price, factor in per cent and what was allowed of each."""
    return [(m.kind, m.price, round(100 * (1 + m.move)), m.allowed) for m in moves.found]


def broken_days(moves: Moves) -> list[int]:
    return np.flatnonzero(moves.broken[0]).tolist()


def test_a_consolidation_that_was_not_adjusted_is_a_step() -> None:
    moves = moves_of(stepped(1_000.0, 10_000.0))
    assert said(moves) == [("step", "Close", 1_000, 0.30)]
    assert moves.found[0].day == sessions(N)[STEP].item()
    assert broken_days(moves) == [STEP]
    assert said(moves_of(stepped(10_000.0, 2_000.0))) == [("step", "Close", 20, 0.30)]


@pytest.mark.parametrize(
    ("first", "before", "most", "tick"),
    [
        # 15 % of 10,000 won until June 2015, 30 % since; ticks of 10 won there since 2023,
        # of 50 before.
        ("2014-01-02", 10_000.0, 11_500.0 + 50.0, 50.0),
        ("2016-01-04", 10_000.0, 13_000.0 + 50.0, 50.0),
        ("2024-01-02", 10_000.0, 13_000.0 + 10.0, 10.0),
        # Five won a tick below 1,000 won until October 2010: 15 % of 300 won are nine of them.
        ("2010-01-04", 300.0, 345.0 + 5.0, 5.0),
        # Adjusted prices are off the grid of their day, and 0.8 % of 10,001 won may be missing.
        ("2024-01-02", 10_001.0, 13_001.3 + 80.0, 1.0),
        # Of 3 won the band is less than a tick, and one tick may always be risen.
        ("2024-01-02", 3.0, 4.0 + 1.0, 1.0),
    ],
)
def test_a_price_may_go_to_the_band_of_its_day_and_a_tick(
    first: str, before: float, most: float, tick: float
) -> None:
    assert not moves_of(stepped(before, most), first=first).found
    beyond = moves_of(stepped(before, most + tick), first=first)
    assert len(beyond.found) == 1
    assert broken_days(beyond) == [STEP]


def test_a_close_that_is_wrong_for_one_session_is_one_spike_that_breaks_two() -> None:
    close = [1_000.0] * N
    close[STEP] = 10_000.0
    moves = moves_of(close)
    assert said(moves) == [("spike", "Close", 1_000, 0.30)]
    assert broken_days(moves) == [STEP, STEP + 1]
    assert np.flatnonzero(moves.leaps[0]).tolist() == [STEP, STEP + 1]


@pytest.mark.parametrize("price", ["opened", "high", "low"])
def test_one_wrong_price_of_a_session_breaks_it_and_its_close_goes_on(price: str) -> None:
    row = [1_000.0] * N
    row[STEP] = 500.0 if price == "low" else 2_000.0
    high = row if price == "opened" else [1_000.0] * N
    moves = moves_of([1_000.0] * N, **{"high": high, price: row})
    assert [m.kind for m in moves.found] == ["spike"]
    assert moves.found[0].price == {"opened": "Open"}.get(price, price.title())
    assert broken_days(moves) == [STEP]
    assert not moves.leaps.any()


def test_a_large_move_that_ends_at_the_very_price_before_is_a_spike() -> None:
    close = [1_000.0] * N
    close[STEP] = 1_250.0  # within the band of 30 %
    moves = moves_of(close)
    assert said(moves) == [("spike", "Close", 125, 0.20)]
    assert moves.found[0].day == sessions(N)[STEP].item()
    # It shows only in the session after, by whose close it is known.
    assert broken_days(moves) == [STEP + 1]
    close[STEP + 1 :] = [1_001.0] * (N - STEP - 1)
    assert not moves_of(close).found


def test_after_a_halt_a_price_may_be_anything_but_three_times_what_it_was() -> None:
    halt = (STEP - 2, STEP - 1)
    for after in (100.0, 500.0, 2_000.0, 2_990.0):
        assert not moves_of(stepped(1_000.0, after), idle=halt).found
    moves = moves_of(stepped(1_000.0, 10_000.0), idle=halt)
    assert said(moves) == [("resumption", "Close", 1_000, 2.0)]
    assert broken_days(moves) == [STEP]


def test_a_first_session_stands_beside_no_close() -> None:
    close = [1_000.0] * 3 + [9_000.0] * (N - 3)
    assert not moves_of(close, idle=(0, 1, 2)).found
    assert not moves_of(close, idle=range(N)).found


def test_without_a_daily_band_splits_and_consolidations_are_seen_by_their_size() -> None:
    for book in ("us", "none"):
        # Two for one and one for two, on days on which the stock moves by 15 % against them.
        assert said(moves_of(stepped(100.0, 57.5), book=book)) == [("step", "Close", 57, 0.40)]
        assert said(moves_of(stepped(100.0, 170.0), book=book)) == [("step", "Close", 170, 0.50)]
        assert not moves_of(stepped(100.0, 61.0), book=book).found
        assert not moves_of(stepped(100.0, 149.0), book=book).found


@pytest.mark.parametrize(
    ("opened", "high", "low", "price"),
    [
        (10_060.0, 10_040.0, 9_960.0, "Open"),
        (9_940.0, 10_040.0, 9_960.0, "Open"),
        (10_000.0, 9_980.0, 9_960.0, "Close"),
        (10_000.0, 9_990.0, 10_010.0, "Low"),
    ],
)
def test_a_bar_that_contradicts_itself_by_over_a_tick_is_named(
    opened: float, high: float, low: float, price: str
) -> None:
    rows = [[10_000.0] * N for _ in range(3)]
    for row, value in zip(rows, (opened, high, low), strict=True):
        row[STEP] = value
    moves = moves_of([10_000.0] * N, opened=rows[0], high=rows[1], low=rows[2])
    assert [(m.kind, m.price, m.allowed) for m in moves.found] == [("bar", price, None)]
    assert broken_days(moves) == [STEP]
    rows[0][STEP], rows[1][STEP], rows[2][STEP] = 10_000.0, 9_991.0, 9_991.0  # rounded
    assert not moves_of([10_000.0] * N, opened=rows[0], high=rows[1], low=rows[2]).found


def test_no_label_enters_holds_or_leaves_in_a_broken_session() -> None:
    close = stepped(1_000.0, 10_000.0)
    market = market_of(np.array([close]), book="krx", moves=moves_of(close))
    labels = trade_labels(market, LabelSpec(horizon=2))
    # Decided at t, the trade enters at t + 1 and leaves at t + 3: from 3 to 5 it meets session 6.
    assert np.flatnonzero(labels.label[0] == NO_LABEL).tolist() == [3, 4, 5, 9, 10, 11]
    assert np.isnan(labels.label_return[0, 3:6]).all()
    assert labels.barred == 3
    assert np.nanmax(labels.label_return) == 0.0


def test_the_change_across_a_step_is_no_input_and_costs_no_row() -> None:
    close = stepped(1_000.0, 10_000.0)
    market = market_of(np.array([close]), book="krx", moves=moves_of(close))
    found, _ = build_samples(market, MarketSpec(), FeatureSpec(lookback=3), LabelSpec(horizon=2))
    assert (found.stocks == 0).all()
    assert found.usable[0, 4:].all()


def test_what_is_broken_hangs_on_nothing_later() -> None:
    rng = np.random.default_rng(0)
    close = (1_000 * np.exp(np.cumsum(0.15 * rng.standard_normal(200)))).round()
    close[150:152] = close[149], 1.25 * close[149]
    close[152] = close[149]
    whole = moves_of(close)
    assert whole.broken.sum() > 5
    for end in range(1, 200):
        part = moves_of(close[:end])
        assert (part.broken == whole.broken[:, :end]).all()
        assert (part.leaps == whole.leaps[:, :end]).all()


def test_refused_or_noted_the_price_is_named_by_code_and_day() -> None:
    moves = moves_of(stepped(1_000.0, 10_000.0))
    wanted = "Close of '000010' on 2024-01-10 is 10 times the close before, beyond the 30% that"
    with pytest.raises(RollsightError, match=wanted):
        refuse_moves(moves, Path("prices.csv"))
    refuse_moves(moves_of([1_000.0] * N), Path("prices.csv"))
    (note,) = move_notes(moves, BOOKS["krx"], "krx")
    assert note.startswith(
        "1 price of 1 stock went further from the close before than the krx book's daily band "
        "allows: '000010' on 2024-01-10 (x10)"
    )
    (note,) = move_notes(moves, BOOKS["us"], "us")
    assert "than 50 % up or 40 % down, which stand in for a daily band" in note
    assert "a slip, or news, and no label spans it" in note
