"""The page of a run, opened where the user is: in a browser, or as a link in a notebook."""

import webbrowser
from html import escape
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

from rollsight.base.errors import RollsightError
from rollsight.base.files import write_text
from rollsight.display import in_notebook


def show_page(html: str, page: Path | None) -> None:
    """Open a page in a browser; in a notebook, show a link to it.

    Parameters
    ----------
    page
        file that may hold it; one is made in the system's folder of temporary files where that
        holds none, or another

    Raises
    ------
    RollsightError
        If no page was drawn, or there is no browser.
    """
    if not html:
        raise RollsightError("no page was drawn (page=False): rollsight.load(DIR).show() draws it")
    if page is None or not _holds(page, html):
        page = Path(mkdtemp(prefix="rollsight-")) / "report.html"
        write_text(page, html)
    if in_notebook():
        from IPython.display import HTML, display

        display(HTML(page_link(page)))
    elif not webbrowser.open(page.absolute().as_uri()):
        raise RollsightError(f"there is no browser to open {page} with: open it where there is one")


def page_link(page: Path | None) -> str:
    """Return a link to a page for a notebook, empty where there is no such file.

    A server of notebooks shows files below the notebook's folder alone, by their path from there.
    """
    if page is None or not page.is_file():
        return ""
    whole, here = page.absolute(), Path.cwd()
    below = whole.is_relative_to(here)
    where = quote(whole.relative_to(here).as_posix()) if below else whole.as_uri()
    text = whole.relative_to(here).as_posix() if below else str(whole)
    return f'<p><a href="{escape(where)}" target="_blank">The page: {escape(text)}</a></p>'


def _holds(page: Path, html: str) -> bool:
    try:
        return page.read_text(encoding="utf-8") == html
    except (OSError, ValueError):
        return False
