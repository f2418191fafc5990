"""Days on which the exchange was closed or open against its calendar, and its late closes."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import trade_labels
from rollsight.signals.known.calendar import exchange_calendar
from rollsight.signals.known.corrections import Corrections
from rollsight.signals.known.ledger import as_of, known_at
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import LabelSpec, MarketSpec
from rollsight.strategies.costs import dated_costs
from rollsight.strategies.spec import CostSpec
from tests.support.markets import (
    Recipe,
    index_table,
    market_of,
    price_table,
    write_market,
    write_table,
)

RECIPE = Recipe(n_days=20)  # 2024-01-02 to 2024-01-29
CLOSED, SATURDAY = "2024-01-10", "2024-01-13"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder without a row or a value on a day that the calendar has as a session."""
    folder = write_market(tmp_path / "market", RECIPE)
    for name, table in (("prices", price_table(RECIPE)), ("indices", index_table(RECIPE))):
        columns = {} if name == "prices" else {"KS11": table["KS11"].mask(table["Date"] == CLOSED)}
        kept = table[table["Date"] != CLOSED] if name == "prices" else table.assign(**columns)
        write_table(kept, folder / f"{name}.parquet")
    return folder


def says(folder: Path, text: str) -> None:
    """Add a line to the folder's market.toml."""
    with (folder / "market.toml").open("a", encoding="utf-8") as file:
        file.write(text + "\n")


def read(folder: Path) -> Market:
    return read_market(MarketSpec(folder=str(folder)))


def refusal(folder: Path) -> str:
    with pytest.raises(RollsightError) as caught:
        read(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def on_saturday(folder: Path) -> None:
    """Add a row of the first stock, and a value of KS11, on a Saturday."""
    path = folder / "prices.parquet"
    table = pd.read_parquet(path)
    row = table[table["Date"] == "2024-01-12"].assign(Date=pd.Timestamp(SATURDAY))
    write_table(pd.concat([table, row]).sort_values(["Code", "Date"]), path)
    path = folder / "indices.parquet"
    row = pd.DataFrame({"Date": [pd.Timestamp(SATURDAY)], "KS11": [2345.0]})
    write_table(pd.concat([pd.read_parquet(path), row]).sort_values("Date"), path)


def test_the_note_on_an_empty_session_names_the_line_that_closes_it(folder: Path) -> None:
    note = read(folder).notes[-1]
    assert note.startswith("1 session of the exchange's calendar without a row of any stock")
    assert note.endswith(f"if the exchange was closed, write closed = [{CLOSED}] in market.toml")


def test_an_empty_session_with_a_value_of_the_exchanges_index_was_none_that_was_closed(
    folder: Path,
) -> None:
    write_table(index_table(RECIPE), folder / "indices.parquet")
    assert read(folder).notes[-1].endswith(f"{CLOSED}; nothing is decided or filled then")


def test_a_closed_day_is_no_session_and_no_horizon_counts_it(folder: Path) -> None:
    before = read(folder)
    says(folder, f"closed = [{CLOSED}]")
    market = read(folder)
    assert market.notes == ()
    assert list(market.sessions) == [d for d in before.sessions if str(d) != CLOSED]
    assert len(market.closes) == 19
    # Decided on the 9th: bought at the open of the 11th, sold at that of the 15th, two later.
    at = list(market.sessions.astype(str)).index("2024-01-09")
    labels = trade_labels(market, LabelSpec(horizon=2))
    bought, sold = market.open[0, at + 1], market.open[0, at + 3]
    assert market.sessions[[at + 1, at + 3]].astype(str).tolist() == ["2024-01-11", "2024-01-15"]
    assert labels.label_return[0, at] == pytest.approx(sold / bought - 1)
    # Before, the buy of the 10th could not fill.
    assert np.isnan(trade_labels(before, LabelSpec(horizon=2)).label_return[0, at])


def test_an_open_day_is_a_session_with_the_usual_close_of_its_time(folder: Path) -> None:
    on_saturday(folder)
    assert f"no session of XKRX: {SATURDAY};" in refusal(folder)
    assert refusal(folder).endswith(
        f"or, if the exchange was open, write open = [{SATURDAY}] in market.toml"
    )
    says(folder, f"open = [{SATURDAY}]")
    market = read(folder)
    at = list(market.sessions.astype(str)).index(SATURDAY)
    assert market.has_bar[:, at].all()
    assert str(market.closes[at]) == "2024-01-13T06:30:00.000000000"  # 15:30 in Seoul
    # The exchange's own index of that day is known at that close, as on any session.
    ledger = as_of(market.indices, market.publications, market.closes)
    own = list(ledger.symbols).index("KS11")
    assert (ledger.value[at, own], ledger.age[at, own]) == (2345.0, 0)


@pytest.mark.parametrize(
    ("name", "day", "close"),
    [
        ("XKRX", "2016-07-30", "2016-07-30T06:00"),  # until the end of July 2016 at 15:00
        ("XKRX", "2016-11-19", "2016-11-19T06:30"),  # two days after a close at 16:30
        ("XNYS", "2024-07-06", "2024-07-06T20:00"),  # 16:00; the Friday week before closed at 13:00
        ("XNYS", "2024-11-30", "2024-11-30T21:00"),  # the day before closed at 13:00; winter
        ("XNYS", "2024-03-09", "2024-03-09T21:00"),  # summer time began on the 10th
    ],
)
def test_an_added_session_closes_when_those_around_it_do(name: str, day: str, close: str) -> None:
    at = np.datetime64(day)
    opened = Corrections(opened=(date.fromisoformat(day),))
    found = exchange_calendar(name, at, at, opened)
    assert found.sessions.astype(str).tolist() == [day]
    assert found.closes.astype("datetime64[m]").astype(str).tolist() == [close]


def test_an_index_of_the_exchange_on_an_added_day_is_known_at_its_close() -> None:
    days = np.array(["2016-07-29", "2016-07-30"], dtype="datetime64[D]")
    own = replace(SYMBOLS["KS11"].publication, corrections=Corrections(opened=(date(2016, 7, 30),)))
    assert known_at(days, own).astype("datetime64[m]").astype(str).tolist() == [
        "2016-07-29T06:00", "2016-07-30T06:00"
    ]  # fmt: skip


def test_settlement_skips_a_closed_day_beyond_the_last_session() -> None:
    # A sale of 2020-12-28 settles two sessions later, on the 30th, the last of a year that taxes
    # 0.25 %; if the 29th is closed, in the next year, that taxes 0.23 %.
    market = market_of(np.full((1, 3), 1000.0), book="krx", first="2020-12-23")
    closed = replace(market, corrections=Corrections(closed=(date(2020, 12, 29),)))
    assert str(market.sessions[-1]) == "2020-12-28"
    assert dated_costs(CostSpec(), market).tax(0, 2) == 0.0025
    assert dated_costs(CostSpec(), closed).tax(0, 2) == 0.0023


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"closed = [{CLOSED}]\nopen = [{CLOSED}]", f"{CLOSED} stands in closed and in open"),
        ("closed = [2024-01-09]", "on days that are named as closed, 2024-01-09: delete"),
        ("open = [2024-01-09]", "open = [2024-01-09], and XKRX has a session on that day already"),
        ('closed = ["soon"]', "closed.0='soon'"),
        ("[indices.KS11]\ncalendar = 'XKRX'\nclosed = [2024-01-10]", "write it above the first"),
    ],
)
def test_what_contradicts_itself_is_refused_in_one_line(folder: Path, line: str, said: str) -> None:
    says(folder, line)
    assert said in refusal(folder)


def test_a_closed_day_that_the_calendar_knows_of_changes_nothing(folder: Path) -> None:
    says(folder, f"closed = [2024-01-01, {SATURDAY}, {CLOSED}]")
    assert len(read(folder).sessions) == 19


@pytest.mark.parametrize("year", range(2016, 2027))
def test_the_exchange_closes_an_hour_later_on_days_of_the_entrance_examination(year: int) -> None:
    # Always a Thursday in November but in 2020; in 2017 both the day first set and the day after
    # the earthquake.
    days = {2016: "11-17", 2017: "11-23", 2018: "11-15", 2019: "11-14", 2020: "12-03",
            2021: "11-18", 2022: "11-17", 2023: "11-16", 2024: "11-14", 2025: "11-13",
            2026: "11-19"}  # fmt: skip
    day = np.datetime64(f"{year}-{days[year]}")
    after = day + np.timedelta64(1, "D")
    found = exchange_calendar("XKRX", day, after)
    assert found.closes.astype("datetime64[m]").astype(str).tolist() == [
        f"{day}T07:30", f"{after}T06:30"
    ]  # fmt: skip


def test_a_decision_on_such_a_day_knows_its_own_index_and_not_vietcombank() -> None:
    day = np.array(["2024-11-14"], dtype="datetime64[D]")
    decided = exchange_calendar("XKRX", day[0], day[0]).closes[0]
    assert known_at(day, SYMBOLS["KS11"].publication)[0] == decided
    assert known_at(day, SYMBOLS["VCB"].publication)[0] > decided  # 16:45 in Seoul
