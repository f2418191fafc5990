"""Tables of how well scores rank the stocks of each date, and of the account beside others."""

from collections.abc import Sequence

from rollsight.backtests.ranks.information import Information
from rollsight.backtests.ranks.ranked import Ranked
from rollsight.reports.page.html import NONE, Cell, number, percent, signed, table, words
from rollsight.reports.page.language import Say
from rollsight.reports.run.ranking.deciles import Deciles
from rollsight.reports.run.ranking.excess import Estimated, Excess, YearExcess
from rollsight.reports.run.ranking.features import MODEL, FeatureRank

Row = list[Cell | str]


def ranked_table(head: str, rows: Sequence[Ranked], say: Say) -> str:
    """Return a table of both coefficients, one row a group."""
    heads = [say("Dates"), say("Mean"), say("Interval"), say("Robust t"), say("Above 0")]
    return table(
        [head, *heads, *heads[1:]],
        [
            [
                words(_group(r.name, say)),
                number(r.plain.dates),
                *_coefficient(r.plain, say),
                *_coefficient(r.matched, say),
            ]
            for r in rows
        ],
        groups=[
            ("", 2),
            (say("Among all stocks of the date"), 4),
            (say("Among stocks as volatile"), 4),
        ],
    )


def deciles_table(found: Deciles, say: Say) -> str:
    """Return a table of what each tenth of the stocks earned."""
    rows: list[Row] = [[words(p.part), signed(p.gross), signed(p.net)] for p in found.parts]
    return table([say("Tenth"), say("Before costs"), say("After costs")], rows)


def excess_table(found: Sequence[Excess], benchmark: str, say: Say) -> str:
    """Return a table of the account beside the universe and the benchmark, whose name is given."""
    names = {"universe": say("Universe, equal weight, before costs"), "benchmark": benchmark}
    of_each = [say("A year"), say("Interval"), say("t")]
    return table(
        [say("Against"), say("Sessions"), *of_each, *of_each, say("Value"), say("Interval")],
        [
            [
                words(names[e.against]),
                number(e.sessions),
                *_yearly(e.excess, say),
                *_yearly(e.alpha, say),
                number(e.beta.value, 2),
                between(e.beta.low, e.beta.high, say, share=False),
            ]
            for e in found
        ],
        groups=[("", 2), (say("Excess"), 3), (say("Alpha"), 3), (say("Beta"), 2)],
    )


def excess_years_table(found: Sequence[YearExcess], benchmark: str, say: Say) -> str:
    """Return a table of the account beside the universe and the benchmark by calendar year."""
    rows: list[Row] = [
        [words(y.year), signed(y.universe, 1), signed(y.benchmark, 1)] for y in found
    ]
    return table([say("Year"), say("Universe, equal weight, before costs"), words(benchmark)], rows)


def features_table(found: Sequence[FeatureRank], say: Say) -> str:
    """Return a table of the model and single features by themselves."""
    of_each = [say("Mean"), say("Robust t")]
    return table(
        [say("Feature"), *of_each, *of_each, say("q")],
        [
            [
                words(say("The model") if f.name == MODEL else f.title),
                number(f.plain, 3),
                number(f.plain_t, 1),
                number(f.matched, 3),
                number(f.matched_t, 1),
                number(f.q_value, 3),
            ]
            for f in found
        ],
        groups=[
            ("", 1),
            (say("Among all stocks of the date"), 2),
            (say("Among stocks as volatile"), 3),
        ],
    )


def between(low: float | None, high: float | None, say: Say, *, share: bool = True) -> str:
    """Return an interval, of shares in per cent, whose sign stands once."""
    if low is None or high is None:
        return NONE
    if not share:
        return say("{low} to {high}", low=number(low, 2), high=number(high, 2))
    return say("{low} to {high}", low=signed(low).removesuffix(" %"), high=signed(high))


def _group(name: str, say: Say) -> str:
    known = {
        "all": say("all"),
        "small": say("Least traded third"),
        "middle": say("Middle third"),
        "large": say("Most traded third"),
    }
    return known.get(name, name)


def _coefficient(found: Information, say: Say) -> Row:
    low, high = number(found.low, 3), number(found.high, 3)
    interval = NONE if found.low is None else say("{low} to {high}", low=low, high=high)
    return [number(found.mean, 3), interval, number(found.t, 1), percent(found.positive, 0)]


def _yearly(found: Estimated, say: Say) -> Row:
    return [signed(found.value), between(found.low, found.high, say), number(found.t, 1)]
