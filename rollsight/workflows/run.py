"""A whole run, from a spec to its directory and its report."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from rollsight.backtests.chain.fold import FittedFold
from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.chain.walkforward import NONE, walk_forward
from rollsight.backtests.changes import sealed, spec_at
from rollsight.backtests.directory.claims import Claim, claim, refuse_another_spec, remove_run
from rollsight.backtests.directory.result import Result, finish, write_json, write_tables
from rollsight.backtests.spec import RunSpec, to_toml
from rollsight.backtests.specs.keys import Changes
from rollsight.base.errors import RollsightError
from rollsight.base.files import write_text
from rollsight.base.progress import Progress, Steps, Stopwatch, silent
from rollsight.base.records import plain
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.run.data.leak import is_leak_of, leak_figures, leaking, read_leaked
from rollsight.reports.run.holdout.facts import holdout_of
from rollsight.reports.run.holdout.sentence import with_holdout
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.page import chosen_sections, render, require_shown
from rollsight.reports.run.tearsheet import tearsheet
from rollsight.signals.folder.reading import Folder
from rollsight.training.fitting.store import Store
from rollsight.workflows.display.calls import automatic, called
from rollsight.workflows.display.notebook import run_html
from rollsight.workflows.display.opening import show_page
from rollsight.workflows.display.plot import equity_plot
from rollsight.workflows.summary import summary_table, summary_text
from rollsight.workflows.timings import timings_of

PAGE = "report.html"


@dataclass(frozen=True, eq=False, repr=False)
class Run(Result):
    """A run's tables with the numbers and the page of its report.

    Attributes
    ----------
    numbers
        every number of the report
    html
        the report, one self-contained page; empty where none was drawn
    out
        its directory; None where none was written
    """

    numbers: RunNumbers
    html: str
    out: Path | None = None

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """The numbers as metrics.json holds them."""
        return dict(plain(self.numbers))

    @property
    def returns(self) -> pd.Series:
        """Net return of the account by session, a fraction, 0 in the first; named as the run."""
        return self.equity.set_index("date")["return"].rename(self.spec.name)

    def summary(self) -> pd.DataFrame:
        """Return the headline figures with their ranges, see `summary_table`."""
        return summary_table(self.numbers)

    def plot(self) -> Figure:
        """Return equity, benchmark and drawdown as a figure, which a notebook shows by itself."""
        return equity_plot(self.numbers)

    def show(self) -> None:
        """Open the page in a browser; a notebook shows a link to it.

        Raises
        ------
        RollsightError
            If no page was drawn, or there is no browser.
        """
        show_page(self.html, self.out and self.out / PAGE)

    def __repr__(self) -> str:
        return summary_text(self.numbers)

    def _repr_html_(self) -> str:
        return run_html(self.numbers, self.out and self.out / PAGE)


@called
def run(
    spec: RunSpec | str | Path,
    changes: Changes = (),
    *,
    out: str | Path | None = None,
    market: str | Path | Folder | None = None,
    jobs: int = 1,
    leak: bool = False,
    fresh: bool = False,
    store: str | Path | None = None,
    page: bool = True,
    lang: Lang = "en",
    sections: Sequence[str] | None = None,
    progress: Progress | None = automatic,
) -> Run:
    """Train, trade, explain and report.

    Parameters
    ----------
    spec
        a spec, a preset's name (``sample``, ``krx``), or the path of a TOML file
    changes
        values by ``section.key``, as in ``{"label.horizon": 5}``, or ``section.key=value`` strings
    out
        directory to write, and to take finished networks from; None writes nothing
    market
        market folder, or a market in memory, that takes the place of the spec's
    jobs
        windows trained at the same time; results do not depend on it
    leak
        run once more with same-date joins, into ``out``/leak, and report the difference
    fresh
        start over: take nothing from an earlier run in ``out``, whatever its spec; it stays
        until the new one is whole
    store
        folder of networks and daily features that runs and sweeps share; None shares none
    page
        draw the page, with QuantStats' sheet and figures; ``rollsight report`` draws it later
    lang
        language of the page
    sections
        keys of the page's sections, ``headline`` and the like; None shows all
    progress
        called with stage, steps done and steps in all; shown by itself, None shows nothing

    Raises
    ------
    RollsightError
        If the spec, the sections, the data or the directory cannot be used, it holds a finished
        run of another spec, or another run writes to it; nothing is written then. If the training
        diverges, or each worker of a task dies; finished networks are kept for the next call.
    """
    require_shown(sections, page=page)
    spec, progress = sealed(spec_at(spec, market, changes)), progress or silent
    other = leaking(spec) if leak else None
    out = None if out is None else Path(out)
    if out is not None and not fresh:
        refuse_another_spec(out, spec)
    watch = Stopwatch(progress)
    watch("read the market", 0, 1)
    # Whatever is wrong with the input is found before anything is written.
    shared = None if store is None else Path(store)
    prepared = prepare(spec, shared, market)
    watch("read the market", 1, 1)
    with nullcontext() if out is None else claim(out, spec, fresh=fresh) as claimed:
        finished = run_prepared(
            spec, prepared, claimed, watch, jobs=jobs, page=page, lang=lang, sections=sections,
            shared=shared,
        )  # fmt: skip
        beside = None if out is None else out / "leak"
        if beside is not None and (fresh or not is_leak_of(beside, spec)):
            remove_run(beside)
        if other is not None:
            leaked = run(
                other, out=beside, store=store, jobs=jobs, page=page, lang=lang, sections=sections,
                market=market, progress=progress,
            )  # fmt: skip
            finished = report(
                finished, leaked.numbers, out=out, page=page, lang=lang, sections=sections
            )
            if out is not None:
                write_report(finished, out)
    return finished


def run_prepared(
    spec: RunSpec,
    prepared: Prepared,
    claimed: Claim | None,
    watch: Stopwatch,
    *,
    shared: Path | None = None,
    known: Mapping[int, FittedFold] = NONE,
    jobs: int,
    page: bool = True,
    lang: Lang,
    sections: Sequence[str] | None = None,
) -> Run:
    """Train, trade, explain, report and write what was prepared.

    Parameters
    ----------
    claimed
        a directory, or None
    shared
        folder of networks that runs and sweeps share
    known
        windows by number that were scored already

    Raises
    ------
    RollsightError
        If the training diverges, each worker of a task dies, or the directory cannot be written.
    """
    store = Store(shared=shared)
    if claimed is not None:
        store = Store(claimed.models, shared, claimed.earlier)
    lay_ready = any(any(folder.glob("*.pt")) for folder in store.folders)
    try:
        result = walk_forward(
            spec, prepared=prepared, store=store, known=known, jobs=jobs, progress=watch
        )
        if claimed is not None:
            write_tables(result, claimed.folder)
        leaked = None if claimed is None else read_leaked(claimed.out, result)
        finished = report(
            result, leaked, out=None if claimed is None else claimed.out, page=page, lang=lang,
            sections=sections, progress=watch,
        )  # fmt: skip
        if claimed is not None:
            write_report(finished, claimed.folder)
            if not page:  # what is there is another run's, or of a call that was cut short
                for folder in (claimed.out, claimed.folder):
                    (folder / PAGE).unlink(missing_ok=True)
            timings = timings_of(watch, jobs, lay_ready=lay_ready)
            write_json(claimed.folder / "timings.json", timings)
            finish(claimed, finished.manifest)
    except OSError as error:
        where = "the store" if claimed is None else f"--out {claimed.out}"
        raise RollsightError(
            f"{where} cannot be written ({error.strerror or error}): finished networks are kept; "
            "make room, and make the same call again"
        ) from error
    return finished


def report(
    result: Result,
    leaked: RunNumbers | None = None,
    *,
    out: Path | None = None,
    page: bool = True,
    lang: Lang = "en",
    sections: Sequence[str] | None = None,
    progress: Progress = silent,
) -> Run:
    """Return a result with the numbers and the page of its report.

    Parameters
    ----------
    leaked
        numbers of the same run with same-date joins, where it was made
    out
        directory of the run, where it has one
    page
        draw the page; without it the numbers lack QuantStats' figures
    lang
        language of the page
    sections
        keys of the page's sections; None shows all
    progress
        called with a stage of the numbers, QuantStats' sheet and each section

    Raises
    ------
    RollsightError
        If there is no such section.
    """
    chosen = chosen_sections(sections)
    step = Steps(progress, "write the report", 2 + len(chosen) if page else 1)
    looks = holdout_of(result.spec, result.manifest)
    numbers, html = with_holdout(build_metrics(result), looks), ""
    if leaked is not None:
        numbers = replace(numbers, leak=leak_figures(numbers, leaked))
    step()
    if page:
        say = speak(lang)
        sheet, figures = tearsheet(numbers, say)
        numbers = replace(numbers, quantstats=plain(figures))
        step()
        html = render(numbers, to_toml(result.spec), sheet, say=say, sections=chosen, step=step)
    tables = {field.name: getattr(result, field.name) for field in fields(Result)}
    return Run(**tables, numbers=numbers, html=html, out=out and out.absolute())


def write_report(finished: Run, out: Path) -> None:
    """Write numbers and page into a run directory."""
    write_json(out / "metrics.json", finished.metrics)
    if finished.html:
        write_text(out / PAGE, finished.html)
