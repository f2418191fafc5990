"""The two paths of a trial: what was decided on them, which no rule of the account changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.backtest import order_plan
from rollsight.backtests.chain.fold import Fold, decided
from rollsight.backtests.chain.forecasts import Forecast, usable_rows
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.chain.signals import for_account, labelled_table, net_returns
from rollsight.backtests.spec import RunSpec
from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.strategies.plan import OrderPlan, Terms
from rollsight.strategies.rules import rule_of
from rollsight.strategies.spec import StrategySpec
from rollsight.training.deciding.inference import log_losses
from rollsight.training.deciding.threshold import ratio
from rollsight.training.fitting.rows import Rows

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Path:
    """What was decided on a path, and what its buys were worth.

    Attributes
    ----------
    rows
        one a decision, in order: stock, day, score, and whether it is bought
    first, stop
        the sessions of its account: at the first one's close it begins
    figures
        those of `Figures` that no account has a part in
    known
        of each objective that no account has a part in, by window, its value from what was known
        at its first decision; NaN where there is none
    """

    ready: Prepared
    rows: pd.DataFrame
    first: int
    stop: int
    figures: Mapping[str, Any]
    known: Mapping[str, Float64]
    _plans: dict[str, OrderPlan] = field(default_factory=dict)

    def plan(self, spec: RunSpec) -> OrderPlan:
        """Return what an account is to do with the buys; all but terms and rule is kept."""
        ready, own = self.ready, spec.strategy
        terms = [Terms(spec.label.horizon, own)] * (len(ready.market.sessions) - self.first)
        part = account_part(own)
        found = self._plans.get(part)
        if found is None:
            table = for_account(ready, own, self.rows)
            found = order_plan(ready.market, table, self.first, terms, ready.costs)
            self._plans.clear()  # one at a time: a range has a thousand of them
            self._plans[part] = found
        return replace(found, terms=terms, rule=rule_of(own.rule))


@dataclass(frozen=True, eq=False)
class Paths:
    """Both paths of a trial.

    Attributes
    ----------
    opens
        (n_windows,) first test session of each window
    """

    validation: Path
    test: Path
    opens: Ints


def account_part(spec: StrategySpec) -> str:
    """Return the part of a strategy that the bars and the buys of its account depend on."""
    return repr((spec.shows_volatility, spec.capacity, spec.participation))


def paths_of(
    ready: Prepared,
    spec: RunSpec,
    forecasts: Sequence[Forecast],
    earned: Float64 | None = None,
) -> Paths:
    """Tune each window's threshold, and return what both paths decide.

    The validation path joins the last sessions of every validation span, as many as a test span
    has: none twice. Its labels count where they were known before their window's test span.

    Parameters
    ----------
    forecasts
        of each window, in order
    earned
        `net_returns` where they are known; None: they are made
    """
    earned = net_returns(ready) if earned is None else earned
    tested = [
        decided(found, ready.samples, earned, window, spec)
        for window, found in zip(ready.windows, forecasts, strict=True)
    ]
    validated = [
        _before_test(fold, found, ready.samples, spec)
        for fold, found in zip(tested, forecasts, strict=True)
    ]
    opens = np.array([w.test.start for w in ready.windows])
    first, last, count = int(opens[0]), int(opens[-1]), len(ready.market.sessions)
    lead = min(spec.windows.test_days, spec.windows.validation_days)
    before = _rows(ready, validated, forecasts, opens)
    own = _rows(ready, tested, forecasts)
    return Paths(
        validation=_path(ready, before, first - lead, last, opens),
        test=_path(ready, own, first, count, opens),
        opens=opens,
    )


def _before_test(fold: Fold, found: Forecast, samples: SampleSet, spec: RunSpec) -> Fold:
    """Return what a window decides in its last validation sessions, as many as a test has."""
    rows = usable_rows(samples, fold.window.validation)
    own = rows.day >= fold.window.test.start - spec.windows.test_days
    outlier = found.outlier_validation
    return replace(
        fold,
        rows=Rows(rows.stock[own], rows.day[own]),
        probability=found.validation[own],
        outlier=None if outlier is None else outlier[:, own],
    )


def _rows(
    ready: Prepared,
    folds: Sequence[Fold],
    forecasts: Sequence[Forecast],
    opens: Ints | None = None,
) -> pd.DataFrame:
    """Return the rows of a path.

    Beside those of `labelled_table` there are columns for whether a row's label counts, and by how
    much its log-loss is below that of the class frequencies.

    Parameters
    ----------
    opens
        (n_windows,) sessions before which a window's labels must be known to count; None: ever
    """
    table = labelled_table(ready, folds)
    known = table["settled_day"].to_numpy()
    last = len(ready.market.sessions) if opens is None else opens[table["window"].to_numpy()]
    gains = [
        _gains(f, found.frequencies, ready.samples)
        for f, found in zip(folds, forecasts, strict=True)
    ]
    return table.assign(counted=(known >= 0) & (known < last), gain=np.concatenate(gains))


def _gains(fold: Fold, frequencies: Float64, samples: SampleSet) -> Float64:
    """Return how much less each row's log-loss is than that of the class frequencies, in nats."""
    # A missing label counts nowhere, whatever stands in for it.
    label = np.maximum(samples.labels.label[fold.rows.stock, fold.rows.day], 0)
    constant = -np.log(np.maximum(frequencies, 1e-12))
    return np.asarray(constant[label] - log_losses(fold.probability, label))


def _path(ready: Prepared, rows: pd.DataFrame, first: int, stop: int, opens: Ints) -> Path:
    counted = rows[rows["counted"]]
    bought = counted[counted["buy"]]
    went_up, earned = bought["label"] == Label.UP, bought["net_label_return"]
    figures = {
        "buys": int(rows["buy"].sum()),
        "precision": _mean(went_up),
        "crucial_fail": _mean(bought["label"] == Label.DOWN),
        "net_return": _mean(earned),
        "log_loss_gain": _mean(counted["gain"]),
    }
    known = {
        "precision": _means_before(went_up, bought["settled_day"], opens),
        "net_return": _means_before(earned, bought["settled_day"], opens),
        "log_loss_gain": _means_before(counted["gain"], counted["settled_day"], opens),
    }
    # All else of millions of rows would be kept for nothing.
    asked = rows[["stock", "day", "score", "buy"]]
    return Path(ready, asked, first, stop, figures, known)


def _means_before(values: pd.Series, settled_day: pd.Series, opens: Ints) -> Float64:
    """Return (n_windows,) means of what was known before each window opens, NaN of nothing."""
    # A label known in session s counts for the windows that open after s.
    place = np.searchsorted(opens, settled_day.to_numpy(), side="right")
    size = len(opens) + 1
    count = np.bincount(place, minlength=size).cumsum()[:-1]
    total = np.bincount(place, weights=values.to_numpy(dtype=float), minlength=size).cumsum()[:-1]
    return ratio(total, count)


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None
