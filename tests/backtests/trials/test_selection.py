"""What is chosen, and that a rolling choice knows nothing of what comes after."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.plan import SweepPlan
from rollsight.backtests.sweeps.spec import SweepSpec
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.backtests.trials.selection import best_on_validation, require_rolling, roll
from rollsight.base.errors import RollsightError
from tests.support.chains import spec_of
from tests.support.markets import write_market
from tests.support.sweeps.markets import RECIPE, home_of, planned, worked

FADING = "tests.support.toys.rules:fading"

ROLLING = SweepSpec(select="rolling", burn_in=1)
GRID: dict[str, list[Any]] = {"label.horizon": [3, 5], "strategy.stop_loss": [None, 0.01]}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return spec_of(write_market(tmp_path_factory.mktemp("market"), RECIPE))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_of(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def plan(spec: RunSpec) -> SweepPlan:
    return planned(spec, GRID)


@pytest.fixture(scope="module")
def found(plan: SweepPlan, home: Home) -> Mapping[str, Outcome | str]:
    return worked(plan, home)[1]


def outcome_of(found: Mapping[str, Outcome | str], plan: SweepPlan, number: int) -> Outcome:
    outcome = found[plan.trials[number].key]
    assert isinstance(outcome, Outcome)
    return outcome


def validated(outcome: Outcome, **figures: float | None) -> Outcome:
    return replace(outcome, validation=replace(outcome.validation, **figures))


def knowing(
    found: Mapping[str, Outcome | str], plan: SweepPlan, known: list[list[float]]
) -> dict[str, Outcome | str]:
    """Return the outcomes with other objectives before each window, trial by trial."""
    return {
        trial.key: replace(
            outcome_of(found, plan, n), known={"sharpe": np.array(known[n], dtype=float)}
        )
        for n, trial in enumerate(plan.trials)
    }


def test_the_best_on_validation_comes_first_and_of_equals_the_earlier(
    found: Mapping[str, Outcome | str], plan: SweepPlan
) -> None:
    values: list[float | None] = [0.5, None, 0.9, 0.9]
    told = {
        trial.key: validated(outcome_of(found, plan, n), sharpe=values[n])
        for n, trial in enumerate(plan.trials)
    }
    ranked = best_on_validation(plan.trials, told, SweepSpec())
    assert [t.number for t in ranked] == [2, 3, 0]
    told[plan.trials[2].key] = "it failed"  # type: ignore[assignment]
    assert [t.number for t in best_on_validation(plan.trials, told, SweepSpec())] == [3, 0]


def test_an_account_that_never_moved_is_not_chosen_for_a_return_of_nothing(
    found: Mapping[str, Outcome | str], plan: SweepPlan
) -> None:
    annual = SweepSpec(objective="annual_return")
    told = {
        trial.key: validated(outcome_of(found, plan, n), annual_return=0.1 * n - 0.35)
        for n, trial in enumerate(plan.trials)
    }
    assert [t.number for t in best_on_validation(plan.trials, told, annual)] == [3, 2, 1, 0]
    # -5 % a year is less than nothing, but nothing is what cash would have made.
    last = outcome_of(found, plan, 3)
    cash = replace(
        validated(last, annual_return=0.0),
        validation_returns=np.zeros_like(last.validation_returns),
    )
    told[plan.trials[3].key] = cash
    assert [t.number for t in best_on_validation(plan.trials, told, annual)] == [2, 1, 0]
    # Where no trial traded on the test sessions, nothing is chosen.
    idle = {key: replace(o, test=replace(o.test, trades=0)) for key, o in told.items()}
    assert best_on_validation(plan.trials, idle, annual) == []


def test_each_window_takes_the_best_of_the_windows_before(
    found: Mapping[str, Outcome | str], plan: SweepPlan, home: Home
) -> None:
    nan = np.nan
    told = knowing(
        found, plan,
        [[9, 1, 1, nan], [9, 2, nan, nan], [9, 0, 1, nan], [9, 2, 0, nan]],
    )  # fmt: skip
    rolled = roll(plan, told, ROLLING, home)
    assert rolled is not None
    # The first window is only watched; of the last one nothing is known.
    assert rolled.trials == (-1, 1, 0, -1)
    assert rolled.objectives[1:3].tolist() == [2, 1]


def test_one_trial_throughout_is_that_trials_own_account(
    found: Mapping[str, Outcome | str], plan: SweepPlan, home: Home
) -> None:
    told = knowing(found, plan, [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]])
    rolled = roll(plan, told, ROLLING, home)
    assert rolled is not None
    assert rolled.trials == (-1, 1, 1, 1)
    equity, own = rolled.traded.equity, outcome_of(found, plan, 1)
    # It begins with cash where the trial's own account is invested: at first they differ.
    assert equity["date"].tolist() == own.sessions[30:].astype("M8[ms]").tolist()
    assert np.allclose(equity["return"].to_numpy()[20:], own.returns[50:], atol=2e-3)
    assert np.corrcoef(equity["return"].to_numpy()[12:], own.returns[42:])[0, 1] > 0.99


def test_a_holding_keeps_the_terms_of_the_trial_that_bought_it(
    found: Mapping[str, Outcome | str], plan: SweepPlan, home: Home
) -> None:
    # Trial 0 holds three sessions and trial 2 five, neither with a stop.
    told = knowing(found, plan, [[0, 1, 0, 1], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
    rolled = roll(plan, told, ROLLING, home)
    assert rolled is not None
    assert rolled.trials == (-1, 0, 2, 0)
    trades = rolled.traded.trades
    trades = trades[trades["exit_reason"] == "horizon"]
    dates = rolled.traded.equity["date"]
    held = dates.searchsorted(trades["exit_at"]) - dates.searchsorted(trades["entry_at"])
    by_window = {w: set(held[trades["window"] == w].tolist()) for w in (1, 2, 3)}
    # A halt may put an exit off.
    assert min(by_window[1]) == 3
    assert min(by_window[2]) == 5
    assert min(by_window[3]) == 3
    assert rolled.traded.residual < 0.01


def test_a_rolling_choice_knows_nothing_of_what_comes_after(
    spec: RunSpec, plan: SweepPlan, found: Mapping[str, Outcome | str], home: Home, tmp_path: Path
) -> None:
    whole = roll(plan, found, ROLLING, home)
    assert whole is not None
    last = outcome_of(found, plan, 0).sessions[75].item()  # within the third window
    assert isinstance(last, date)
    short = spec.model_copy(update={"market": spec.market.model_copy(update={"end": last})})
    other = planned(short, GRID)
    cut = roll(other, worked(other, home_of(tmp_path))[1], ROLLING, home_of(tmp_path))
    assert cut is not None
    assert len(cut.trials) == 3
    assert cut.trials == whole.trials[:3]
    # The last session's decisions would fill in the one that is cut off.
    count = len(cut.traded.equity)
    assert 40 < count < len(whole.traded.equity)
    assert cut.traded.equity["equity"].tolist() == whole.traded.equity["equity"].tolist()[:count]


@pytest.mark.parametrize(
    ("key", "values", "said"),
    [
        ("windows.test_days", [30, 20], "needs the same windows in every trial"),
        ("strategy.rule", ["hold", FADING], "a holding is sold by the rule that"),
        ("strategy.cash", [1e6, 2e6], "strategy.cash, since an account begins once"),
        ("costs.slippage", [0.0, 0.001], "costs.slippage, which no trader chooses"),
        ("market.delisting_haircut", [0.0, 1.0], "market.delisting_haircut, since a market is not"),
        ("features.lookback", [20, 19], "features.lookback, which changes the stocks"),
    ],
)
def test_what_one_account_cannot_roll_over_is_refused(
    spec: RunSpec, key: str, values: list[Any], said: str
) -> None:
    # From a date on the windows are the same whatever the lookback.
    market = spec.market.model_copy(update={"start": date(2024, 3, 4)})
    with pytest.raises(RollsightError, match=said):
        require_rolling(planned(spec.model_copy(update={"market": market}), {key: values}), 1)


def test_nothing_to_roll_over_is_none(
    found: Mapping[str, Outcome | str], plan: SweepPlan, home: Home
) -> None:
    assert roll(plan, found, SweepSpec(burn_in=4), home) is None
    assert roll(plan, dict.fromkeys(found, "it failed"), ROLLING, home) is None
