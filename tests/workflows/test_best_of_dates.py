"""A run that buys and holds the best two of each date: signals, decisions, account and update."""

from pathlib import Path

import pandas as pd
import pytest

import rollsight
from rollsight import RollsightError, decide, run
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.spec import RunSpec
from rollsight.decisions.account import RunDecisions
from rollsight.decisions.decider import open_run
from rollsight.workflows.update import update_lines
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market
from tests.workflows.update.test_update import grown

RECIPE = Recipe(n_stocks=5, n_days=230)


def best_of(market: Path, best: int, *, top: int | None = None) -> RunSpec:
    spec = spec_of(market)
    chosen = spec.threshold.model_copy(update={"best": best, "score": "p_up - p_down"})
    universe = spec.universe.model_copy(update={"top": top})
    held = spec.strategy.model_copy(
        update={"rule": "rank", "max_positions": 2, "keep": 3, "weight": "inverse-volatility"}
    )
    return spec.model_copy(update={"threshold": chosen, "universe": universe, "strategy": held})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("whole"), RECIPE)


def test_the_best_two_of_every_date_are_bought_run_decided_and_updated_alike(
    whole: Path, tmp_path: Path
) -> None:
    market = grown(whole, tmp_path, 215)
    out, later = tmp_path / "short", tmp_path / "later"
    run(best_of(market, 2), out=out, page=False)
    grown(whole, market, 229)
    run(best_of(market, 2), out=later, page=False)
    signals = pd.read_parquet(later / "signals.parquet")
    # The best two by p_up - p_down, to the last bit, as pandas ranks them.
    lead = signals["p_up"] - signals["p_down"]
    place = lead.groupby(signals["decided_at"]).rank(method="first", ascending=False)
    assert (signals["score"] == 1 - place).all()
    assert (signals["buy"] == (place <= 2)).all()
    assert set(signals["threshold"]) == {-1.0}
    # A session that came since, of a window that was trained.
    since = f"{signals.loc[signals['window'] == 1, 'decided_at'].iloc[-1]:%Y-%m-%d}"
    decided = signals[signals["decided_at"] == since].reset_index(drop=True)
    found = decide(out, since)
    pd.testing.assert_frame_equal(found, decided[list(found)], check_exact=True)
    # The account that the decisions make, on the last session of all, is the run's.
    decider = open_run(later)
    standing = RunDecisions(decider).account(len(decider.ready.market.sessions) - 1)
    equity = pd.read_parquet(later / "equity.parquet")["equity"]
    assert standing.equity.tolist() == equity.tolist()
    assert len(set(equity)) > 30
    updated = rollsight.update(out, page=False)
    pd.testing.assert_frame_equal(pd.read_parquet(out / "signals.parquet"), signals)
    assert sum("  place 1 of 2  " in line for line in update_lines(updated)) == 1


def test_a_best_that_is_all_there_is_is_refused(whole: Path) -> None:
    with pytest.raises(RollsightError) as caught:
        prepare(best_of(whole, 5))
    assert str(caught.value) == (
        "threshold.best=5 buys every stock, so that no model chooses: no date has more than 5 to "
        "decide on; lower threshold.best, or take more stocks"
    )
    with pytest.raises(RollsightError, match=r"a date has universe\.top=3"):
        prepare(best_of(whole, 3, top=3))
