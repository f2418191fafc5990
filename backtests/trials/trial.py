"""One trial of a sweep: a setting traded on the validation spans and on the test spans."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account import statistics
from rollsight.backtests.account.backtest import trade
from rollsight.backtests.chain.fold import Fold, decided
from rollsight.backtests.chain.forecasts import Forecast, usable_rows
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.chain.signals import for_account, labelled_table, net_returns
from rollsight.backtests.directory.manifest import sessions_per_year
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trials.outcomes import Figures, Outcome
from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import log_losses
from rollsight.training.deciding.threshold import ratio
from rollsight.training.fitting.rows import Rows

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Path:
    """The rows of a path, in order of decision, and what trading their buys gave.

    ``rows`` has one row a decision: whether it is bought, its label and what that earned, whether
    the label counts, and by how much its log-loss is below that of the class frequencies.
    """

    rows: pd.DataFrame
    sessions: npt.NDArray[np.datetime64]
    returns: Float64
    trades: int
    actions: dict[str, int]


def run_trial(
    ready: Prepared,
    spec: RunSpec,
    forecasts: Sequence[Forecast],
    earned: Float64 | None = None,
) -> Outcome:
    """Tune each window's threshold, and trade both paths.

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
    lead = min(spec.windows.test_days, spec.windows.validation_days)
    spans = (int(opens[0]) - lead, int(opens[-1])), (int(opens[0]), len(ready.market.sessions))
    before = _traded(ready, spec, _rows(ready, validated, forecasts, opens), *spans[0])
    own = _traded(ready, spec, _rows(ready, tested, forecasts), *spans[1])
    return Outcome(
        validation=_figures(before),
        test=_figures(own),
        known=_known(own, opens),
        returns=own.returns,
        validation_returns=before.returns,
        sessions=own.sessions,
        validation_sessions=before.sessions,
        opens=ready.market.sessions[opens],
        actions=own.actions,
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


def _traded(ready: Prepared, spec: RunSpec, rows: pd.DataFrame, first: int, stop: int) -> _Path:
    """Trade the buys of a path in an account that begins with session ``first``."""
    done = trade(
        ready.market,
        for_account(ready, spec.strategy, rows),
        first=first,
        horizon=spec.label.horizon,
        spec=spec.strategy,
        costs=ready.costs,
    )
    count = stop - first
    last = ready.market.sessions[stop - 1].astype("datetime64[ms]")
    bought = done.action[rows["buy"].to_numpy()]
    return _Path(
        rows=rows,
        sessions=ready.market.sessions[first:stop],
        returns=done.equity["return"].to_numpy()[:count],
        trades=int((done.trades["entry_at"] <= last).sum()),
        actions={str(k): int(n) for k, n in bought.value_counts().sort_index().items()},
    )


def _figures(path: _Path) -> Figures:
    rows, per_year = path.rows[path.rows["counted"]], sessions_per_year(path.sessions)
    bought = rows[rows["buy"]]
    return Figures(
        sharpe=statistics.sharpe_ratio(path.returns, per_year),
        annual_return=statistics.annual_return(path.returns, per_year),
        total_return=statistics.total_return(path.returns),
        max_drawdown=statistics.max_drawdown(path.returns),
        trades=path.trades,
        buys=int(path.rows["buy"].sum()),
        precision=_mean(bought["label"] == Label.UP),
        crucial_fail=_mean(bought["label"] == Label.DOWN),
        net_return=_mean(bought["net_label_return"]),
        log_loss_gain=_mean(rows["gain"]),
    )


def _known(path: _Path, opens: Ints) -> dict[str, Float64]:
    """Return each objective before each window, from returns and labels that were known by then."""
    rows = path.rows[path.rows["counted"]]
    bought = rows[rows["buy"]]
    past = [path.returns[: at - opens[0]] for at in opens]
    per_year = sessions_per_year(path.sessions)
    sharpe = [statistics.sharpe_ratio(own, per_year) if len(own) else None for own in past]
    # An account that has not moved yet has no return to be chosen for.
    annual = [statistics.annual_return(own, per_year) if own.any() else None for own in past]
    return {
        "sharpe": np.array(sharpe, dtype=float),
        "annual_return": np.array(annual, dtype=float),
        "precision": _means_before(bought["label"] == Label.UP, bought["settled_day"], opens),
        "net_return": _means_before(bought["net_label_return"], bought["settled_day"], opens),
        "log_loss_gain": _means_before(rows["gain"], rows["settled_day"], opens),
    }


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
