"""A finished run read from its directory, and its report made again."""

from collections.abc import Sequence
from pathlib import Path

from rollsight.backtests.directory.result import read_manifest, read_result
from rollsight.base.progress import Progress, silent
from rollsight.reports.page.document import write_page
from rollsight.reports.page.language import Lang
from rollsight.reports.run.data.leak import read_leaked
from rollsight.reports.run.page import chosen_sections
from rollsight.workflows.display.calls import automatic, called
from rollsight.workflows.run import Run, write_report
from rollsight.workflows.run import report as reported


@called
def load(
    out: str | Path,
    *,
    lang: Lang = "en",
    sections: Sequence[str] | None = None,
    progress: Progress | None = automatic,
) -> Run:
    """Return a finished run from its directory.

    Parameters
    ----------
    out
        directory of a finished run
    lang
        language of its page
    sections
        keys of the page's sections, ``headline`` and the like; None shows all
    progress
        called with stage, steps done and steps in all; shown by itself, None shows nothing

    Raises
    ------
    RollsightError
        If the folder holds no finished run of this version, or there is no such section.
    """
    chosen_sections(sections)
    out = Path(out)
    result = read_result(out)
    leaked = read_leaked(out, result)
    return reported(
        result, leaked, out=out, lang=lang, sections=sections, progress=progress or silent
    )


@called
def report(
    run: str | Path,
    *,
    out: str | Path | None = None,
    lang: Lang = "en",
    sections: Sequence[str] | None = None,
    progress: Progress | None = automatic,
) -> Run:
    """Make the report of a finished run again from its tables, write it, and return the run.

    Parameters
    ----------
    run
        directory of a finished run
    out
        HTML file to write the page to, and nothing else; None writes the run's own page and numbers
    lang
        language of the page
    sections
        keys of the page's sections, ``headline`` and the like; None shows all
    progress
        called with stage, steps done and steps in all; shown by itself, None shows nothing

    Raises
    ------
    RollsightError
        If the folder holds no finished run of this version, or there is no such section.
    """
    finished = load(run, lang=lang, sections=sections, progress=progress)
    if out is not None:
        write_page(finished.html, Path(out))
        return finished
    write_report(finished, Path(run))
    if read_manifest(Path(run)) != finished.manifest:  # a new run has taken its place meanwhile
        return report(run, lang=lang, sections=sections, progress=progress)
    return finished
