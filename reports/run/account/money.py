"""The section that follows the money, from what the labels promised to what the account earned."""

from functools import partial
from html import escape

from rollsight.backtests.directory.result import Result
from rollsight.reports.page import html
from rollsight.reports.page.html import (
    Cell,
    figure,
    folded,
    number,
    paragraph,
    percent,
    section,
    signed,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.run.account.moneyfacts import (
    Counts,
    Grown,
    Made,
    Money,
    YearMade,
    made,
)
from rollsight.reports.run.account.randomaccounts import (
    RandomAccounts,
    beside_random_accounts,
)
from rollsight.reports.run.account.stepnotes import step_notes
from rollsight.reports.run.account.waterfall import step_names, waterfall_data, waterfall_figure
from rollsight.reports.run.beside.benchmarks import BesideBenchmark, benchmarks_table
from rollsight.reports.run.beside.riskfree import risk_free_said
from rollsight.reports.run.data.benchmark import benchmark_label, is_universe
from rollsight.reports.run.headfacts import Headline, Performance
from rollsight.strategies.capacity import THIN

FIGURES = ("total_return", "annual_return", "volatility", "sharpe", "max_drawdown")


def money_data(result: Result, headline: Headline) -> Money:
    """Return the waterfall, what stands beside it, and what the trades made by year.

    Parameters
    ----------
    headline
        the report's own, whose returns of benchmark and universe are turned into money
    """
    cash, decided = result.spec.strategy.cash, result.trades["decided_at"].dt.year
    years = sorted(result.signals["decided_at"].dt.year.unique())
    waterfall = waterfall_data(
        result.signals,
        result.trades,
        orders=result.orders,
        equity=result.equity,
        spec=result.spec.strategy,
    )
    return Money(
        **vars(waterfall),
        benchmark=_grown(headline.benchmark, cash),
        strategy_beside=_grown(headline.strategy_beside, cash),
        universe=_grown(headline.universe, cash),
        years=tuple(
            YearMade(year=int(y), **vars(made(result.trades[decided == y]))) for y in years
        ),
        all=made(result.trades),
    )


def _grown(performance: Performance | None, cash: float) -> Grown | None:
    if performance is None:
        return None
    return Grown(cash * performance.total_return, performance.total_return)


def money(
    data: Money,
    head: Headline,
    say: Say,
    drawn: RandomAccounts | None = None,
    benchmarks: tuple[BesideBenchmark, ...] | None = None,
) -> str:
    """Return the way from the labels to the account, and what the trades made year by year."""
    return section(
        "money",
        say("From precision to money"),
        paragraph(
            say(
                "What the labels promised, step by step down to what the account earned, to the "
                "cent and with nothing left over. Up to the unfilled buys every buy has the same "
                "stake of {stake}, one of {positions} equal parts of the starting "
                "cash; the last two steps are what the real stakes differed by.",
                stake=html.money(data.stake, head.currency),
                positions=number(data.positions),
            )
        ),
        *_steps(data, head, say),
        *_counts(data.counts, say),
        f"<h3>{escape(say('Beside doing nothing clever'))}</h3>",
        _beside(data, head, say),
        *_rate(head, say),
        *benchmarks_table(benchmarks, head, say),
        *beside_random_accounts(drawn, say),
        f"<h3>{escape(say('Profit by year of the decision'))}</h3>",
        _years(data, head.currency, say),
    )


def _steps(data: Money, head: Headline, say: Say) -> list[str]:
    names = step_names(say)
    if not data.counts.ordered:
        return [paragraph(say("There was no order."))]
    paid = partial(html.money, currency=head.currency)
    rows: list[list[Cell | str]] = [
        [names[s.step], paid(s.money), signed(s.share), paid(s.total), number(s.rows)]
        for s in data.steps
    ]  # fmt: skip
    rows.append(
        [names["made"], paid(data.made), signed(data.made_share), paid(data.made),
         number(data.counts.trades)]
    )  # fmt: skip
    heads = [
        say("Step"),
        say("Money"),
        say("Of the cash"),
        say("Running total"),
        say("Rows behind it"),
    ]
    notes = "".join(
        f"<li><b>{escape(names[key])}</b>: {escape(note)}</li>"
        for key, note in step_notes(own="rule" in {s.step for s in data.steps}, say=say).items()
    )
    return [
        figure(
            waterfall_figure(data, head, say),
            escape(say("Each bar begins where the one above it ends. Grey: for comparison.")),
        ),
        table(heads, rows),
        folded(say("How each step is counted"), f"<ul>{notes}</ul>"),
    ]


def _counts(counts: Counts, say: Say) -> list[str]:
    fates = _fates(say)

    def listed(tally: dict[str, int]) -> str:
        return " · ".join(f"{fates.get(k, k)} {number(n)}" for k, n in tally.items())

    lines = [
        say(
            "{buys} buys, {labelled} with a label, of a mean label return of {mean}; {ordered} "
            "were ordered, of {ordered_mean}; {trades} were filled.",
            buys=number(counts.buys),
            labelled=number(counts.labelled),
            mean=percent(counts.mean_label_return, 2, sign=True),
            ordered=number(counts.ordered),
            ordered_mean=percent(counts.ordered_label_return, 2, sign=True),
            trades=number(counts.trades),
        )
    ]
    if counts.not_ordered:
        lines.append(say("Not ordered: {fates}.", fates=listed(counts.not_ordered)))
    if counts.unfilled:
        lines.append(say("Ordered and not filled: {fates}.", fates=listed(counts.unfilled)))
    if counts.exits:
        lines.append(say("How the trades ended: {fates}.", fates=listed(counts.exits)))
    return [paragraph(line) for line in lines]


def _fates(say: Say) -> dict[str, str]:
    return {
        "no free position": say("no free position"),
        "already held": say("already held"),
        "extended": say("extended the holding"),
        "the data ends": say("the data ends"),
        "did not trade": say("did not trade"),
        "did not trade at the decision": say("did not trade at the decision"),
        "locked at the upper limit": say("locked at the upper limit"),
        "positions full: a sale did not fill": say("positions full: a sale did not fill"),
        "not enough cash at the open": say("not enough cash at the open"),
        "one share costs more than the position": say("one share costs more than the position"),
        "too little cash for another position": say("too little cash for another position"),
        "not taken by the rule": say("not taken by the rule"),
        "volume cap": say("no volume left under the cap"),
        THIN: say("less than one share under the capacity"),
        "horizon": say("at the horizon"),
        "stop": say("by a stop"),
        "trailing stop": say("by a trailing stop"),
        "target": say("by a target"),
        "rule": say("by the rule"),
        "delisted": say("delisted"),
        "end": say("still open at the end"),
    }


def _beside(data: Money, head: Headline, say: Say) -> str:
    rows: list[tuple[str, float, Performance | None]]
    rows = [(say("Strategy, net of costs"), data.made, head.strategy)]
    if data.benchmark is not None and not is_universe(head.benchmark_name):
        name = benchmark_label(head.benchmark_name, head.benchmark_span, say)
        rows.append((name, data.benchmark.money, head.benchmark))
    if data.strategy_beside is not None:
        own = say("The strategy over the same sessions")
        rows.append((own, data.strategy_beside.money, head.strategy_beside))
    if data.universe is not None:
        universe = say("Universe, equal weight, before costs")
        rows.append((universe, data.universe.money, head.universe))
    heads = ["", say("Profit"), say("Return"), say("A year"), say("Volatility"), say("Sharpe"),
             say("Deepest drawdown")]  # fmt: skip
    return table(
        heads,
        [
            [name, html.money(profit, head.currency), *_performance(figures)]
            for name, profit, figures in rows
            if figures is not None
        ],
    )


def _rate(head: Headline, say: Say) -> list[str]:
    if head.risk_free is None:
        return []
    rate = risk_free_said(head.risk_free, say)
    return [paragraph(say("Sharpe ratios are of returns above the {rate}.", rate=rate))]


def _performance(figures: Performance) -> list[Cell | str]:
    return [
        signed(figures.total_return, 1), signed(figures.annual_return, 1),
        percent(figures.volatility), number(figures.sharpe, 2),
        percent(figures.max_drawdown),
    ]  # fmt: skip


def _years(data: Money, currency: str, say: Say) -> str:
    heads = [
        say("Year"), say("Trades"), say("Profit before costs"),
        say("Profit after costs"), say("Profitable"),
        say("Profit factor"), say("Payoff ratio"),
    ]  # fmt: skip
    rows = [[words(y.year), *_year(y, currency)] for y in data.years]
    return table(heads, [*rows, [words(say("all")), *_year(data.all, currency)]])


def _year(own: Made, currency: str) -> list[Cell | str]:
    return [
        number(own.trades), html.money(own.gross_profit, currency),
        html.money(own.net_profit, currency),
        percent(own.profitable), number(own.profit_factor, 2),
        number(own.payoff_ratio, 2),
    ]  # fmt: skip
