"""Accounts of random buyers: the rule's own, and no better than a buyer who knows nothing."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.backtest import Traded
from rollsight.backtests.buyers.accounts import AT_ONCE, drawn, random_accounts, table_of
from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.chain.signals import trade_signals
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.workers.executors import Backend, executor
from rollsight.strategies.diary import Diary, OrderRecord
from rollsight.strategies.engines.arrays import run_arrays
from tests.support.edits.holdouts import START, held_out, whole_market
from tests.support.simulated.overlaps import plausible
from tests.support.simulated.signals import market, placed, signals_of

Made = tuple[RunSpec, Prepared]
RANK = {"rule": "rank", "every": 4, "tranches": 2, "max_positions": 4, "keep": 6}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return market(tmp_path_factory.mktemp("market"))


def traded(made: Made, signals: pd.DataFrame) -> Traded:
    spec, ready = made
    return trade_signals(ready, spec, signals)


def as_well(made: Made, signals: pd.DataFrame, draws: int) -> int:
    """Return how many random buyers made as much as a buyer, or more."""
    spec, ready = made
    found = random_accounts(ready, spec, signals, draws=draws)
    equity = traded(made, signals).equity["equity"].to_numpy()
    own = equity[-1] / equity[0] - 1
    assert found is not None
    return sum(account["total_return"] >= own for account in found["accounts"])


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [10, pytest.param(40, marks=pytest.mark.slow)])
def test_a_buyer_who_knows_nothing_is_within_the_band_of_random_ones(
    made: Made, seeds: int
) -> None:
    places = [as_well(made, signals_of(made[1], seed), 39) for seed in range(seeds)]
    # Forty places, nine tenths of them within the band.
    outside = sum(place < 2 or place > 37 for place in places)
    assert plausible(outside, seeds, 0.1)
    assert min(places) < 20 < max(places)


def test_a_buyer_who_knows_what_comes_is_above_the_random_ones(made: Made) -> None:
    assert as_well(made, signals_of(made[1], 0, knows=2.0), 39) == 0
    assert as_well(made, signals_of(made[1], 0, knows=-2.0), 39) >= 37


@pytest.mark.parametrize(
    "strategy",
    [
        {},
        RANK,
        RANK | {"weight": "inverse-volatility"},
        {"participation": 0.0001, "capacity": 0.0001, "stop_loss": 0.02, "extend": True},
    ],
)
def test_the_scores_as_they_were_make_the_runs_own_account(
    tmp_path: Path, strategy: dict[str, object]
) -> None:
    spec, ready = market(tmp_path, **strategy)
    signals = signals_of(ready, 5)
    signals = placed(signals) if spec.strategy.rule == "rank" else signals
    table = table_of(ready, spec, signals)
    again = run_arrays(table.dealt(table.plan(), np.arange(len(table.feed))))
    own = traded((spec, ready), signals)
    assert len(own.trades) > 10
    assert again.equity == own.equity["equity"].tolist()
    assert [order.reason for order in again.orders] == own.orders["reason"].tolist()
    # And dealt out anew they make others.
    others = [diary.equity for diary in drawn(table, range(5))]
    assert len({tuple(equity) for equity in [again.equity, *others]}) == 6


@pytest.mark.parametrize("strategy", [{}, RANK])
def test_no_random_buyer_buys_what_the_rule_could_not(
    tmp_path: Path, strategy: dict[str, object]
) -> None:
    spec, ready = market(tmp_path, **strategy)
    signals = signals_of(ready, 6)
    signals = placed(signals) if spec.strategy.rule == "rank" else signals
    signals.loc[signals["stock"] == 2, "threshold"] = np.nan
    signals.loc[signals["stock"] == 2, "buy"] = False
    first = ready.windows[0].test.start
    table = table_of(ready, spec, signals)
    diaries = list(drawn(table, range(20)))
    stocks = {int(table.stocks[o.feed]) for diary in diaries for o in _filled(diary)}
    assert stocks == set(range(12)) - {2}
    for diary in diaries:
        for order in _filled(diary):
            row = signals.loc[order.signal]
            assert (row["stock"], row["day"]) == (
                table.stocks[order.feed],
                order.submitted_at + first,
            )
            assert ready.market.buyable[row["stock"], order.filled_at + first]
        assert max(_held(diary)) <= spec.strategy.max_positions
        assert min(diary.cash) >= 0


def test_where_the_rule_sleeps_in_every_session_with_a_row_there_is_no_random_buyer(
    tmp_path: Path,
) -> None:
    spec, ready = market(tmp_path, **RANK)
    signals, first = placed(signals_of(ready, 6)), ready.windows[0].test.start
    odd = signals[(signals["day"] - first) % 2 == 1].reset_index(drop=True)
    assert odd["buy"].any()
    assert random_accounts(ready, spec, odd) is None
    assert random_accounts(ready, spec, signals, draws=1) is not None


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.slow)])
def test_two_at_a_time_come_to_the_same_accounts(made: Made, backend: Backend) -> None:
    spec, ready = made
    signals, draws, shown = signals_of(ready, 7), AT_ONCE + 10, []
    alone = random_accounts(ready, spec, signals, draws=draws)
    with executor(backend, jobs=2) as running:
        both = random_accounts(
            ready, spec, signals, draws=draws, running=running,
            progress=lambda *step: shown.append(step),
        )  # fmt: skip
    assert json.dumps(both) == json.dumps(alone)
    assert shown == [("random buyers", done, 2) for done in range(3)]


def test_a_draw_is_told_by_its_number_and_the_seed_of_the_run(made: Made) -> None:
    spec, ready = made
    signals = signals_of(ready, 7)
    more, few = (random_accounts(ready, spec, signals, draws=n) for n in (20, 10))
    assert more is not None
    assert few == more | {"accounts": more["accounts"][:10]}
    training = spec.training.model_copy(update={"seed": spec.training.seed + 1})
    other = spec.model_copy(update={"training": training})
    assert random_accounts(ready, other, signals, draws=10) != few


def test_nothing_behind_a_holdout_is_drawn(tmp_path: Path) -> None:
    spec = held_out(whole_market(tmp_path))
    ready = prepare(spec)
    signals = signals_of(ready, 9)
    table = table_of(ready, spec, signals)
    assert len(ready.market.sessions) == START
    assert all(len(diary.equity) == START - table.first for diary in drawn(table, range(3)))


def test_without_a_buy_there_is_nothing_to_draw(made: Made) -> None:
    spec, ready = made
    assert random_accounts(ready, spec, signals_of(ready, 8).assign(buy=False)) is None


def _filled(diary: Diary) -> list[OrderRecord]:
    return [order for order in diary.orders if order.side == "buy" and order.filled]


def _held(diary: Diary) -> list[int]:
    change = np.zeros(len(diary.equity) + 1, dtype=np.int64)
    for trip in diary.trips:
        change[diary.orders[trip.entry_order].filled_at] += 1
        if trip.exit_reason != "end":
            change[diary.orders[trip.exit_orders[-1]].filled_at] -= 1
    return np.cumsum(change).tolist()
