"""The first section: four numbers and one figure, and behind them the others and all facts."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape

from rollsight.reports.page.html import figure, folded, number, percent, prose, section
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import is_place, verdict_name
from rollsight.reports.run.beside.riskfree import risk_free_said
from rollsight.reports.run.data.benchmark import benchmark_label
from rollsight.reports.run.figures import equity_figure
from rollsight.reports.run.headfacts import Headline, Performance
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.seeds import range_said
from rollsight.reports.run.verdict import verdict
from rollsight.reports.statistics.judgement import Word

FIRST = 4  # tiles that stand beside the equity; the others are folded


def headline(numbers: RunNumbers, say: Say) -> str:
    """Return four tiles beside the equity, and all that is said of the run behind them."""
    said = "".join(f'<li class="{tone}">{prose(text)}</li>' for tone, text in verdict(numbers, say))
    boxes = [
        tile(name, value, *beside, tone=tone) for name, value, tone, *beside in tiles(numbers, say)
    ]
    equity = escape(say("Equity at each close, costs included."))
    more = (
        f'<div class="tiles">{"".join(boxes[FIRST:])}</div><ul class="facts">{said}</ul>'
        f'<p class="legend soft">{prose(_legend(say))}</p>'
    )
    return section(
        "headline",
        say("What this run says"),
        f'<div class="first"><div class="tiles">{"".join(boxes[:FIRST])}</div>'
        f"{figure(equity_figure(numbers, say), equity)}</div>",
        folded(say("More"), more),
    )


def verdict_line(word: Word, because: Sequence[str], say: Say, *, of: str = "") -> str:
    """Return the first line of a page: the word of the verdict, and its reasons.

    Parameters
    ----------
    of
        whose verdict it is, where a page has several
    """
    ends = ["; "] * (len(because) - 1) + ["."]
    told = "".join(f"<span>{prose(r)}{end}</span>" for r, end in zip(because, ends, strict=True))
    named = f"{escape(of)}: " if of else ""
    return f'<p class="verdict {word}">{named}<b>{verdict_name(word, say)}</b>: {told}</p>'


def _legend(say: Say) -> str:
    return say(
        "\N{BLACK UP-POINTING TRIANGLE} and green: for the run, by more than luck. "
        "\N{BLACK DOWN-POINTING TRIANGLE} and red: against it. No mark: luck would do as well, or "
        "it is a fact that no luck is asked of."
    )


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
    precision = (
        say("Precision of buys"), percent(overall.figures.precision), "",
        say("base rate {share}", share=percent(buys.base_up_of_alike)),
        range_said(numbers.seeds, "precision", percent, say),
    )  # fmt: skip
    trades = (
        say("Trades"), number(head.trades), "",
        say("{share} with a profit", share=percent(head.profitable)),
    )  # fmt: skip
    ranks = _ranks(numbers, say)
    return [
        tile_of(say("Total return, net"), "total_return", signed),
        tile_of(say("Sharpe ratio"), "sharpe", decimals),
        tile_of(say("Deepest drawdown"), "max_drawdown", percent, ""),
        ranks or precision,
        tile_of(say("A year, net"), "annual_return", signed),
        precision if ranks else trades,
        (say("Crucial-fail"), percent(overall.figures.crucial_fail), "",
         say("base rate {share}", share=percent(buys.base_down_of_alike))),
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
    """Return one number of a page in a box, with lines of what it is set beside; none is empty."""
    lines = "".join(f"<span>{prose(line)}</span>" for line in beside if line)
    return (
        f'<div class="tile"><span>{escape(name)}</span><b class="{tone}">{escape(value)}</b>'
        f"{lines}</div>"
    )
