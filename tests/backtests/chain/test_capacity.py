"""The capacity of a run's orders: nothing later is looked at, and live accounts have the same."""

from copy import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.backtest import Traded
from rollsight.backtests.chain.prepared import prepare_market
from rollsight.backtests.chain.signals import DECIDED, trade_signals
from rollsight.backtests.directory.result import read_table
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.decisions.account import account_facts, placed, standing_at
from rollsight.live.runs.liverun import LiveRun
from rollsight.signals.folder.reading import Folder, read_folder
from rollsight.signals.prices.edits import another_future
from rollsight.signals.prices.market import align
from rollsight.strategies.capacity import THIN
from tests.support.audits import TINY
from tests.support.live.runs import FIRST_TEST
from tests.support.markets import Recipe, write_market

CAPPED = ["strategy.capacity=0.005", "strategy.max_positions=3", "universe.exclude=[]"]


def spec_of(folder: Path, *changes: str) -> RunSpec:
    return read_spec("krx", [*TINY, *CAPPED, *changes], str(folder))


def account(spec: RunSpec, folder: Folder) -> Traded:
    """Trade a third of all rows of the test spans at random."""
    ready = prepare_market(spec, align(folder, spec.market))
    first, codes = ready.windows[0].test.start, np.array(ready.market.codes)
    stock, day = np.nonzero(ready.samples.usable)
    stock, day = stock[day >= first], day[day >= first]
    score = np.random.default_rng(0).random((len(codes), 400))[stock, day]
    table = pd.DataFrame({"stock": stock, "day": day, "window": 0, "score": score})
    label = pd.array([pd.NA] * len(table), dtype="Int8")
    at = ready.market.sessions[day].astype("datetime64[ms]")
    table = table.assign(buy=score > 0.7, label=label, label_return=np.nan, decided_at=at)
    return trade_signals(ready, spec, table)


@pytest.mark.parametrize("changes", [(), ("universe.top=4",)], ids=["all", "ranked by value"])
def test_what_is_traded_later_cuts_no_order_of_before(
    tmp_path: Path, changes: tuple[str, ...]
) -> None:
    path = write_market(tmp_path / "market", Recipe(n_stocks=4, n_days=260))
    spec, folder = spec_of(path, "market.indices=['KS11']", *changes), read_folder(str(path))
    market, whole = align(folder, spec.market), account(spec, folder)
    cut = whole.orders[whole.orders["shares"] < whole.orders["wanted"]]
    assert len(cut) > 10
    rng = np.random.default_rng(1)
    for day in (200, 220, 240):
        other = account(spec, another_future(folder, market, day, rng)).orders
        until = [
            one.loc[one["submitted_at"] <= pd.Timestamp(market.sessions[day]),
                    ["code", "submitted_at", "side", "shares", "wanted"]].reset_index(drop=True)
            for one in (whole.orders, other)
        ]  # fmt: skip
        pd.testing.assert_frame_equal(*until)
        assert not other["shares"].equals(whole.orders["shares"])  # later ones are others


def test_a_live_account_is_cut_as_the_backtest_is(live_run: LiveRun) -> None:
    decider = copy(live_run.decider)
    strategy = decider.spec.strategy.model_copy(update={"capacity": 2e-4})
    decider.spec = decider.spec.model_copy(update={"strategy": strategy})
    decided = read_table(decider.out, "signals")[list(DECIDED)]
    done = trade_signals(decider.ready, decider.spec, _labelled(placed(decider, decided)))
    assert (done.action == THIN).any() or (done.orders["shares"] < done.orders["wanted"]).any()
    planned = 0
    for day in range(FIRST_TEST, FIRST_TEST + 60):
        now = standing_at(decider, decided, FIRST_TEST, day)
        at = pd.Timestamp(decider.ready.market.sessions[day])
        own = done.orders[done.orders["submitted_at"].eq(at) & done.orders["shares"].gt(0)]
        asked = now.orders[now.orders["submitted_at"].eq(at) & now.orders["shares"].gt(0)]
        assert asked["shares"].tolist() == own["shares"].tolist()
        assert "wanted" not in str(account_facts(decider, now, day))
        planned += len(own)
    assert planned > 10


def _labelled(table: pd.DataFrame) -> pd.DataFrame:
    label = pd.array([pd.NA] * len(table), dtype="Int8")
    return table.assign(window=0, label=label, label_return=np.nan, decided_at=pd.Timestamp(0))
