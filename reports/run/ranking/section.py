"""The section that says whether what scores higher earns more than others of its date."""

from collections.abc import Sequence
from html import escape

from rollsight.backtests.ranks.information import Information
from rollsight.reports.page.html import (
    NONE,
    Cell,
    figure,
    number,
    paragraph,
    percent,
    section,
    signed,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.run.ranking.deciles import Deciles
from rollsight.reports.run.ranking.facts import Ranked, Ranking
from rollsight.reports.run.ranking.figures import ranking_figure


def ranking(found: Ranking | None, say: Say) -> str:
    """Return how well scores rank the stocks of each date; nothing where that is not measured."""
    if found is None:
        return ""
    return section("ranking", say("Ranking"), *_parts(found, say))


def _parts(found: Ranking, say: Say) -> list[str]:
    none = say("No date has 30 labelled stocks: how well the scores rank them is not measured.")
    return _measured(found, say) if found.dates else [paragraph(none)]


def _measured(found: Ranking, say: Say) -> list[str]:
    return [
        paragraph(_meaning(found, say)),
        figure(
            ranking_figure(found, say),
            escape(
                say(
                    "Left: does a higher score go with a higher return? A bar whose line crosses "
                    "0 may be luck. Right: a model that ranks makes the bars rise from 1 to 10."
                )
            ),
        ),
        f"<h3>{escape(say('Rank coefficients by year of the decision'))}</h3>",
        ranked_table(say("Year"), [*found.years, found.all], say),
        *_deciles(found.deciles, say),
    ]


def _meaning(found: Ranking, say: Say) -> str:
    return say(
        "The rank coefficient is Spearman's correlation of p(UP) less p(DOWN) with the label's "
        "return before costs, among the stocks of one date: {dates} dates of {names} labelled "
        "stocks on the mean; {left_out} dates with fewer than 30 are left out. A model that likes "
        "calm stocks ranks well where these did well; so the second coefficient holds each stock "
        "against those of its date that are as volatile (ten buckets of a date with 300 stocks "
        "and more, else five). t is by Newey and West and intervals hold 95 %, by blocks of dates "
        "of {span} sessions: both allow for labels that overlap.",
        dates=number(found.dates),
        names=number(found.names),
        left_out=number(found.left_out),
        span=number(found.span),
    )


def ranked_table(head: str, rows: Sequence[Ranked], say: Say) -> str:
    """Return a table of both coefficients, one row a group."""
    heads = [say("Dates"), say("Mean"), say("Interval"), say("Robust t"), say("Above 0")]
    return table(
        [head, *heads, *heads[1:]],
        [[_name(r.name, say), *_cells(r.plain, say, dates=True), *_cells(r.matched, say)]
         for r in rows],
        groups=[("", 2), (say("Among all stocks of the date"), 4),
                (say("Among stocks as volatile"), 4)],
    )  # fmt: skip


def _name(name: str, say: Say) -> Cell:
    return words(say("all") if name == "all" else name)


def _cells(found: Information, say: Say, *, dates: bool = False) -> list[Cell | str]:
    between = NONE
    if found.low is not None:
        between = say("{low} to {high}", low=number(found.low, 3), high=number(found.high, 3))
    counted = [number(found.dates)] if dates else []
    return [
        *counted, number(found.mean, 3), between, number(found.t, 1), percent(found.positive, 0)
    ]  # fmt: skip


def _deciles(found: Deciles, say: Say) -> list[str]:
    heads = [say("Tenth"), say("Before costs"), say("After costs")]
    rows: list[list[Cell | str]] = [
        [words(p.part), signed(p.gross), signed(p.net)] for p in found.parts
    ]
    spread = found.spread
    return [
        f"<h3>{escape(say('Tenths of the stocks by score'))}</h3>",
        paragraph(
            say(
                "A label of the best tenth earned {gross} more than one of the worst before "
                "costs (95 % interval {interval}), {net} after the costs of the best, and {above} "
                "more than one of all stocks of its date ({above_interval}).",
                gross=signed(spread.gross),
                interval=_between(spread.low, spread.high, say),
                net=signed(spread.net),
                above=signed(spread.of_all),
                above_interval=_between(spread.of_all_low, spread.of_all_high, say),
            )
        ),
        table(heads, rows),
    ]


def _between(low: float | None, high: float | None, say: Say) -> str:
    if low is None or high is None:
        return NONE
    return say("{low} to {high}", low=signed(low).removesuffix(" %"), high=signed(high))
