"""A teacher's file: what it may hold, where it is laid, and how it is refused in one line."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tablefiles import read_table
from rollsight.signals.prices.market import Market
from rollsight.signals.teacher.softlabels import laid_out, require_met
from rollsight.signals.teacher.table import checked
from tests.support.markets import market_of
from tests.support.simulated.teachers import table_of

STOCKS, DAYS = 3, 10
PATH = Path("soft.parquet")
Edit = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def market() -> Market:
    return market_of(np.full((STOCKS, DAYS), 100.0))


@pytest.fixture
def table(market: Market) -> pd.DataFrame:
    return table_of(market, np.random.default_rng(0).dirichlet(np.ones(3), (STOCKS, DAYS)))


def set_at(row: int, column: str, value: object) -> Edit:
    def edited(table: pd.DataFrame) -> pd.DataFrame:
        table = table.copy()
        table.loc[row, column] = value
        return table

    return edited


REFUSALS: dict[str, tuple[Edit, str]] = {
    "a missing column": (
        lambda t: t.drop(columns="known_at"),
        r"soft\.parquet has no column 'known_at'",
    ),
    "another name": (
        lambda t: t.rename(columns={"p_down": "Pdown"}),
        r"has no column 'p_down'; did you mean 'Pdown'\? rename it",
    ),
    "a hole": (
        set_at(4, "p_hold", np.nan),
        r"row 4 has no p_hold \(the first is row 0\): fill it, or leave the row out",
    ),
    "no date of knowledge": (set_at(5, "known_at", pd.NaT), r"row 5 has no known_at"),
    "a time of day": (
        set_at(5, "known_at", pd.Timestamp("2024-01-09 15:00")),
        r"known_at=2024-01-09 15:00:00 has a time of day",
    ),
    "codes as numbers": (
        lambda t: t.assign(code=t["code"].astype(int)),
        r"code '10' is not text: write codes as strings",
    ),
    "a negative probability": (
        set_at(2, "p_up", -0.1),
        r"p_up=-0\.1 in row 2 is no probability: give numbers from 0 to 1",
    ),
    "a sum off one": (
        lambda t: t.assign(p_up=t["p_up"].where(t.index != 7, t["p_up"] / 2)),
        r"the probabilities of row 7 sum to 0\.\d+, and must to 1 within 0\.001: divide each row",
    ),
    "text for a number": (
        lambda t: t.assign(p_up="much"),
        r"p_up='much' is not a number",
    ),
    "a row twice": (
        lambda t: pd.concat([t, t[3:4]]),
        r"000010 on 2024-01-05 \(row 30\) is there twice: keep one row of it",
    ),
    "nothing in time": (
        lambda t: t.assign(known_at=t["decided_at"] + pd.Timedelta(days=1)),
        r"no row was known by its decision \(row 0 decides on 2024-01-02 and has known_at=2024-01-",
    ),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_what_cannot_be_right_is_refused_in_one_line(table: pd.DataFrame, kind: str) -> None:
    edit, told = REFUSALS[kind]
    with pytest.raises(RollsightError, match=told) as refusal:
        checked(edit(table), PATH)
    assert "\n" not in str(refusal.value)


def test_a_decision_between_sessions_is_refused_by_its_date(
    market: Market, table: pd.DataFrame
) -> None:
    saturday = pd.Timestamp("2024-01-06")
    table = table.assign(decided_at=table["decided_at"].where(table.index != 3, saturday))
    table = table.assign(known_at=table["decided_at"])
    with pytest.raises(
        RollsightError, match=r"decided_at=2024-01-06 \(row 3\) is no session of XK"
    ):
        laid_out(checked(table, PATH), market, PATH)


def test_rows_lie_at_their_stocks_and_sessions_whatever_their_order(
    market: Market, table: pd.DataFrame
) -> None:
    values = table[["p_down", "p_hold", "p_up"]].to_numpy().reshape(STOCKS, DAYS, 3)
    mixed = table.sample(frac=1, random_state=0)
    found, said = laid_out(checked(mixed, PATH), market, PATH)
    assert found == pytest.approx(values, abs=1e-6)
    assert (said.rows, said.late, said.outside, said.unknown) == (STOCKS * DAYS, 0, 0, ())
    assert said.notes == ()


def test_a_row_known_a_session_late_is_not_used_and_counted(
    market: Market, table: pd.DataFrame
) -> None:
    late = table["known_at"] + pd.Timedelta(days=1)
    table = table.assign(known_at=late.where(table.index > 0, table["known_at"]))
    found, said = laid_out(checked(table, PATH), market, PATH)
    assert np.isfinite(found).sum() == 3
    assert said.late == STOCKS * DAYS - 1
    assert said.notes == (
        "29 of 30 rows of the teacher soft.parquet were known after their decision, and are not "
        "used",
    )


def test_codes_and_dates_that_the_market_has_not_are_named_and_refused_where_all_are(
    market: Market, table: pd.DataFrame
) -> None:
    more = table.assign(code=table["code"].replace("000010", "999999"))
    _, said = laid_out(checked(more, PATH), market, PATH)
    require_met(said)
    assert said.notes == (
        "1 of 3 codes of the teacher soft.parquet are not in the market (999999)",
    )
    strange = laid_out(checked(table.assign(code="x" + table["code"]), PATH), market, PATH)[1]
    with pytest.raises(RollsightError, match=r"none of its 3 codes is in the market \('x000010'"):
        require_met(strange)
    early = table.assign(decided_at=table["decided_at"] - pd.Timedelta(days=365))
    early = early.assign(known_at=early["decided_at"])
    with pytest.raises(RollsightError, match="none of its 30 rows is decided in a session that is"):
        require_met(laid_out(checked(early, PATH), market, PATH)[1])


def test_a_csv_file_keeps_the_zeros_of_its_codes(table: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "soft.csv"
    table.to_csv(path, index=False)
    read = checked(read_table(path, text=("code",)), path)
    pd.testing.assert_frame_equal(read, checked(table, path), check_dtype=False)
