"""The first section: the verdict, eight numbers, one figure, and the facts in sentences."""

from collections.abc import Callable
from functools import partial
from html import escape

from rollsight.reports.page.html import figure, number, percent, prose, section
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import is_place, verdict_name
from rollsight.reports.run.beside.riskfree import risk_free_said
from rollsight.reports.run.data.benchmark import benchmark_label
from rollsight.reports.run.figures import equity_figure
from rollsight.reports.run.headfacts import Headline, Performance
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.judgement import why
from rollsight.reports.run.scores.seeds import range_said
from rollsight.reports.run.verdict import verdict
from rollsight.reports.statistics.judgement import Word


def headline(numbers: RunNumbers, say: Say) -> str:
    """Return the verdict, the tiles and the equity beside the benchmark."""
    said = "".join(f'<li class="{tone}">{prose(text)}</li>' for tone, text in verdict(numbers, say))
    boxes = "".join(
        tile(name, value, *beside, tone=tone) for name, value, tone, *beside in tiles(numbers, say)
    )
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


def tiles(numbers: RunNumbers, say: Say) -> list[tuple[str, ...]]:
    """Return name, value, colour and what it is set beside, of each tile.

    Where the best of each date are bought, how well they are ranked stands in place of how many
    trades there were.
    """
    head, overall = numbers.headline, numbers.overall
    buys, taken = overall.all_buys, overall.taken
    account = numbers.verdict.tone("account")

    def tile_of(
        name: str, figure: str, shown: Callable[..., str], tone: str = account
    ) -> tuple[str, ...]:
        beside = _beside(head, lambda p: shown(getattr(p, figure)), say)
        others = range_said(numbers.seeds, figure, shown, say)
        above = [risk_free_said(head.risk_free, say)] if figure == "sharpe" else []
        return name, shown(getattr(head.strategy, figure)), tone, beside, *above, others

    signed, decimals = partial(percent, sign=True), partial(number, digits=2)
    return [
        tile_of(say("Total return, net"), "total_return", signed),
        tile_of(say("A year, net"), "annual_return", signed),
        tile_of(say("Sharpe ratio"), "sharpe", decimals),
        tile_of(say("Deepest drawdown"), "max_drawdown", percent, ""),
        (say("Precision of buys"), percent(overall.figures.precision), "",
         say("base rate {share}", share=percent(buys.base_up_of_alike)),
         range_said(numbers.seeds, "precision", percent, say)),
        (say("Crucial-fail"), percent(overall.figures.crucial_fail), "",
         say("base rate {share}", share=percent(buys.base_down_of_alike))),
        _ranks(numbers, say) or
        (say("Trades"), number(head.trades), "",
         say("{share} with a profit", share=percent(head.profitable))),
        (say("Net return of a trade"), percent(taken.net_return, 2, sign=True),
         numbers.verdict.tone("trades"),
         say("gross {share}", share=percent(taken.gross_return, 2, sign=True))),
    ]  # fmt: skip


def _ranks(numbers: RunNumbers, say: Say) -> tuple[str, ...] | None:
    """Return the tile of the rank coefficient; None of a run that is not about ranks."""
    found = numbers.ranking
    if not is_place(numbers.thresholds.score) or found is None or found.all.matched.low is None:
        return None
    plain, matched = found.all.plain, found.all.matched
    low, high = number(matched.low, 3), number(matched.high, 3)
    return (
        say("Rank coefficient, stocks as volatile"),
        number(matched.mean, 3),
        "",
        say("95 % interval {low} to {high}", low=low, high=high),
        say("all stocks of the date {value}", value=number(plain.mean, 3)),
    )


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


def tile(name: str, value: str, *beside: str, tone: str = "") -> str:
    """Return one number of a page in a box, with lines of what it is set beside."""
    lines = "".join(f"<span>{escape(line)}</span>" for line in beside)
    return (
        f'<div class="tile"><span>{escape(name)}</span><b class="{tone}">{escape(value)}</b>'
        f"{lines}</div>"
    )
