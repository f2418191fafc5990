"""One trial of a sweep: a setting traded on the validation spans and on the test spans."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.backtests.account import statistics
from rollsight.backtests.account.backtest import account_of
from rollsight.backtests.chain.forecasts import Forecast
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trials.outcomes import Figures, Outcome
from rollsight.backtests.trials.paths import Path, Paths, paths_of
from rollsight.strategies.engines.garbage import no_garbage

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Traded:
    """What trading a path's buys gave."""

    sessions: npt.NDArray[np.datetime64]
    returns: Float64
    trades: int
    actions: dict[str, int]
    risk_free: Float64 | None


def run_trial(ready: Prepared, spec: RunSpec, forecasts: Sequence[Forecast]) -> Outcome:
    """Tune each window's threshold, and trade both paths, see `paths_of`.

    Parameters
    ----------
    forecasts
        of each window, in order
    """
    return trade_paths(paths_of(ready, spec, forecasts), spec)


@no_garbage()
def trade_paths(paths: Paths, spec: RunSpec) -> Outcome:
    """Trade both paths by a spec that differs from theirs in its strategy alone, if at all."""
    before, own = _traded(paths.validation, spec), _traded(paths.test, spec)
    return Outcome(
        validation=_figures(paths.validation, before),
        test=_figures(paths.test, own),
        known=_known(paths, own),
        returns=own.returns,
        validation_returns=before.returns,
        sessions=own.sessions,
        validation_sessions=before.sessions,
        opens=paths.test.ready.market.sessions[paths.opens],
        actions=own.actions,
    )


def _traded(path: Path, spec: RunSpec) -> _Traded:
    sessions = path.ready.market.sessions
    found = account_of(path.plan(spec), sessions[path.first :])
    diary, count = found.diary, path.stop - path.first
    entries = (diary.orders[trip.entry_order].filled_at for trip in diary.trips)
    bought = diary.counts()
    bought[""] = path.figures["buys"] - bought.total()
    return _Traded(
        sessions=sessions[path.first : path.stop],
        returns=found.equity["return"].to_numpy()[:count],
        trades=sum(entry < count for entry in entries),
        actions={action: n for action, n in sorted(bought.items()) if n},
        risk_free=path.ready.cash_returns(path.first, path.stop),
    )


def _figures(path: Path, done: _Traded) -> Figures:
    per_year = statistics.sessions_per_year(done.sessions)
    return Figures(
        sharpe=statistics.sharpe_ratio(done.returns, per_year, done.risk_free),
        annual_return=statistics.annual_return(done.returns, per_year),
        total_return=statistics.total_return(done.returns),
        max_drawdown=statistics.max_drawdown(done.returns),
        trades=done.trades,
        **path.figures,
    )


def _known(paths: Paths, own: _Traded) -> dict[str, Float64]:
    """Return each objective before each window, from returns and labels that were known by then."""
    past = [own.returns[: at - paths.opens[0]] for at in paths.opens]
    per_year = statistics.sessions_per_year(own.sessions)
    cash = own.risk_free
    sharpe = [
        statistics.sharpe_ratio(r, per_year, cash if cash is None else cash[: len(r)]) for r in past
    ]
    # An account that has not moved yet has no return to be chosen for.
    annual = [statistics.annual_return(r, per_year) if r.any() else None for r in past]
    return {
        "sharpe": np.array(sharpe, dtype=float),
        "annual_return": np.array(annual, dtype=float),
        **paths.test.known,
    }
