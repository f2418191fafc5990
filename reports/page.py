"""The report: one self-contained HTML page, made from its numbers alone."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from rollsight.reports.data import data
from rollsight.reports.evidence import evidence
from rollsight.reports.headline import headline
from rollsight.reports.html import embedded, paragraph, section
from rollsight.reports.language import Say, speak
from rollsight.reports.modelage import model_age
from rollsight.reports.money import money
from rollsight.reports.saliency import saliency
from rollsight.reports.specification import specification
from rollsight.reports.stretches import stretches
from rollsight.reports.thresholds import thresholds
from rollsight.reports.trades import trades
from rollsight.signals.errors import RollsightError, did_you_mean
from rollsight.signals.files import write_text

Section = Callable[[dict[str, Any], Say], str]
SCRIPTS = ("page.js", "hover.js", "list.js", "trades.js", "trade.js")


def returns(_metrics: dict[str, Any], say: Say, *, sheet: str) -> str:
    """Return the QuantStats tear sheet; its text is its own."""
    own = "" if say.lang == "en" else paragraph(say("The text of QuantStats is English."))
    return section("returns", say("Returns (QuantStats)"), own, sheet)


def sections_of(say: Say, *, spec_toml: str, sheet: str) -> dict[str, tuple[str, Section]]:
    """Return the sections of the page in their order: the name in its contents, and the maker."""
    return {
        "headline": (say("What this run says"), headline),
        "evidence": (say("Predicted beside earned"), evidence),
        "money": (say("From precision to money"), money),
        "thresholds": (say("Thresholds and training"), thresholds),
        "age": (say("Model age"), model_age),
        "saliency": (say("Which index drove winners and losers"), saliency),
        "trades": (say("Every trade"), trades),
        "stretches": (say("Single stocks"), stretches),
        "returns": (say("Returns (QuantStats)"), partial(returns, sheet=sheet)),
        "data": (say("Data"), data),
        "spec": (say("Specification and digests"), partial(specification, spec_toml=spec_toml)),
    }


def require_sections(sections: Sequence[str] | None) -> None:
    """Refuse names of sections that the page does not have.

    Raises
    ------
    RollsightError
        Naming the first of them.
    """
    have = list(sections_of(speak("en"), spec_toml="", sheet=""))
    for name in sections or []:
        if name not in have:
            raise RollsightError(
                f"--sections: there is no section {name!r} {did_you_mean(name, have)}"
            )


def render(
    metrics: dict[str, Any],
    spec_toml: str,
    sheet: str,
    *,
    say: Say,
    sections: Sequence[str] | None = None,
) -> str:
    """Return the page.

    Parameters
    ----------
    metrics : the numbers, as in metrics.json
    sheet : HTML of the QuantStats tear sheet
    say : the language of the page
    sections : keys of those to show, in the page's order; None shows all

    Raises
    ------
    RollsightError
        If there is no section of that name.
    """
    require_sections(sections)
    have = sections_of(say, spec_toml=spec_toml, sheet=sheet)
    chosen = {key: have[key] for key in have if sections is None or key in sections}
    return document(
        metrics["name"],
        _subtitle(metrics, say),
        {key: heading for key, (heading, _) in chosen.items()},
        "".join(make(metrics, say) for _, make in chosen.values()),
        say=say,
    )


def document(
    title: str,
    subtitle: str,
    contents: dict[str, str],
    body: str,
    *,
    say: Say,
    scripts: Sequence[str] = SCRIPTS,
) -> str:
    """Return a self-contained page around sections.

    Parameters
    ----------
    title, subtitle : plain text
    contents : key and heading of each section, for the list of contents
    body : HTML of the sections
    scripts : those that its sections need, in the order in which they run
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
        f'<p class="brand">rollsight</p><ol>{links}</ol>{_switch(say)}</nav>'
        f'<main id="main" tabindex="-1"><header><h1>{title}</h1>'
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
    return (resources.files("rollsight.reports") / name).read_text(encoding="utf-8")


def _switch(say: Say) -> str:
    return f'<button type="button" id="theme" aria-pressed="false">{escape(say("Dark"))}</button>'


def _words(say: Say) -> dict[str, str]:
    return {
        "dark": say("Dark"),
        "light": say("Light"),
        "sorted": say("Sort by {column}", column="{column}"),
    }


def _subtitle(metrics: dict[str, Any], say: Say) -> str:
    head, market = metrics["headline"], metrics["data"]["market"]
    return say(
        "Out of sample {first} to {last} · {windows} walk-forward windows · {stocks} stocks on "
        "{exchange} · {indices} indices · {sessions} sessions a year",
        first=head["first_session"],
        last=head["last_session"],
        windows=metrics["skill"]["windows"],
        stocks=market["stocks"],
        exchange=market["exchange"],
        indices=len(metrics["data"]["ledger"]),
        sessions=f"{head['sessions_per_year']:.0f}",
    )
