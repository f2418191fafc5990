"""A run on somebody's own signals: nothing is trained, all the rest is as of any run."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import pandas as pd

from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.changes import sealed, spec_at
from rollsight.backtests.directory.claims import claim, refuse_another_spec
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.backtests.specs.keys import Changes, read_changes
from rollsight.base.errors import RollsightError
from rollsight.base.progress import Progress, Stopwatch, silent
from rollsight.reports.page.language import Lang
from rollsight.reports.run.page import require_shown
from rollsight.signals.folder.reading import Folder, read_folder
from rollsight.signals.given.table import checked_signals
from rollsight.signals.memory.frames import frame_of
from rollsight.workflows.display.calls import automatic, called
from rollsight.workflows.run import Run, run_prepared

LOOKBACK = 20  # sessions, of the volatility that buys are held against
UNUSED = ("model", "training", "teacher", "gate", "attribution")  # sections of a spec
TRAIN, SHORTEST, VALIDATION = 250, 40, 40  # sessions, where no spec says them


@called
def backtest(
    signals: object,
    market: str | Path | Folder | None = None,
    *,
    spec: RunSpec | str | Path | None = None,
    changes: Changes = (),
    threshold: float | None = None,
    best: int | None = None,
    out: str | Path | None = None,
    jobs: int = 1,
    fresh: bool = False,
    page: bool = True,
    lang: Lang = "en",
    sections: Sequence[str] | None = None,
    progress: Progress | None = automatic,
) -> Run:
    """Trade somebody's own probabilities or scores, and report what they are worth.

    They go through rule, costs, account, evidence and page as a run's own would; nothing is
    trained. What they knew nobody can check: a model that saw what came after its decisions earns
    here what it never will.

    Parameters
    ----------
    signals
        table of date, code, and p_down, p_hold and p_up, or p_up, or score; a date is the session
        at whose close it is decided, and is bought at the next open
    market
        market folder, or a market in memory; None takes the spec's
    spec
        of label, windows, rule and costs: a spec, a preset's name or a TOML file; its model and
        training are not used. None: the defaults, without baselines
    changes
        values by ``section.key``, as in ``{"strategy.stop_loss": 0.1}``, or
        ``section.key=value`` strings
    threshold
        buy what scores so much or more, from the first signal on that has 80 sessions before it;
        a note says how many have not
    best
        buy so many of each date, the highest first, from the same one on. Without both, the
        spec's threshold is tuned on the signals of ``windows.validation_days`` sessions before
        each test span, the first of which are not traded
    out
        directory to write; None writes nothing
    jobs, fresh, page, lang, sections, progress
        as `run` takes them

    Raises
    ------
    RollsightError
        If a signal is of no stock or no session of the market, is there twice, is empty or no
        probability, or the spec, the market or the directory cannot be used.
    """
    require_shown(sections, page=page)
    table = checked_signals(frame_of(_flat(signals), "signals"))
    if threshold is not None and "score" in table:
        raise RollsightError(
            f"threshold={threshold} is of probabilities, and signals has scores: buy the best of "
            "each date (best=5), or leave it out, and it is tuned"
        )
    asked = _spec_of(table, spec, changes, market, threshold, best)
    out = None if out is None else Path(out)
    if out is not None and not fresh:
        refuse_another_spec(out, asked)
    watch = Stopwatch(progress or silent)
    watch("read the market", 0, 1)
    prepared = prepare(asked, None, market, table)
    watch("read the market", 1, 1)
    with nullcontext() if out is None else claim(out, asked, fresh=fresh) as claimed:
        return run_prepared(
            asked, prepared, claimed, watch, jobs=jobs, page=page, lang=lang, sections=sections
        )


def _flat(signals: object) -> object:
    """Return signals whose index of several levels, of dates and codes, are columns."""
    if isinstance(signals, pd.DataFrame) and signals.index.nlevels > 1:
        return signals.reset_index()
    return signals


def _spec_of(
    table: pd.DataFrame,
    spec: RunSpec | str | Path | None,
    changes: Changes,
    market: str | Path | Folder | None,
    threshold: float | None,
    best: int | None,
) -> RunSpec:
    """Return the spec of a run on signals."""
    for told, (section, *_), _ in read_changes(changes):
        if section in UNUSED:
            raise RollsightError(
                f"{told}: nothing is trained on signals that are given: leave it out"
            )
    own = spec_at(RunSpec(name="Signals") if spec is None else spec, market, changes)
    if spec is None:
        content = own.model_dump()
        content["baselines"] = ()
        content["features"]["lookback"] = LOOKBACK
        tuned = threshold is None and best is None and own.threshold.tuned
        content["windows"] |= _windows(table, own, market, tuned=tuned)
        own = spec_at(check_spec(content, "backtest"), market, changes)  # which have the last word
    content = sealed(own).model_dump() | {section: {} for section in UNUSED}
    content["model"] = {"name": "given", "scores": "score" in table}
    if threshold is not None or best is not None:
        content["threshold"] |= {"at": threshold, "best": best}
    return check_spec(content, "backtest")


def _windows(table: pd.DataFrame, own: RunSpec, market: object, *, tuned: bool) -> dict[str, int]:
    """Return windows that leave the signals as many sessions to trade as can be.

    Where the prices begin long enough before them, class frequencies are of the year before.
    """
    folder = market if isinstance(market, Folder) else read_folder(own.market.folder)
    days = folder.prices["Date"].unique()
    before = int((days < table["date"].min().to_datetime64()).sum()) - LOOKBACK
    validation = own.windows.validation_days if tuned else VALIDATION
    before -= 0 if tuned else validation
    return {
        "train_days": min(max(before, SHORTEST), TRAIN),
        "validation_days": validation,
    }
