"""One self-contained HTML page around sections."""

from collections.abc import Sequence
from html import escape
from importlib import resources
from pathlib import Path

from rollsight.base.errors import RollsightError
from rollsight.base.files import write_text
from rollsight.reports.page.html import embedded
from rollsight.reports.page.language import Say

SCRIPTS = ("page.js", "hover.js", "list.js", "trades.js", "trade.js")


def document(
    title: str,
    subtitle: str,
    contents: dict[str, str],
    body: str,
    *,
    say: Say,
    lead: str = "",
    scripts: Sequence[str] = SCRIPTS,
) -> str:
    """Return a self-contained page around sections.

    Parameters
    ----------
    title, subtitle
        plain text
    contents
        key and heading of each section, for the list of contents
    body
        HTML of the sections
    lead
        HTML that stands below the title: the verdict
    scripts
        those that its sections need, in the order in which they run
    """
    title = escape(title)
    links = "".join(f'<li><a href="#{k}">{escape(h)}</a></li>' for k, h in contents.items())
    return (
        f'<!DOCTYPE html>\n<html lang="{say.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        # An empty icon of its own keeps a browser from asking a server for one.
        f'<link rel="icon" href="data:,"><title>{title}</title><style>{_read("style.css")}</style>'
        f"<script>{_read('theme.js')}</script></head>"
        f'<body><a class="skip" href="#main">{escape(say("Skip to the report"))}</a>'
        f'<div class="frame"><nav aria-label="{escape(say("Contents"))}">'
        '<p class="brand">rollsight</p>'
        # Folded on a narrow screen, and always open on a wide one.
        f'<details class="contents"><summary>{escape(say("Contents"))}</summary><ol>{links}</ol>'
        f"</details>{_buttons(say)}</nav>"
        f'<main id="main" tabindex="-1"><header><h1>{title}</h1>{lead}'
        f'<p class="soft">{escape(subtitle)}</p></header>'
        f"{body}</main></div>{embedded('page-words', _words(say))}"
        f"<script>{''.join(_read(name) for name in scripts)}</script></body></html>\n"
    )


def write_page(html: str, path: Path) -> None:
    """Write a page atomically to a file of the user's choice.

    Raises
    ------
    RollsightError
        If its folder is not there, or it is a folder itself.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise RollsightError(
            f"--out {path} cannot be written: name a file in a folder that is there"
        )
    write_text(path, html)


def _read(name: str) -> str:
    return (resources.files("rollsight.reports.page") / "assets" / name).read_text(encoding="utf-8")


def _buttons(say: Say) -> str:
    return (
        f'<button type="button" id="unfold" class="live" hidden>{escape(say("Open all"))}</button> '
        f'<button type="button" id="theme" aria-pressed="false">{escape(say("Dark"))}</button>'
    )


def _words(say: Say) -> dict[str, str]:
    return {
        "dark": say("Dark"),
        "light": say("Light"),
        "unfold": say("Open all"),
        "fold": say("Close all"),
        "sorted": say("Sort by {column}", column="{column}"),
    }
