"""The section on which index the network looked at, winners beside losers."""

from html import escape
from typing import Any

from rollsight.reports import figures
from rollsight.reports.html import figure, paragraph, section
from rollsight.reports.language import Say


def saliency(metrics: dict[str, Any], say: Say) -> str:
    """Return each channel's share and contribution, over the whole run, by year and by window."""
    title = say("Which index drove winners and losers")
    if not metrics["saliency"]:
        return section("saliency", title, paragraph(say("There was no trade.")))
    titles = " · ".join(
        f"{c['name']}: {c['title']} ({c['unit']})" for c in metrics["data"]["channels"]
    )
    return section(
        "saliency",
        title,
        paragraph(
            "Gradient of the log-odds of UP with respect to each standardised input of every "
            "trade's row. A channel's share ranks what the network looks at; it cannot tell "
            "winners from losers. The signed contribution (gradient times input) can, and no "
            "difference shown here has been tested: with few dates, luck alone draws such bars."
        ),
        figure(figures.saliency_figure(metrics), escape(titles)),
        "<h3>By year</h3>",
        figure(figures.periods_figure(metrics, "year"), "White: no such trade in that year."),
        "<h3>By test window</h3>",
        figure(figures.periods_figure(metrics, "window"), "White: no such trade in that window."),
    )
