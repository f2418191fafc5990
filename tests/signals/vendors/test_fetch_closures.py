"""A fetch writes which sessions of the calendar were none, and an update keeps them."""

import shutil
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rollsight.signals.known.corrections import NO_CORRECTIONS, Corrections
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import MarketSpec
from rollsight.signals.vendors.closures import closures
from rollsight.signals.vendors.fetch import Fetched, fetch, update
from rollsight.signals.vendors.plan import Request
from tests.support.vendors.wire import QUICK, Vendors, replayed, small_vendors

EARLY, LATE = "2023-06-07", "2023-12-13"  # sessions of the calendar
START, MIDDLE, END = date(2023, 1, 2), date(2023, 11, 30), date(2023, 12, 28)


@pytest.fixture(scope="module")
def vendors() -> Iterator[Vendors]:
    """Vendors without anything of Korea on two sessions of the calendar."""
    found = small_vendors(2)
    for name in ("KS11", "000010", "000020", "900010"):
        bars = found.bars[name]
        found.bars[name] = bars[~bars.index.isin(pd.DatetimeIndex([EARLY, LATE]))]
    with replayed(found):
        yield found


@pytest.fixture(scope="module")
def middle(vendors: Vendors, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fetched") / "krx"
    fetched(out, MIDDLE)
    return out


def fetched(out: Path, end: date) -> Fetched:
    asked = Request(out, date(2024, 1, 11), start=START, end=end, top=2, indices=("KS11", "US1MT"))
    return fetch(asked, QUICK)


def settings(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "market.toml").read_text("utf-8"))


def test_a_session_without_any_price_of_the_exchange_is_written_as_closed(middle: Path) -> None:
    found = settings(middle)
    assert found["closed"] == [date(2023, 6, 7)]
    assert "open" not in found
    assert [n for n in found["notes"] if EARLY in n] == [
        "Sessions of the calendar without a row of any stock and a value of any index of the "
        f"exchange are taken for closed: {EARLY}."
    ]
    market = read_market(MarketSpec(folder=str(middle)))
    assert EARLY not in market.sessions.astype(str)
    assert not any("without a row of any stock:" in note for note in market.notes)


def test_an_update_extends_the_closed_days_as_a_fetch_of_the_whole(
    middle: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(middle, tmp_path / "krx")
    update(out, END, QUICK)
    assert settings(out)["closed"] == [date(2023, 6, 7), date(2023, 12, 13)]
    fetched(tmp_path / "whole", END)
    for name in ("market.toml", "prices.parquet", "indices.parquet"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_an_update_keeps_what_the_user_wrote_and_drops_rows_that_contradict_it(
    vendors: Vendors, middle: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(middle, tmp_path / "krx")
    text = (out / "market.toml").read_text("utf-8")
    text = text.replace(
        f"closed = [{EARLY}]", f"closed = [{EARLY}, 2023-12-20]\nopen = [2023-12-02]"
    )
    (out / "market.toml").write_text(text, "utf-8")
    saturday = vendors.bars["000010"].loc[["2023-12-01"]].set_axis([pd.Timestamp("2023-12-02")])
    before = vendors.bars["000010"]
    vendors.bars["000010"] = pd.concat([before, saturday]).sort_index()
    update(out, END, QUICK)
    vendors.bars["000010"] = before
    found = settings(out)
    assert found["open"] == [date(2023, 12, 2)]
    assert found["closed"] == [date(2023, 6, 7), date(2023, 12, 13), date(2023, 12, 20)]
    rows = pd.read_parquet(out / "prices.parquet").groupby("Code")["Date"].agg(list)
    assert pd.Timestamp("2023-12-02") in rows["000010"]
    assert all(pd.Timestamp("2023-12-20") not in days for days in rows)
    sessions = read_market(MarketSpec(folder=str(out))).sessions.astype(str)
    assert ("2023-12-02" in sessions, "2023-12-20" in sessions) == (True, False)


def days(*dates: str) -> pd.DataFrame:
    return pd.DataFrame({"Date": pd.to_datetime(list(dates))})


def test_only_what_both_stocks_and_an_index_show_is_closed() -> None:
    # Sessions of 2 to 8 January 2024: 2, 3, 4, 5, 8.
    some = {"A": days("2024-01-02", "2024-01-05"), "B": days("2024-01-02", "2024-01-08")}
    own = {"KS11": days("2024-01-02", "2024-01-03", "2024-01-08")}
    assert closures(some, own, "XKRX", NO_CORRECTIONS) == (date(2024, 1, 4),)
    # New York's values say nothing of Seoul; neither do stocks alone, nor what lies beyond either.
    abroad = {"GSPC": days("2024-01-02", "2024-01-03", "2024-01-08")}
    assert closures(some, abroad, "XKRX", NO_CORRECTIONS) == ()
    early = {"KS11": days("2024-01-02", "2024-01-03")}
    assert closures(some, early, "XKRX", NO_CORRECTIONS) == ()
    known = Corrections(closed=(date(2024, 1, 3),))
    assert closures(some, abroad, "XKRX", known) == known.closed
    assert closures(some, own, "XKRX", known) == (date(2024, 1, 3), date(2024, 1, 4))
