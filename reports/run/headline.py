"""The first section: what the run says in sentences, eight numbers and one figure."""

from collections.abc import Callable
from functools import partial
from html import escape

from rollsight.reports.page.html import figure, number, percent, prose, section
from rollsight.reports.page.language import Say
from rollsight.reports.run.data.benchmark import benchmark_label
from rollsight.reports.run.figures import equity_figure
from rollsight.reports.run.headfacts import Headline, Performance
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.verdict import verdict


def headline(numbers: RunNumbers, say: Say) -> str:
    """Return the verdict, the tiles and the equity beside the benchmark."""
    said = "".join(f'<li class="{tone}">{prose(text)}</li>' for tone, text in verdict(numbers, say))
    boxes = "".join(tile(*of) for of in tiles(numbers, say))
    return section(
        "headline",
        say("What this run says"),
        f'<ul class="verdict">{said}</ul><div class="tiles">{boxes}</div>',
        figure(equity_figure(numbers, say), escape(say("Equity at each close, costs included."))),
    )


def tiles(numbers: RunNumbers, say: Say) -> list[tuple[str, str, str]]:
    """Return name, value and what it is set beside, of each tile."""
    head, overall = numbers.headline, numbers.overall
    buys, taken = overall.all_buys, overall.taken

    def tile_of(name: str, shown: Callable[[Performance], str]) -> tuple[str, str, str]:
        return name, shown(head.strategy), _beside(head, shown, say)

    signed = partial(percent, sign=True)
    return [
        tile_of(say("Total return, net"), lambda p: signed(p.total_return)),
        tile_of(say("A year, net"), lambda p: signed(p.annual_return)),
        tile_of(say("Sharpe ratio"), lambda p: number(p.sharpe, 2)),
        tile_of(say("Deepest drawdown"), lambda p: percent(p.max_drawdown)),
        (say("Precision of buys"), percent(overall.figures.precision),
         say("base rate {share}", share=percent(buys.base_up_of_alike))),
        (say("Crucial-fail"), percent(overall.figures.crucial_fail),
         say("base rate {share}", share=percent(buys.base_down_of_alike))),
        (say("Trades"), number(head.trades),
         say("{share} with a profit", share=percent(head.profitable))),
        (say("Net return of a trade"), percent(taken.net_return, 2, sign=True),
         say("gross {share}", share=percent(taken.gross_return, 2, sign=True))),
    ]  # fmt: skip


def _beside(head: Headline, shown: Callable[[Performance], str], say: Say) -> str:
    if head.benchmark is None:
        return say("no benchmark")
    name = benchmark_label(head.benchmark_name, head.benchmark_span, say)
    if head.benchmark_span is None or head.strategy_beside is None:
        return f"{name} {shown(head.benchmark)}"
    return say(
        "{name}: {value}, strategy {own}",
        name=name,
        value=shown(head.benchmark),
        own=shown(head.strategy_beside),
    )


def tile(name: str, value: str, beside: str) -> str:
    """Return one number of a page in a box."""
    return (
        f'<div class="tile"><span>{escape(name)}</span><b>{escape(value)}</b>'
        f"<span>{escape(beside)}</span></div>"
    )
