"""The account at a close is the backtest's up to there, and asks for what it asks for next."""

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.directory.result import read_table
from rollsight.base.errors import RollsightError
from rollsight.decisions.account import RunDecisions, account_facts, placed, standing_at
from rollsight.decisions.beside import OPINION, Opinions
from rollsight.decisions.decision import decision_at
from rollsight.decisions.maps import heatmap
from rollsight.live.runs.liverun import LiveRun
from rollsight.training.explaining.attribution import explain
from rollsight.training.fitting.rows import Rows
from tests.support.live.runs import FIRST_TEST

LAST = 259


def table(live_run: LiveRun, name: str) -> pd.DataFrame:
    return read_table(live_run.decider.out, name)


@pytest.mark.parametrize("day", [FIRST_TEST, FIRST_TEST + 1, 181, 191, 230, LAST])
def test_equity_and_orders_at_a_close_are_those_of_the_run(live_run: LiveRun, day: int) -> None:
    equity, orders = table(live_run, "equity"), table(live_run, "orders")
    account = RunDecisions(live_run.decider).account(day)
    n, at = day - FIRST_TEST + 1, pd.Timestamp(live_run.decider.ready.market.sessions[day])
    assert account.equity.tolist() == equity["equity"].tolist()[:n]
    assert account.cash.tolist() == equity["cash"].tolist()[:n]
    # Orders that had ended by then ended as they did in the run.
    over = orders[orders["filled_at"] <= at].reset_index(drop=True)
    now = account.orders[account.orders["filled_at"].notna()].reset_index(drop=True)
    pd.testing.assert_frame_equal(now, over)


def test_what_is_planned_at_each_close_is_what_the_run_ordered_there(live_run: LiveRun) -> None:
    orders, decisions = table(live_run, "orders"), RunDecisions(live_run.decider)
    sessions, planned = live_run.decider.ready.market.sessions, 0
    for day in range(FIRST_TEST, LAST):
        own = orders[
            orders["submitted_at"].eq(pd.Timestamp(sessions[day])) & orders["shares"].gt(0)
        ]
        account = decisions.account(day)
        new = account.orders["submitted_at"].eq(pd.Timestamp(sessions[day]))
        asked = account.orders[new & account.orders["shares"].gt(0)]
        assert (
            asked[["code", "side", "shares"]].values.tolist()
            == own[["code", "side", "shares"]].values.tolist()
        )
        planned += len(own)
    assert planned > 20  # else there was nothing to tell apart


def test_prices_after_the_close_do_not_touch_the_account(live_run: LiveRun) -> None:
    decider, day = live_run.decider, 200
    decisions = RunDecisions(decider)
    before = standing_at(decider, decisions.until(LAST), FIRST_TEST, day)
    market = decider.ready.market
    kept = {name: getattr(market, name).copy() for name in ("open", "high", "low", "close")}
    try:
        for name in kept:
            getattr(market, name)[:, day + 1 :] *= 3
        after = standing_at(decider, decisions.until(LAST), FIRST_TEST, day)
    finally:
        for name, values in kept.items():
            getattr(market, name)[:] = values
    assert after.equity.tolist() == before.equity.tolist()
    pd.testing.assert_frame_equal(after.planned, before.planned)
    assert after.refused == before.refused


def test_an_order_that_finds_no_open_is_told_in_the_session_after_it(live_run: LiveRun) -> None:
    decider, orders = live_run.decider, table(live_run, "orders")
    decisions, sessions = RunDecisions(decider), decider.ready.market.sessions
    told: list[tuple[str, str]] = []
    for day in range(FIRST_TEST, LAST + 1):
        facts = account_facts(decider, decisions.account(day), day)
        told += [(f["code"], f["submitted_at"]) for f in facts["filled"]]
    ended = orders[orders["status"].ne("waiting") & orders["shares"].gt(0)]
    known = ended[ended["submitted_at"] < pd.Timestamp(sessions[LAST])]
    expected = [(o.code, f"{o.submitted_at:%Y-%m-%d}") for o in known.itertuples()]
    assert sorted(told) == sorted(expected)  # each once


def test_a_decision_of_a_code_that_has_left_the_folder_is_refused(live_run: LiveRun) -> None:
    decided = RunDecisions(live_run.decider).until(200)
    gone = decided.assign(code=decided["code"].where(decided.index != 3, "999999"))
    with pytest.raises(RollsightError, match=r"has no '999999' any more, on which .* decided: "):
        placed(live_run.decider, gone)


def test_every_buy_of_a_session_is_an_order_or_refused_with_a_reason(live_run: LiveRun) -> None:
    decisions = RunDecisions(live_run.decider)
    refused = 0
    for day in range(FIRST_TEST, LAST, 7):
        account = decisions.account(day)
        buys = placed(live_run.decider, live_run.decider.at(day)).query("buy")
        codes = {live_run.decider.ready.market.codes[stock] for stock in buys["stock"]}
        why = [code for own in account.refused.values() for code in own]
        bought = account.planned.query("side == 'buy'")["code"].tolist()
        assert sorted(codes) == sorted([*why, *bought])
        assert all(account.refused)
        refused += len(why)
    assert refused


def test_the_baselines_say_from_their_networks_what_the_run_has_scored(live_run: LiveRun) -> None:
    opinions, day = Opinions(live_run.decider), 225
    scored, now = opinions.at(day), opinions._now(day)[OPINION]
    order = ["baseline", "code"]
    pd.testing.assert_frame_equal(
        now.sort_values(order, ignore_index=True),
        scored.sort_values(order, ignore_index=True),
        check_dtype=False,
    )
    assert len(scored) > 2


def test_the_map_of_a_decision_is_that_of_its_own_row(live_run: LiveRun) -> None:
    decider, day = live_run.decider, 200
    code = decider.at(day)["code"].iloc[0]
    stock = decider.ready.market.codes.index(code)
    model = decider.model_of(decider.window_of(day))
    expected = explain(model, decider.ready.samples, Rows(np.array([stock]), np.array([day])))
    found = heatmap(decider, day, code)
    assert found.contribution.tolist() == expected.contribution[0].tolist()
    assert found.channels == decider.ready.samples.channels


def test_a_stock_without_a_whole_input_has_a_price_and_no_confidence(live_run: LiveRun) -> None:
    rows = decision_at(live_run.decider, 200).rows.set_index("code")
    decided = set(live_run.decider.at(200)["code"])
    assert set(rows.index[rows["p_up"].notna()]) == decided
    assert not rows.loc[rows["p_up"].isna(), "buy"].any()


def test_the_change_of_a_close_is_that_since_the_last_session_with_a_row(live_run: LiveRun) -> None:
    market = live_run.decider.ready.market
    rows = decision_at(live_run.decider, 200).rows.set_index("code")
    for stock, code in enumerate(market.codes):
        if code not in rows.index:
            continue
        before = [n for n in range(200) if market.has_bar[stock, n]][-1]
        expected = market.close[stock, 200] / market.close[stock, before] - 1
        assert rows.loc[code, "change"] == expected
