"""The section that says whether what scores higher earns more than others of its date."""

from html import escape

from rollsight.reports.page.html import figure, folded, number, paragraph, percent, section, signed
from rollsight.reports.page.language import Say
from rollsight.reports.run.beside.riskfree import RiskFree, risk_free_said
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.ranking.deciles import Spread
from rollsight.reports.run.ranking.facts import Ranking
from rollsight.reports.run.ranking.figures import ranking_figure
from rollsight.reports.run.ranking.looks import looks_data
from rollsight.reports.run.ranking.tables import (
    between,
    deciles_table,
    excess_table,
    excess_years_table,
    features_table,
    ranked_table,
)
from rollsight.reports.statistics.overfitting import best_of_luck


def ranking(numbers: RunNumbers, say: Say) -> str:
    """Return how well scores rank the stocks of each date; nothing where that is not measured."""
    found = numbers.ranking
    if found is None:
        return ""
    none = say("No date has 30 labelled stocks: how well the scores rank them is not measured.")
    ranks = _ranks(found, numbers.verdict.tries, say) if found.dates else [paragraph(none)]
    benchmark = numbers.headline.benchmark_name or say("no benchmark")
    return section(
        "ranking",
        say("Ranking"),
        *ranks,
        *_account(found, benchmark, numbers.headline.risk_free, say),
    )


def _ranks(found: Ranking, tries: int, say: Say) -> list[str]:
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
        paragraph(_looks(found, tries, say)),
        f"<h3>{escape(say('Tenths of the stocks by score'))}</h3>",
        paragraph(_spread(found.deciles.spread, say)),
        deciles_table(found.deciles, say),
        *_beside(found, say),
    ]


def _beside(found: Ranking, say: Say) -> list[str]:
    """Return tables by kinds of stocks, by horizon and of single features."""
    parts = []
    for title, head, rows in (
        (say("By traded value"), say("Stocks"), found.sizes),
        (say("By board"), say("Board"), found.boards),
        (say("By holding"), say("Sessions held"), found.horizons),
    ):
        if rows:
            parts += [f"<h3>{escape(title)}</h3>", ranked_table(head, rows, say)]
    if parts:
        parts.append(paragraph(_thinned(found, say)))
    if found.features:
        folds = features_table(found.features, say)
        count = len(found.features) - 1
        parts.append(folded(say("Single features beside the model ({n})", n=count), folds))
    return parts


def _thinned(found: Ranking, say: Say) -> str:
    return say(
        "These tables look at one decision date in {every}, since labels of neighbouring dates "
        "overlap. Thirds are by the mean traded value of 60 sessions, within the date. A holding "
        "is the same trade as a label's, sold after so many sessions; all of them end within the "
        "test sessions. A feature below 0 speaks against stocks where it is high; q adjusts its "
        "coefficient at equal volatility for the number of features.",
        every=number(found.every),
    )


def _meaning(found: Ranking, say: Say) -> str:
    return say(
        "The rank coefficient is Spearman's correlation of p(UP) less p(DOWN) with the label's "
        "return before costs, among the stocks of one date: {dates} dates of {names} labelled "
        "stocks on the mean; {left_out} dates with fewer than 30 are left out. A model that likes "
        "calm stocks ranks well where these did well; so the second coefficient holds each stock "
        "against those of its date that are as volatile (ten buckets of a date with 300 stocks "
        "and more, else five). t is by Newey and West and intervals hold 95 %, by blocks of dates "
        "of {span} sessions: both allow for labels that overlap. Without skill one interval in "
        "twenty leaves 0 out, and up to one t in nine goes beyond 2, since its error is too small: "
        "where they differ, believe the interval.",
        dates=number(found.dates),
        names=number(found.names),
        left_out=number(found.left_out),
        span=number(found.span),
    )


def _looks(of: Ranking, tries: int, say: Say) -> str:
    found = looks_data(of.all.plain, of.all.matched, of.excess, tries=tries)
    shares = {
        "plain": percent(found.above["plain"]),
        "matched": percent(found.above["matched"]),
        "universe": percent(found.above.get("universe")),
    }
    ten, hundred = (number(best_of_luck(n), 1) for n in (10, 100))
    if found.tries == 1:
        return say(
            "The probability that the truth lies above 0 is {plain} for the rank coefficient, "
            "{matched} among stocks as volatile, and {universe} for the account's excess over the "
            "universe. That is of one run: the best of ten without skill would be {ten} standard "
            "errors ahead, the best of a hundred {hundred}, and what was tried before and is not "
            "counted here belongs to it.",
            **shares, ten=ten, hundred=hundred,
        )  # fmt: skip
    return say(
        "The best of the {tries} runs that were looked at would be {luck} standard errors ahead "
        "without any skill; the probability that the truth lies above that is {plain} for the rank "
        "coefficient, {matched} among stocks as volatile, and {universe} for the account's excess "
        "over the universe. What was tried before and is not counted here belongs to it.",
        tries=number(found.tries), luck=number(found.luck, 1), **shares,
    )  # fmt: skip


def _spread(found: Spread, say: Say) -> str:
    return say(
        "A label of the best tenth earned {gross} more than one of the worst before costs (95 % "
        "interval {interval}), {net} after the costs of the best, and {above} more than one of "
        "all stocks of its date ({above_interval}).",
        gross=signed(found.gross),
        interval=between(found.low, found.high, say),
        net=signed(found.net),
        above=signed(found.of_all),
        above_interval=between(found.of_all_low, found.of_all_high, say),
    )


def _account(found: Ranking, benchmark: str, rate: RiskFree | None, say: Say) -> list[str]:
    if not found.excess:
        return []
    above = (
        []
        if rate is None
        else [
            paragraph(say("Alpha is of returns above the {rate}.", rate=risk_free_said(rate, say)))
        ]
    )
    return [
        f"<h3>{escape(say('The account beside its universe and its benchmark'))}</h3>",
        paragraph(
            say(
                "Excess is the account's log return after costs less the other's, a year; beta is "
                "the share of the other's daily returns that the account takes part in, and alpha "
                "what it earned a year beside that. Intervals hold 95 %, by blocks of 20 sessions."
            )
        ),
        *above,
        excess_table(found.excess, benchmark, say),
        folded(
            say("Excess by calendar year"), excess_years_table(found.excess_years, benchmark, say)
        ),
    ]
