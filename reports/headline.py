"""The first section: what the run says in sentences, eight numbers and one figure."""

from html import escape
from typing import Any

from rollsight.reports.figures import equity_figure
from rollsight.reports.html import figure, number, percent, prose, section
from rollsight.reports.language import Say
from rollsight.reports.verdict import verdict


def headline(metrics: dict[str, Any], say: Say) -> str:
    """Return the verdict, the tiles and the equity beside the benchmark."""
    said = "".join(f'<li class="{tone}">{prose(text)}</li>' for tone, text in verdict(metrics, say))
    boxes = "".join(tile(*of) for of in tiles(metrics, say))
    return section(
        "headline",
        say("What this run says"),
        f'<ul class="verdict">{said}</ul><div class="tiles">{boxes}</div>',
        figure(equity_figure(metrics, say), escape(say("Equity at each close, costs included."))),
    )


def tiles(metrics: dict[str, Any], say: Say) -> list[tuple[str, str, str]]:
    """Return name, value and what it is set beside, of each tile."""
    head, overall = metrics["headline"], metrics["overall"]
    own, other = head["strategy"], head["benchmark"]
    buys, taken = overall["all_buys"], overall["taken"]

    def beside(value: str) -> str:
        if other is None:
            return say("no benchmark")
        return f"{head['benchmark_name']} {value}"

    other_of = other or dict.fromkeys(own)
    return [
        (say("Total return, net"), percent(own["total_return"], sign=True),
         beside(percent(other_of["total_return"], sign=True))),
        (say("A year, net"), percent(own["annual_return"], sign=True),
         beside(percent(other_of["annual_return"], sign=True))),
        (say("Sharpe ratio"), number(own["sharpe"], 2), beside(number(other_of["sharpe"], 2))),
        (say("Deepest drawdown"), percent(own["max_drawdown"]),
         beside(percent(other_of["max_drawdown"]))),
        (say("Precision of buys"), percent(overall["figures"]["precision"]),
         say("base rate {share}", share=percent(buys["base_up_of_alike"]))),
        (say("Crucial-fail"), percent(overall["figures"]["crucial_fail"]),
         say("base rate {share}", share=percent(buys["base_down_of_alike"]))),
        (say("Trades"), number(head["trades"]),
         say("{share} with a profit", share=percent(head["profitable"]))),
        (say("Net return of a trade"), percent(taken["net_return"], 2, sign=True),
         say("gross {share}", share=percent(taken["gross_return"], 2, sign=True))),
    ]  # fmt: skip


def tile(name: str, value: str, beside: str) -> str:
    """Return one number of a page in a box."""
    return (
        f'<div class="tile"><span>{escape(name)}</span><b>{escape(value)}</b>'
        f"<span>{escape(beside)}</span></div>"
    )
