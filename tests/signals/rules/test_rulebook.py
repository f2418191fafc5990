"""The rule books: ticks and bands on both sides of every boundary, and which opens are locked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.signals.rules.rulebook import (
    BOOKS,
    Board,
    band_limits,
    locked_opens,
    locks,
    tick_sizes,
    values_on,
)

KRX = BOOKS["krx"].boards
KOSPI, KOSDAQ, KONEX = KRX["KOSPI"], KRX["KOSDAQ"], KRX["KONEX"]
NEW = "2024-01-02"  # thirty per cent, the ticks of 2023


def on(day: str, *values: float) -> tuple[np.ndarray, np.ndarray]:
    return np.full(len(values), np.datetime64(day, "D")), np.array(values, dtype=float)


def tick(board: Board, day: str, price: float) -> float:
    return float(tick_sizes(board, *on(day, price))[0])


def limits(board: Board, day: str, before: float) -> list[float]:
    return [float(limit[0]) for limit in band_limits(board, *on(day, before))]


def locked(board: Board, day: str, before: float, opened: float) -> str:
    days, opens = on(day, opened)
    upper, lower = locked_opens(board, days, opens, np.array([before]))
    return {(True, False): "upper", (False, True): "lower", (False, False): ""}[
        bool(upper[0]), bool(lower[0])
    ]


def test_every_schedule_begins_before_any_trade_and_ascends() -> None:
    for book in BOOKS.values():
        for board in book.boards.values():
            for dated in (board.sell_tax, board.band, board.ticks):
                starts = [np.datetime64(start) for start, _ in dated]
                assert all(start < np.datetime64("1950-01-01") for start in starts[:1])
                assert starts == sorted(set(starts))
            for _, ladder in board.ticks:
                levels = [level for level, _ in ladder]
                assert levels[0] == 0
                assert levels == sorted(set(levels))
            # A limit stands on the grid, so a band needs ticks.
            assert board.ticks or not board.band


# The tick of each level by board, from the day on and on the last session before the next.
LEVELS = (1, 999, 1_000, 4_999, 5_000, 9_999, 10_000, 49_999, 50_000, 99_999, 100_000, 499_999,
          500_000)  # fmt: skip
OLD_KOSDAQ = (10, 10, 10, 10, 10, 10, 50, 50, 100, 100, 500, 500, 1_000)
FIVE_WON = (5, 5, 5, 5, 10, 10, 50, 50, 100, 100)
ONE_WON = (1, 1, 5, 5, 10, 10, 50, 50, 100, 100)


@pytest.mark.parametrize(
    ("board", "first", "last", "steps"),
    [
        (KOSPI, "1999-01-04", "2010-10-01", (*FIVE_WON, 500, 500, 1_000)),
        (KOSPI, "2010-10-04", "2023-01-20", (*ONE_WON, 500, 500, 1_000)),
        (KOSDAQ, "1999-01-04", "2003-07-18", OLD_KOSDAQ),
        (KOSDAQ, "2003-07-21", "2010-10-01", (*FIVE_WON, 100, 100, 100)),
        (KOSDAQ, "2010-10-04", "2023-01-20", (*ONE_WON, 100, 100, 100)),
        (KONEX, "2013-07-01", "2023-01-20", (*ONE_WON, 100, 100, 100)),
    ],
)
def test_ticks_before_the_reform_of_2023(
    board: Board, first: str, last: str, steps: tuple[float, ...]
) -> None:
    for day in (first, last):
        assert tuple(tick(board, day, level) for level in LEVELS) == steps


def test_limits_below_a_thousand_won_lay_on_fives_until_october_2010() -> None:
    # 114.75 of 765, cut to five: 110; cut to one: 114.
    for board in (KOSPI, KOSDAQ):
        assert limits(board, "2010-10-01", 765) == [655, 875]
        assert limits(board, "2010-10-04", 765) == [651, 879]
        assert locked(board, "2010-10-01", 765, 875) == "upper"
        assert locked(board, "2010-10-04", 765, 875) == ""
    # On KOSDAQ, where the band was 12 %, they lay on tens until July 2003.
    assert limits(KOSDAQ, "2003-07-18", 830) == [740, 920]  # 99.6 is 90
    assert limits(KOSDAQ, "2003-07-21", 830) == [735, 925]  # 99.6 is 95


@pytest.mark.parametrize(
    ("level", "below", "tick_from"),
    [
        (2_000, 1, 5),
        (5_000, 5, 10),
        (20_000, 10, 50),
        (50_000, 50, 100),
        (200_000, 100, 500),
        (500_000, 500, 1_000),
    ],
)
@pytest.mark.parametrize("board", [KOSPI, KOSDAQ, KONEX])
@pytest.mark.parametrize("day", ["2023-01-25", "2026-05-29"])
def test_ticks_since_the_reform_are_those_of_every_board(
    day: str, board: Board, level: float, below: float, tick_from: float
) -> None:
    assert (tick(board, day, level - 1), tick(board, day, level)) == (below, tick_from)


def test_a_tick_of_the_us_is_a_cent_and_the_none_book_has_none() -> None:
    assert tick(BOOKS["us"].boards["US"], "2024-01-02", 512.3) == 0.01
    assert BOOKS["none"].boards["ANY"].ticks == ()


@pytest.mark.parametrize(
    ("board", "day", "band"),
    [
        (KOSPI, "1998-12-05", 0.12),  # Saturday
        (KOSPI, "1998-12-07", 0.15),  # Monday
        (KOSPI, "2005-03-25", 0.15),  # Friday
        (KOSPI, "2005-03-28", 0.15),  # Monday
        (KOSPI, "2015-06-12", 0.15),  # Friday
        (KOSPI, "2015-06-15", 0.30),  # Monday
        (KOSDAQ, "2005-03-25", 0.12),
        (KOSDAQ, "2005-03-28", 0.15),
        (KOSDAQ, "2015-06-12", 0.15),
        (KOSDAQ, "2015-06-15", 0.30),
        (KONEX, "2015-06-12", 0.15),
        (KONEX, "2015-06-15", 0.15),
    ],
)
def test_the_band_is_dated_by_trade_and_board(board: Board, day: str, band: float) -> None:
    assert values_on(board.band, on(day, 0)[0]).tolist() == [band]
    # 10,000 lies on every grid, and so do its limits.
    assert limits(board, day, 10_000) == [10_000 - 10_000 * band, 10_000 + 10_000 * band]
    assert locked(board, day, 10_000, 10_000 * (1 + band)) == "upper"
    assert locked(board, day, 10_000, 10_000 * (1 - band)) == "lower"


@pytest.mark.parametrize(
    ("board", "day", "before", "low", "high"),
    [
        # 2,997 of 9,990, cut to ten won: 2,990. 7,000 and 12,980, the latter cut to fifty.
        (KOSPI, "2023-01-20", 9_990, 7_000, 12_950),
        # Since the reform the tick of 12,980 is ten.
        (KOSPI, "2023-01-25", 9_990, 7_000, 12_980),
        # 1,498.5 of 9,990, cut to 1,490: 8,500 and 11,480, cut to fifty.
        (KOSPI, "2015-06-12", 9_990, 8_500, 11_450),
        # 30,300 of 101,000, cut to five hundred: 30,000. 71,000 and 131,000.
        (KOSPI, "2020-01-02", 101_000, 71_000, 131_000),
        # On KOSDAQ the tick was a hundred: 30,300. 70,700 and 131,300.
        (KOSDAQ, "2020-01-02", 101_000, 70_700, 131_300),
        # 303.3 of 1,011, cut to one won: 303.
        (KOSPI, "2024-01-02", 1_011, 708, 1_314),
        # 0.9 of 3 is nothing: the band is a tick wide at least.
        (KOSPI, "2024-01-02", 3, 2, 4),
    ],
)
def test_a_limit_is_cut_to_the_tick_of_the_close_and_then_to_its_own(
    board: Board, day: str, before: float, low: float, high: float
) -> None:
    assert limits(board, day, before) == [low, high]


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        (13_000, "upper"),
        (12_990, ""),  # a tick below can still be bought
        (13_010, "upper"),  # no more than a tick above
        (13_020, ""),  # beyond the band: counted from another price than the close
        (7_000, "lower"),
        (7_010, ""),
        (6_990, "lower"),
        (6_980, ""),
        (10_000, ""),
    ],
)
def test_an_open_at_the_limit_is_locked_and_one_beyond_it_has_no_band(
    opened: float, expected: str
) -> None:
    assert locked(KOSPI, NEW, 10_000, opened) == expected


def test_the_rounding_of_float32_unlocks_nothing() -> None:
    just_below = float(np.nextafter(np.float32(1_604_000), np.float32(0)))
    assert limits(KOSPI, NEW, 1_234_000) == [864_000, 1_604_000]
    assert locked(KOSPI, NEW, 1_234_000, just_below) == "upper"


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        (12_999.5, "upper"),
        # Prices off the grid are adjusted: 13,003.9 is the band, and 80.024 the 0.8 % around it.
        (12_924.0, "upper"),
        (12_923.0, ""),
        (13_083.0, "upper"),
        (13_084.0, ""),
        (7_003.0, "lower"),
        (7_082.0, "lower"),  # 7,002.1 and 80.024
        (7_083.0, ""),
        (6_923.0, "lower"),
        (6_922.0, ""),
    ],
)
def test_adjusted_prices_are_locked_within_a_small_share_of_the_band(
    opened: float, expected: str
) -> None:
    # 3,000.9 of 10,003, cut to ten: 3,000. The limits are 7,003, up to the grid 7,010, and 13,000.
    assert limits(KOSPI, NEW, 10_003.0) == [7_010, 13_000]
    assert locked(KOSPI, NEW, 10_003.0, opened) == expected


def test_a_split_unlocks_nothing() -> None:
    # 15,690 of 52,300, cut to a hundred: 15,600, and so 67,900.
    assert limits(KOSPI, "2020-01-02", 52_300) == [36_700, 67_900]
    # A fifth of 67,900 is 13,580, where a fifth of the close alone would give 13,550.
    assert limits(KOSPI, "2020-01-02", 10_460)[1] == 13_550
    assert locked(KOSPI, "2020-01-02", 10_460, 13_580) == "upper"
    assert locked(KOSPI, "2020-01-02", 10_460, 7_340) == "lower"


def market_locks(book: str, opens: np.ndarray, closes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    boards = (next(iter(BOOKS[book].boards)),) * len(opens)
    days = np.datetime64(NEW) + np.arange(opens.shape[1])
    return locks(BOOKS[book], boards, days, opens, closes)


def test_the_band_is_counted_from_the_last_close_before_the_session() -> None:
    nan = np.nan
    opens = np.array([[13_000.0, 13_000, nan, 16_900, 13_000]])
    closes = np.array([[10_000.0, 13_000, nan, 10_000, 13_000]])
    upper, lower = market_locks("krx", opens, closes)
    # Nothing before the first; from 10,000; no row; from 13,000 over the missing row; from 10,000.
    assert upper.tolist() == [[False, True, False, True, True]]
    assert not lower.any()


@pytest.mark.parametrize("book", ["us", "none"])
def test_a_book_without_a_band_locks_nothing(book: str) -> None:
    opens = np.array([[100.0, 130, 91, 70, 49]])
    upper, lower = market_locks(book, opens, opens)
    assert not upper.any()
    assert not lower.any()


@given(st.integers(0, 2**32 - 1))
def test_nothing_but_the_open_is_seen_of_a_session(seed: int) -> None:
    rng = np.random.default_rng(seed)
    opens, closes = 100.0 * rng.integers(70, 131, (2, 2, 12))
    day = int(rng.integers(12))
    before = market_locks("krx", opens, closes)
    closes[:, day:] = 100.0 * rng.integers(70, 131, (2, 12 - day))
    opens[:, day + 1 :] = 100.0 * rng.integers(70, 131, (2, 11 - day))
    after = market_locks("krx", opens, closes)
    for old, new in zip(before, after, strict=True):
        assert old[:, : day + 1].tolist() == new[:, : day + 1].tolist()
