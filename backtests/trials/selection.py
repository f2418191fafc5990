"""Which trial is taken: by its validation spans, or anew for each window by what was known then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.backtest import Traded, trade_terms
from rollsight.backtests.chain.fold import decided
from rollsight.backtests.chain.signals import for_account, labelled_table, net_returns
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.forecasts import read_forecasts
from rollsight.backtests.sweeps.plan import SweepPlan, Trial
from rollsight.backtests.sweeps.reader import Reader
from rollsight.backtests.sweeps.seedgroups import choosable, settings_of
from rollsight.backtests.sweeps.spec import SweepSpec
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.base.errors import RollsightError
from rollsight.signals.spec import MarketSpec
from rollsight.strategies.costs import dated_costs
from rollsight.strategies.plan import Terms
from rollsight.strategies.spec import CostSpec

Float64 = npt.NDArray[np.float64]
# What trials may not differ in where they share one account.
ONE = (
    ("strategy", "cash", "since an account begins once"),
    ("strategy", "rule", "since a holding is sold by the rule that bought it"),
    ("strategy", "participation", "since an account has one share of the volume"),
    ("training", "seed", "which is no setting to choose"),
    ("features", "lookback", "which changes the stocks that there are"),
    *(
        ("market", key, "since a market is not chosen window by window")
        for key in MarketSpec.model_fields
        if key not in {"indices", "benchmark"}
    ),
    *(("costs", key, "which no trader chooses") for key in CostSpec.model_fields),
)


@dataclass(frozen=True, eq=False)
class Rolling:
    """A walk-forward over trials: each window traded as the best until then.

    Attributes
    ----------
    trials
        number of the trial of each window, -1 where the window is only watched, or none had
        any objective yet
    objectives
        (n_windows,) what the best was chosen for; NaN where none was
    following
        number of the trial that the next window would take
    traded
        the account from the first traded window on
    risk_free
        what cash earned in its sessions; None without a rate
    """

    trials: tuple[int, ...]
    objectives: Float64
    following: int
    traded: Traded
    risk_free: Float64 | None = None


def best_on_validation(
    trials: Sequence[Trial], found: Mapping[str, Outcome | str], sweep: SweepSpec
) -> list[Trial]:
    """Return the trials that have the objective on validation, the best first, then the earlier.

    Of trials that differ in their seed alone, the setting has their mean, and the middle one stands
    for it. None are returned where only seeds differ, settings were tried with other seeds, or no
    trial ever traded.
    """
    settings = settings_of(trials)
    traded = any(o.traded for o in found.values() if isinstance(o, Outcome))
    if not traded or not choosable(settings):
        return []
    values: dict[int, float] = {}
    for trial in trials:
        outcome = found[trial.key]
        value = (
            outcome.objective("validation", sweep.objective)
            if isinstance(outcome, Outcome)
            else None
        )
        if value is not None:
            values[trial.number] = value
    means = [(mean, own) for own in settings if (mean := own.mean(values)) is not None]
    ranked = sorted(means, key=lambda pair: (-pair[0], pair[1].trials[0].number))
    return [own.middle(values) for _, own in ranked]


def require_rolling(plan: SweepPlan, burn_in: int) -> None:
    """Raise unless one account can trade the windows of every trial in turn.

    Raises
    ------
    RollsightError
        If trials differ in their windows, or in what an account has one of, or none is traded.
    """
    if len({t.opens for t in plan.trainings}) > 1:
        raise RollsightError(
            "select='rolling' needs the same windows in every trial, and a swept key moves them: "
            "leave it out of the grid, or choose select='validation'"
        )
    specs = [t.spec for t in plan.trials if t.spec is not None]
    for section, key, why in ONE:
        if len({repr(getattr(getattr(s, section), key)) for s in specs}) > 1:
            raise RollsightError(
                f"select='rolling' cannot choose among values of {section}.{key}, {why}: leave it "
                "out of the grid, or choose select='validation'"
            )
    for training in plan.trainings[:1]:
        if burn_in >= len(training.opens):
            raise RollsightError(
                f"sweep.burn_in={burn_in} leaves none of {len(training.opens)} windows to be "
                "traded: lower it in the spec's table [sweep], or choose select='validation'"
            )


def roll(
    plan: SweepPlan, found: Mapping[str, Outcome | str], sweep: SweepSpec, home: Home
) -> Rolling | None:
    """Choose a trial for each window by the test spans before it, and trade them in one account.

    A holding keeps the terms of the trial that bought it. The first ``sweep.burn_in`` windows are
    only watched. None where no window is left, or no trial ever traded.
    """
    trials = [t for t in plan.trials if isinstance(found[t.key], Outcome)]
    outcomes = [o for t in trials if isinstance(o := found[t.key], Outcome)]
    if not any(o.traded for o in outcomes):
        return None
    known = np.stack([o.known[sweep.objective] for o in outcomes])  # (n_trials, n_windows)
    known[:, : sweep.burn_in] = np.nan
    place = _best(known)
    if (place < 0).all():
        return None
    last = [o.objective("test", sweep.objective) for o in outcomes]
    following = int(_best(np.array(last, dtype=float)[:, None])[0])
    taken = [None if at < 0 else trials[at] for at in place]
    traded, cash = _trade(plan, taken, home)
    return Rolling(
        trials=tuple(-1 if t is None else t.number for t in taken),
        objectives=np.where(place < 0, np.nan, known[np.maximum(place, 0), np.arange(len(place))]),
        following=-1 if following < 0 else trials[following].number,
        traded=traded,
        risk_free=cash,
    )


def _best(values: Float64) -> npt.NDArray[np.int64]:
    """Return (n,) the row of the largest of each column's values, the first of equals; -1: none."""
    filled = np.where(np.isnan(values), -np.inf, values)
    return np.where(np.isnan(values).all(axis=0), -1, filled.argmax(axis=0))


def _trade(
    plan: SweepPlan, taken: Sequence[Trial | None], home: Home
) -> tuple[Traded, Float64 | None]:
    reader = Reader()
    rows: list[pd.DataFrame] = []
    terms: list[Terms] = []
    first, ready = -1, None
    # Window after window, since neighbours mostly share their inputs and labels.
    for number, trial in enumerate(taken):
        if trial is None:
            continue
        assert trial.spec is not None
        assert trial.training is not None
        training = plan.trainings[trial.training]
        prepared = reader.prepare(trial.spec, training.data, home.networks)
        ready = replace(prepared, costs=dated_costs(trial.spec.costs, prepared.market))
        window = ready.windows[number]
        (stored,) = read_forecasts(home, (training.forecasts[number],))
        fold = decided(stored.forecast, ready.samples, net_returns(ready), window, trial.spec)
        rows.append(for_account(ready, trial.spec.strategy, labelled_table(ready, [fold])))
        first = window.test.start if first < 0 else first
        own = Terms(trial.spec.label.horizon, trial.spec.strategy)
        # A window that was only watched has no terms of its own and no buys either.
        terms += [own] * (window.test.stop - first - len(terms))
    assert ready is not None
    market = ready.market
    terms += terms[-1:] * (len(market.sessions) - first - len(terms))
    table = pd.concat(rows, ignore_index=True)
    traded = trade_terms(market, table, first=first, terms=terms, costs=ready.costs)
    return traded, ready.cash_returns(first)
