"""The first section: what the run says in sentences, eight numbers and one figure."""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

from rollsight.base.records import record
from rollsight.reports.page.html import figure, number, percent, prose, section
from rollsight.reports.page.language import Say
from rollsight.reports.run.data.benchmark import benchmark_label
from rollsight.reports.run.figures import equity_figure
from rollsight.reports.run.headfacts import Headline
from rollsight.reports.run.verdict import verdict


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
    head, overall = record(Headline, metrics["headline"]), metrics["overall"]
    own, other = head.strategy, head.benchmark
    buys, taken = overall["all_buys"], overall["taken"]

    def beside(figure: str, show: Callable[[float | None], str]) -> str:
        if other is None:
            return say("no benchmark")
        name = benchmark_label(head.benchmark_name, head.benchmark_span, say)
        if head.benchmark_span is None:
            return f"{name} {show(getattr(other, figure))}"
        return say(
            "{name}: {value}, strategy {own}",
            name=name,
            value=show(getattr(other, figure)),
            own=show(getattr(head.strategy_beside, figure)),
        )

    signed, ratio = partial(percent, sign=True), partial(number, digits=2)
    return [
        (say("Total return, net"), signed(own.total_return), beside("total_return", signed)),
        (say("A year, net"), signed(own.annual_return), beside("annual_return", signed)),
        (say("Sharpe ratio"), ratio(own.sharpe), beside("sharpe", ratio)),
        (say("Deepest drawdown"), percent(own.max_drawdown), beside("max_drawdown", percent)),
        (say("Precision of buys"), percent(overall["figures"]["precision"]),
         say("base rate {share}", share=percent(buys["base_up_of_alike"]))),
        (say("Crucial-fail"), percent(overall["figures"]["crucial_fail"]),
         say("base rate {share}", share=percent(buys["base_down_of_alike"]))),
        (say("Trades"), number(head.trades),
         say("{share} with a profit", share=percent(head.profitable))),
        (say("Net return of a trade"), percent(taken["net_return"], 2, sign=True),
         say("gross {share}", share=percent(taken["gross_return"], 2, sign=True))),
    ]  # fmt: skip


def tile(name: str, value: str, beside: str) -> str:
    """Return one number of a page in a box."""
    return (
        f'<div class="tile"><span>{escape(name)}</span><b>{escape(value)}</b>'
        f"<span>{escape(beside)}</span></div>"
    )
