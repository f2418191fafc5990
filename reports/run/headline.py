"""The first section: the verdict, eight numbers, one figure, and the facts in sentences."""

from collections.abc import Callable
from functools import partial
from html import escape

from rollsight.reports.page.html import figure, number, percent, prose, section
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import verdict_name
from rollsight.reports.run.data.benchmark import benchmark_label
from rollsight.reports.run.figures import equity_figure
from rollsight.reports.run.headfacts import Headline, Performance
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.judgement import why
from rollsight.reports.run.verdict import verdict
from rollsight.reports.statistics.judgement import Word


def headline(numbers: RunNumbers, say: Say) -> str:
    """Return the verdict, the tiles and the equity beside the benchmark."""
    said = "".join(f'<li class="{tone}">{prose(text)}</li>' for tone, text in verdict(numbers, say))
    boxes = "".join(tile(*of) for of in tiles(numbers, say))
    return section(
        "headline",
        say("What this run says"),
        verdict_line(numbers.verdict.word, why(numbers, say), say),
        f'<div class="tiles">{boxes}</div>',
        figure(equity_figure(numbers, say), escape(say("Equity at each close, costs included."))),
        f'<ul class="facts">{said}</ul>',
    )


def verdict_line(word: Word, because: str, say: Say) -> str:
    """Return the first line of a page: the word of the verdict, and why."""
    return f'<p class="verdict {word}"><b>{verdict_name(word, say)}</b>: {prose(because)}.</p>'


def tiles(numbers: RunNumbers, say: Say) -> list[tuple[str, str, str, str]]:
    """Return name, value, what it is set beside and colour, of each tile."""
    head, overall = numbers.headline, numbers.overall
    buys, taken = overall.all_buys, overall.taken
    account = numbers.verdict.tone("account")

    def tile_of(
        name: str, shown: Callable[[Performance], str], tone: str = account
    ) -> tuple[str, str, str, str]:
        return name, shown(head.strategy), _beside(head, shown, say), tone

    signed = partial(percent, sign=True)
    return [
        tile_of(say("Total return, net"), lambda p: signed(p.total_return)),
        tile_of(say("A year, net"), lambda p: signed(p.annual_return)),
        tile_of(say("Sharpe ratio"), lambda p: number(p.sharpe, 2)),
        tile_of(say("Deepest drawdown"), lambda p: percent(p.max_drawdown), ""),
        (say("Precision of buys"), percent(overall.figures.precision),
         say("base rate {share}", share=percent(buys.base_up_of_alike)), ""),
        (say("Crucial-fail"), percent(overall.figures.crucial_fail),
         say("base rate {share}", share=percent(buys.base_down_of_alike)), ""),
        (say("Trades"), number(head.trades),
         say("{share} with a profit", share=percent(head.profitable)), ""),
        (say("Net return of a trade"), percent(taken.net_return, 2, sign=True),
         say("gross {share}", share=percent(taken.gross_return, 2, sign=True)),
         numbers.verdict.tone("trades")),
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


def tile(name: str, value: str, beside: str, tone: str = "") -> str:
    """Return one number of a page in a box."""
    return (
        f'<div class="tile"><span>{escape(name)}</span><b class="{tone}">{escape(value)}</b>'
        f"<span>{escape(beside)}</span></div>"
    )
