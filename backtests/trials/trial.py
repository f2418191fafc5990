"""One trial of a sweep: a setting traded on the validation spans and on the test spans."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account import statistics
from rollsight.backtests.account.backtest import trade
from rollsight.backtests.chain.forecasts import Forecast, among, loss_gains, usable_rows
from rollsight.backtests.chain.walkforward import Prepared, net_returns
from rollsight.backtests.directory.manifest import sessions_per_year
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import Rows, rows_of
from rollsight.training.deciding.threshold import buy_score, ratio, tune
from rollsight.training.fitting.windows import Window, known_rows

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


def run_trial(ready: Prepared, spec: RunSpec, forecasts: Sequence[Forecast]) -> Outcome:
    """Tune each window's threshold, and trade both paths.

    The validation path joins the last sessions of every validation span, as many as a test span
    has: none twice. Its labels count where they were known before their window's test span.

    Parameters
    ----------
    forecasts : of each window, in order
    """
    earned = net_returns(ready)
    validated, tested = [], []
    for window, found in zip(ready.windows, forecasts, strict=True):
        threshold = _threshold(ready.samples, window, found, spec, earned)
        validated.append(_validation_rows(ready.samples, window, found, spec, threshold))
        tested.append(_test_rows(ready.samples, window, found, spec, threshold))
    opens = np.array([w.test.start for w in ready.windows])
    lead = min(spec.windows.test_days, spec.windows.validation_days)
    spans = (int(opens[0]) - lead, int(opens[-1])), (int(opens[0]), len(ready.market.sessions))
    before = _traded(ready, spec, validated, earned, *spans[0])
    own = _traded(ready, spec, tested, earned, *spans[1])
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


def chosen_rows(ready: Prepared, spec: RunSpec, found: Forecast, window: Window) -> pd.DataFrame:
    """Return a window's test rows, with what its threshold buys."""
    earned = net_returns(ready)
    threshold = _threshold(ready.samples, window, found, spec, earned)
    return _with_labels(ready, _test_rows(ready.samples, window, found, spec, threshold), earned)


def _threshold(
    samples: SampleSet, window: Window, found: Forecast, spec: RunSpec, earned: Float64
) -> float:
    known = known_rows(samples, window.validation, window.test.start)
    rows = rows_of(known, window.validation.start)
    own = found.validation[among(samples, window.validation, known)]
    curve = tune(
        buy_score(own, spec.threshold.score),
        samples.labels.label[rows.stock, rows.day],
        earned[rows.stock, rows.day],
        spec=spec.threshold,
        skilled=found.skilled,
    )
    return np.nan if curve.value is None else curve.value


def _validation_rows(
    samples: SampleSet, window: Window, found: Forecast, spec: RunSpec, threshold: float
) -> pd.DataFrame:
    rows = usable_rows(samples, window.validation)
    traded = rows.day >= window.test.start - spec.windows.test_days
    table = _rows(samples, window, rows, found.validation, found, spec, threshold)
    known = samples.labels.settled_at[rows.stock, rows.day]
    return table.assign(counted=(known >= 0) & (known < window.test.start))[traded]


def _test_rows(
    samples: SampleSet, window: Window, found: Forecast, spec: RunSpec, threshold: float
) -> pd.DataFrame:
    rows = usable_rows(samples, window.test)
    table = _rows(samples, window, rows, found.test, found, spec, threshold)
    return table.assign(counted=samples.labels.settled_at[rows.stock, rows.day] >= 0)


def _rows(
    samples: SampleSet,
    window: Window,
    rows: Rows,
    probability: Float64,
    found: Forecast,
    spec: RunSpec,
    threshold: float,
) -> pd.DataFrame:
    label = samples.labels.label[rows.stock, rows.day]
    score = buy_score(probability, spec.threshold.score)
    # A missing label counts nowhere, whatever stands in for it.
    gain = loss_gains(probability, found.frequencies, np.maximum(label, 0))
    return pd.DataFrame(
        {
            "stock": rows.stock,
            "day": rows.day,
            "window": window.number,
            "score": score,
            "buy": score >= threshold,
            "label": label,
            "settled_at": samples.labels.settled_at[rows.stock, rows.day],
            "gain": gain,
        }
    )


def _with_labels(ready: Prepared, rows: pd.DataFrame, earned: Float64) -> pd.DataFrame:
    """Return the rows with all that a signal table has of a buy."""
    stock, day = rows["stock"].to_numpy(), rows["day"].to_numpy()
    label = rows["label"].astype("Int8")
    label = label.where(label >= 0)
    return rows.assign(
        label=label,
        label_return=ready.samples.labels.label_return[stock, day],
        net_label_return=earned[stock, day],
        decided_at=ready.market.sessions[day].astype("datetime64[ms]"),
    )


def _traded(
    ready: Prepared,
    spec: RunSpec,
    parts: Sequence[pd.DataFrame],
    earned: Float64,
    first: int,
    stop: int,
) -> _Path:
    """Trade the buys of a path in an account that begins with session ``first``."""
    rows = _with_labels(ready, pd.concat(parts, ignore_index=True), earned)
    done = trade(
        ready.market,
        rows,
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


def _figures(path: _Path) -> dict[str, float | None]:
    rows, per_year = path.rows[path.rows["counted"]], sessions_per_year(path.sessions)
    bought = rows[rows["buy"]]
    return {
        "sharpe": statistics.sharpe_ratio(path.returns, per_year),
        "annual_return": statistics.annual_return(path.returns, per_year),
        "total_return": statistics.total_return(path.returns),
        "max_drawdown": statistics.max_drawdown(path.returns),
        "trades": path.trades,
        "buys": int(path.rows["buy"].sum()),
        "precision": _mean(bought["label"] == Label.UP),
        "crucial_fail": _mean(bought["label"] == Label.DOWN),
        "net_return": _mean(bought["net_label_return"]),
        "log_loss_gain": _mean(rows["gain"]),
    }


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
        "precision": _means_before(bought["label"] == Label.UP, bought["settled_at"], opens),
        "net_return": _means_before(bought["net_label_return"], bought["settled_at"], opens),
        "log_loss_gain": _means_before(rows["gain"], rows["settled_at"], opens),
    }


def _means_before(values: pd.Series, settled_at: pd.Series, opens: Ints) -> Float64:
    """Return (n_windows,) means of what was known before each window opens, NaN of nothing."""
    # A label known in session s counts for the windows that open after s.
    place = np.searchsorted(opens, settled_at.to_numpy(), side="right")
    size = len(opens) + 1
    count = np.bincount(place, minlength=size).cumsum()[:-1]
    total = np.bincount(place, weights=values.to_numpy(dtype=float), minlength=size).cumsum()[:-1]
    return ratio(total, count)


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None
