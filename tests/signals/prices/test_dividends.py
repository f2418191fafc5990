"""Dividends of a folder's column: in labels by ex-date, left out, or refused in one line."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.directory.manifest import data_digest
from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import trade_labels
from rollsight.signals.prices.dividends import dividend_notes, owed, received
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import LabelSpec, MarketSpec
from tests.support.markets import sessions, write_table
from tests.support.panels import panel

DAYS = sessions(8)
LIVING = np.ones((1, 5), dtype=bool)


def folder(
    out: Path, paid: dict[int, object] | None, *, column: str = "Dividend", suffix: str = "csv"
) -> str:
    """Write one stock that costs 100 throughout, and its dividends by session."""
    table = pd.DataFrame({"Date": DAYS, "Code": "000010", "Close": 100.0})
    if paid is not None:
        table[column] = pd.Series(paid, dtype="object").reindex(range(len(DAYS)))
    out.mkdir(exist_ok=True)
    write_table(table, out / f"prices.{suffix}")
    write_table(pd.DataFrame({"Date": DAYS, "KS11": 2000.0}), out / f"indices.{suffix}")
    return str(out)


def paying(paid: list[float], opens: list[float] | None = None) -> Market:
    market = panel([opens or [100.0] * len(paid)])
    return replace(market, dividend=np.array([paid]))


def test_whoever_holds_it_at_the_close_before_the_ex_date_is_paid() -> None:
    # Decided on day 0, bought on day 1 (too late for its 3), sold on day 3 (in time for its 7).
    market = paying([0, 3, 5, 7, 0, 0], [100.0, 100, 100, 103, 100, 100])
    labels = trade_labels(market, LabelSpec(horizon=2))
    assert labels.dividends is not None
    assert labels.label_return[0, 0] == (103 + (5 + 7)) / 100 - 1
    assert labels.dividends[0, :3].tolist() == [0.12, 0.07, 0.0]
    assert np.isnan(labels.dividends[0, 4:]).all(), "no label, no dividend"


def test_an_exit_that_a_halt_delays_has_the_dividends_until_then() -> None:
    market = paying([0, 0, 0, 0, 4, 0], [100.0] * 6)
    sellable = np.array([[True, True, True, False, False, True]])
    labels = trade_labels(replace(market, sellable=sellable), LabelSpec(horizon=2))
    assert labels.label_return[0, 0] == (100 + 4) / 100 - 1
    assert labels.settled_at[0, 0] == 5


def test_what_is_received_does_not_hang_on_where_the_data_begin() -> None:
    # 0.1 + 0.2 and a running sum from 0.3 on are not the same double.
    paid = np.array([0.3, 0.0, 0.1, 0.2, 0.0])
    whole = received(paid, np.array([1]), np.array([4]))
    assert whole.tolist() == received(paid[1:], np.array([0]), np.array([3])).tolist()
    assert whole.tolist() == [0.1 + 0.2]


def test_a_dividend_without_a_price_is_owed_until_the_next_one() -> None:
    priced = np.array([[True, False, False, True, True]])
    assert owed(np.array([[0.0, 2, 3, 1, 0]]), priced).tolist() == [[0, 0, 0, 6, 0]]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_empty_cell_is_no_dividend(tmp_path: Path, suffix: str) -> None:
    market = read_market(
        MarketSpec(calendar="XKRX", folder=folder(tmp_path, {2: 1.5}, suffix=suffix))
    )
    assert market.dividend is not None
    assert market.dividend.tolist() == [[0, 0, 1.5, 0, 0, 0, 0, 0]]


def test_an_empty_column_is_a_folder_without_dividends_yet(tmp_path: Path) -> None:
    market = read_market(MarketSpec(calendar="XKRX", folder=folder(tmp_path, {})))
    assert market.dividend is not None
    assert not market.dividend.any()


def test_a_folder_without_the_column_has_the_digest_that_it_had(tmp_path: Path) -> None:
    without = read_market(MarketSpec(calendar="XKRX", folder=folder(tmp_path / "a", None)))
    left_out = read_market(
        MarketSpec(calendar="XKRX", folder=folder(tmp_path / "b", {2: 1.5}), dividends="without")
    )
    assert without.dividend is left_out.dividend is None
    assert data_digest(without) == data_digest(left_out)
    held = replace(without, dividend=np.zeros(without.close.shape))
    assert data_digest(held) != data_digest(without)


def test_dividends_that_the_folder_lacks_are_refused_with_the_way_out(tmp_path: Path) -> None:
    spec = MarketSpec(calendar="XKRX", folder=folder(tmp_path, None), dividends="with")
    with pytest.raises(RollsightError, match=r"'with': .*prices\.csv has no column 'Dividend'"):
        read_market(spec)


@pytest.mark.parametrize(
    ("paid", "said"),
    [
        ({3: -1.0}, "Dividend=-1 of code '000010' on 2024-01-05 must be cash a share, 0 or more"),
        ({3: "inf"}, "Dividend=inf of code '000010' on 2024-01-05 must be cash a share"),
        ({3: "three"}, "Dividend='three' is not a number"),
        ({3: 100.0}, "Dividend=100 of code '000010' on 2024-01-05 is not below the close before"),
    ],
)
def test_a_dividend_that_cannot_be_is_named(
    tmp_path: Path, paid: dict[int, object], said: str
) -> None:
    with pytest.raises(RollsightError, match=said) as caught:
        read_market(MarketSpec(calendar="XKRX", folder=folder(tmp_path, paid)))
    assert "\n" not in str(caught.value)


def test_the_plural_and_the_korean_name_are_told_to_be_renamed(tmp_path: Path) -> None:
    for name in ("Dividends", "배당금"):
        with pytest.raises(RollsightError, match=f"did you mean '{name}'[?] rename it"):
            read_market(MarketSpec(calendar="XKRX", folder=folder(tmp_path, {2: 1.0}, column=name)))


def test_the_note_says_whether_prices_look_adjusted_already() -> None:
    opens, close = np.array([[100.0, 97, 97, 94]]), np.array([[100.0, 97, 97, 94]])
    paid = np.array([[0.0, 4, 0, 4]])
    (said,) = dividend_notes(paid, opens, close, MarketSpec(), 0.154)
    assert said.startswith("Returns and labels hold 2 dividends of 1 stock; in net figures 15.4%")
    assert "on ex-dates opens fall by 75% of the dividend" in said
    assert dividend_notes(None, opens, close, MarketSpec(), 0.0) == []
    assert len(dividend_notes(None, opens, close, MarketSpec(dividends="without"), 0.0)) == 1
    assert "has none" in dividend_notes(0 * paid, opens, close, MarketSpec(), 0.0)[0]
