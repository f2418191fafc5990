"""The numbers of a made-up sweep, as its page takes them."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.trials.outcomes import Performance
from rollsight.reports.sweep.numbers.equity import EquityCurves
from rollsight.reports.sweep.numbers.importance import heatmaps, importance
from rollsight.reports.sweep.numbers.metrics import SessionSpan, SweepNumbers, TrialCounts
from rollsight.reports.sweep.numbers.rolling import RollingNumbers, RollingWindow
from rollsight.reports.sweep.numbers.saliency import TrainingSaliency, agreement
from rollsight.reports.sweep.numbers.seeds import Seeds, SettingSpread, Spreads, spread
from rollsight.reports.sweep.numbers.trials import SpanFigures, TrialNumbers, done
from rollsight.reports.sweep.numbers.worth import Statistics, sweep_word

VALUES: dict[str, list[Any]] = {
    "label.horizon": [5, 10],
    "threshold.objective": ["net_return", "precision"],
    "strategy.stop_loss": [None, 0.03, 0.05, 0.08, 0.12],
    "strategy.positions": [5, 10, 20],
}
CHANNELS = ["close", "KS11", "KQ11", "KS200", "IXIC", "GSPC", "VIX", "NG", "GC", "USD/KRW"]
ROWS = "#triallist tr[data-at]"  # of the page's list


def trial(number: int, settings: dict[str, Any], **changes: Any) -> TrialNumbers:
    """Return a trial that is done, whose figures follow from its number unless given."""
    own = TrialNumbers(
        number=number, digest=f"{number:08x}", settings=settings, state="done", error=None,
        training=0, validation=figures(0.1 * number), test=figures(0.05 * number),
        actions={"bought": 812}, chosen=False, link=None,
    )  # fmt: skip
    return replace(own, **changes)


def figures(sharpe: float | None, *, precision: float = 0.36, trades: int = 812) -> SpanFigures:
    """Return figures of a trial around a Sharpe ratio, which is its objective too."""
    annual = None if sharpe is None else 0.18 * sharpe
    return SpanFigures(
        objective=sharpe, sharpe=sharpe, annual_return=annual,
        total_return=None if annual is None else (1 + annual) ** 9 - 1,
        max_drawdown=-0.31, trades=trades, buys=9_450, precision=precision,
        crucial_fail=0.33, net_return=0.0012, log_loss_gain=-0.0021,
    )  # fmt: skip


def grid(n: int | None = None, *, seed: int = 0) -> list[TrialNumbers]:
    """Return trials of the grid, of which the third failed, the horizon and the stop matter."""
    random = np.random.default_rng(seed)
    combined = [dict(zip(VALUES, row, strict=True)) for row in product(*VALUES.values())]
    found = []
    for number in range(n or len(combined)):
        own = combined[number % len(combined)]
        stop = own["strategy.stop_loss"] or 0.2
        good = 0.35 * (own["label.horizon"] == 10) - 1.5 * abs(stop - 0.08)
        luck = random.normal(0, 0.14, 3)
        found.append(
            trial(
                number, own, training=VALUES["label.horizon"].index(own["label.horizon"]),
                validation=figures(0.25 + good + luck[0] + luck[1], precision=0.36 + luck[0] / 20),
                test=figures(good + luck[0] + luck[2], precision=0.36 + luck[2] / 20),
            )
        )  # fmt: skip
    return found


def sweep_data(trials: list[TrialNumbers] | None = None, **changes: Any) -> SweepNumbers:
    """Return a sweep's numbers around trials; without them, of a grid with a failed one."""
    if trials is None:
        trials = grid()
        trials[2] = replace(
            trials[2], state="failed", validation=None, test=None, training=None,
            error="strategy.positions=20 needs 20 names, window 3 has 18",
        )  # fmt: skip
    best = max(done(trials), key=_objective, default=None)
    if best is not None:
        at = trials.index(best)
        best = replace(best, chosen=True, link=f"kept/{best.number:04d}/report.html")
        trials = [*trials[:at], best, *trials[at + 1 :]]
    ran = done(trials)
    data = SweepNumbers(
        name="KOSPI momentum, stops", verdict="little",
        objective="sharpe", select="validation", sampler="grid",
        keys=tuple(VALUES), values={key: tuple(values) for key, values in VALUES.items()},
        circumstances=(),
        span=SessionSpan(
            first_session="2016-01-04", last_session="2025-12-30", sessions=2_455,
            sessions_per_year=245.3, validation_first="2015-07-01", validation_last="2025-06-30",
        ),
        benchmark_name="KS11", notes=(), counts=_counts(trials), trials=tuple(trials),
        chosen=None if best is None else best.number,
        statistics=_statistics(ran, best), seeds=None, lead=None, importance=(),
        heatmaps=heatmaps([], []), saliency=saliency(), agreement=None, rolling=None,
        equity=_equity() if ran else EquityCurves(),
    )  # fmt: skip
    data = replace(data, **changes)
    return replace(
        data,
        verdict=sweep_word(data.statistics),
        importance=tuple(importance(trials, data.keys)),
        heatmaps=heatmaps(trials, data.keys),
        agreement=agreement(data.saliency),
    )


def saliency(skilled: tuple[int, ...] = (4, 7)) -> tuple[TrainingSaliency, ...]:
    """Return the maps of distinct trainings with so many skilled windows each."""
    random = np.random.default_rng(3)
    base = random.random(len(CHANNELS))
    found = []
    for number, count in enumerate(skilled):
        own = base + 0.3 * random.random(len(CHANNELS))
        found.append(
            TrainingSaliency(
                training=number, trials=30, skilled=count, windows=56,
                settings={"label.horizon": VALUES["label.horizon"][number % 2]},
                channels=tuple(CHANNELS), share=tuple((own / own.sum()).tolist()),
            )
        )  # fmt: skip
    return tuple(found)


def seeds() -> Seeds:
    """Return the spread over seeds of two settings, of which one has a validation alone."""
    over = spread([0.1, 0.25, -0.3])
    names: list[dict[str, Any]] = [{"strategy.stop_loss": None}, {"strategy.stop_loss": 0.05}]
    settings = (
        SettingSpread(own, (n, n + 2, n + 4), chosen=n == 0, validation=over,
                      test=Spreads(*[over if n == 0 else None] * 4))
        for n, own in enumerate(names)
    )  # fmt: skip
    return Seeds(comparable=True, settings=tuple(settings))


def few(**changes: Any) -> SweepNumbers:
    """Return the numbers of a sweep over two keys, whose page is drawn faster."""
    return sweep_data(grid(20), **({"keys": tuple(VALUES)[1:3]} | changes))


def rolling(data: SweepNumbers) -> RollingNumbers:
    """Return a choice anew in each of eight windows, of which the first two choose nothing."""
    windows = (
        RollingWindow(
            number=n, test_start=f"20{16 + n}-01-04", trial=None if n < 2 else 31 + n % 3,
            objective=None if n < 2 else 0.4 - 0.03 * n,
        )
        for n in range(8)
    )  # fmt: skip
    own = data.trials[0].test
    assert own is not None
    return RollingNumbers(
        windows=tuple(windows),
        figures=account(own),
        switches=5,
        benchmark=data.statistics.benchmark,
        median=data.statistics.median,
        burn_in=2,
        following=3,
    )


def account(own: SpanFigures) -> Performance:
    """Return the figures of a trial's account alone."""
    return Performance(own.sharpe, own.annual_return, own.total_return, own.max_drawdown)


def _objective(trial: TrialNumbers) -> float:
    return (trial.validation and trial.validation.objective) or -9.0


def _sharpe(trial: TrialNumbers) -> float:
    return (trial.test and trial.test.sharpe) or -9.0


def _counts(trials: list[TrialNumbers]) -> TrialCounts:
    states = [t.state for t in trials]
    return TrialCounts(
        trials=len(trials), done=states.count("done"), failed=states.count("failed"),
        abandoned=states.count("abandoned"), ever=len(trials) + 2, duplicates=0, networks=112,
        signals=4, backtests=len(trials),
    )  # fmt: skip


def _statistics(ran: list[TrialNumbers], best: TrialNumbers | None) -> Statistics:
    if best is None or len(ran) < 2:
        return Statistics(trials_counted=len(ran), pbo_splits=0, alike=False)
    middle = sorted(ran, key=_sharpe)[len(ran) // 2].test
    assert middle is not None
    return Statistics(
        chosen_sharpe=_sharpe(best), expected_best=0.62, deflated_sharpe=0.627,
        deflated_ahead=0.481,
        alike=False,
        trials_counted=len(ran) + 3, effective_trials=11.7, pbo=0.343, pbo_loss=0.271,
        pbo_splits=12_870,
        pbo_ranks=tuple(np.random.default_rng(1).beta(2.2, 1.5, 12_870).tolist()),
        spa=0.218, reality_check=0.347,
        benchmark=Performance(0.41, 0.071, 0.86, -0.36),
        universe=Performance(0.45, 0.083, 1.05, -0.38),
        median=account(middle), beat_benchmark=0.121,
        rank_correlation=0.63, benchmark_span=None, median_beside=None,
    )  # fmt: skip


def _equity() -> EquityCurves:
    days = pd.bdate_range("2016-01-04", periods=2_455).strftime("%Y-%m-%d").tolist()
    drift = np.array([[6e-4], [1.3e-4], [3.5e-4], [4e-4]])
    moves = np.random.default_rng(6).normal(drift, 0.009, (len(drift), len(days)))
    chosen, median, benchmark, universe = map(
        tuple, np.cumprod(1 + moves, axis=1).round(6).tolist()
    )
    return EquityCurves(tuple(days), chosen, median, benchmark, universe)
