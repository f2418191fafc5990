"""Finished runs side by side."""

from pathlib import Path

from rollsight.reports.compare.compared import Compared, read_compared
from rollsight.reports.compare.numbers import Comparison, compare_data
from rollsight.reports.compare.page import comparison
from rollsight.reports.page.document import write_page
from rollsight.reports.page.language import Lang, speak
from rollsight.workflows.display.calls import called
from rollsight.workflows.run import Run


@called
def compare(
    *runs: Run | str | Path, out: str | Path | None = None, lang: Lang = "en"
) -> Comparison:
    """Set finished runs side by side, the others against the first.

    Parameters
    ----------
    runs
        two or more, in memory or by their directories
    out
        HTML page to write; None writes none
    lang
        language of the page

    Returns
    -------
    The comparison; shown as the text that ``rollsight compare`` prints, the verdict on each run
    first

    Raises
    ------
    RollsightError
        If there are fewer than two runs, a directory holds no finished run, or the page cannot be
        written.
    """
    data = compare_data([_compared(run) for run in runs])
    if out is not None:
        write_page(comparison(data, speak(lang)), Path(out))
    return data


def _compared(run: Run | str | Path) -> Compared:
    if not isinstance(run, Run):
        return read_compared(Path(run))
    return Compared(run.out, run.spec, run.numbers, run.manifest["data_digest"])
