"""A run's account of prices that cannot be right, from the folder to the tables."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.impossible import impossible_days, impossible_facts
from rollsight.backtests.account.portfolio import universe_returns
from rollsight.backtests.audit.causality import future_edit
from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import trade_labels
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import LabelSpec, MarketSpec
from tests.support.audits import own_index_market, spec_of, subject_of
from tests.support.markets import Recipe, codes, no_moves, sessions, write_market
from tests.support.panels import panel

CODE = codes(3)[1]
STEP = 30  # session from which the second stock's prices are ten times what they were


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market in which a consolidation of 10:1 was not adjusted."""
    folder = write_market(tmp_path_factory.mktemp("market"), Recipe())
    prices = pd.read_parquet(folder / "prices.parquet")
    later = (prices["Code"] == CODE) & (prices["Date"] >= sessions(60)[STEP])
    prices.loc[later, ["Open", "High", "Low", "Close"]] *= 10
    prices.to_parquet(folder / "prices.parquet", index=False)
    return folder


def read(folder: Path, **changes: str) -> Market:
    return read_market(MarketSpec.model_validate({"folder": str(folder), "book": "krx", **changes}))


def test_a_step_in_a_folder_is_named_and_spanned_by_no_label(folder: Path) -> None:
    market = read(folder)
    day = str(sessions(60)[STEP])
    assert [(m.code, str(m.day), m.kind) for m in market.moves.found] == [(CODE, day, "step")]
    (note,) = [note for note in market.notes if "close before" in note]
    assert f"the krx book's daily band allows: {CODE!r} on {day} (x" in note
    labels = trade_labels(market, LabelSpec(horizon=3))
    # Decided at t, the trade enters at t + 1 and leaves at t + 4.
    assert np.flatnonzero(labels.label[1, :56] < 0).tolist() == [26, 27, 28, 29]
    assert np.nanmax(labels.label_return) < 1
    facts = impossible_facts(market, labels)
    assert {k: facts[k] for k in ("prices", "stocks", "labels")} == {
        "prices": 1, "stocks": 1, "labels": 4,
    }  # fmt: skip
    assert facts["years"] == [{"year": 2024, "step": 1}]
    assert facts["named"][0]["allowed"] == 0.30


def test_a_folder_with_a_step_can_be_refused(folder: Path) -> None:
    with pytest.raises(RollsightError, match=f"prices.parquet: .* of {CODE!r} on 2024-02-15 is"):
        read(folder, impossible="refuse")


def test_trades_that_enter_hold_or_leave_in_the_session_met_the_price() -> None:
    market = panel([[1_000.0] * 12])
    broken = np.zeros((1, 12), dtype=bool)
    broken[0, [6, 7]] = True
    market = replace(market, moves=replace(no_moves((1, 12)), broken=broken))
    days = market.sessions.astype("datetime64[ms]")
    spans = [(1, 5), (4, 6), (6, 9), (7, 9), (8, 9), (2, 11)]
    trades = pd.DataFrame(
        {
            "code": codes(1)[0],
            "entry_at": days[[first for first, _ in spans]],
            "exit_at": days[[last for _, last in spans]],
        }
    )
    met = impossible_days(market, trades)
    at = [None if pd.isna(day) else int(np.searchsorted(days, day.to_datetime64())) for day in met]
    assert at == [None, 6, 6, 7, None, 6]
    assert impossible_days(market, trades[:0]).empty


def test_the_equal_weight_portfolio_leaves_out_a_close_that_cannot_be_right() -> None:
    closes = [[100.0, 100, 1_000, 1_000], [100.0, 100, 110, 110]]
    market = panel(closes, closes)
    leaps = np.zeros((2, 4), dtype=bool)
    leaps[0, 2] = True
    market = replace(market, moves=replace(no_moves((2, 4)), leaps=leaps))
    returns = universe_returns(market, market.has_bar, first=0)
    assert returns.tolist() == pytest.approx([0.0, 0.0, 0.10, 0.0])


def test_an_edit_that_leaps_is_nothing_against_a_run_that_refuses(tmp_path: Path) -> None:
    folder = own_index_market(tmp_path / "market", n_stocks=3, n_days=260)
    subject = subject_of(spec_of(folder, "market.impossible=refuse", "universe.exclude=[]"))
    # Later prices are scaled by a tenth and more a session: some of 30 % and over.
    assert [fault for seed in range(2) for fault in future_edit(subject, seed)] == []
