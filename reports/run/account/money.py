"""The section that follows the money, from what the labels promised to what the account earned."""

from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

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
from rollsight.reports.run.account.stepnotes import step_notes
from rollsight.reports.run.account.waterfall import step_names, waterfall_data, waterfall_figure
from rollsight.reports.run.data.benchmark import benchmark_label

Float64 = npt.NDArray[np.float64]

FIGURES = ("total_return", "annual_return", "volatility", "sharpe", "max_drawdown")


def profit_factor(profits: Float64) -> float | None:
    """Return what the winners made over what the losers lost; None where nothing was lost.

    Pardo, The Evaluation and Optimization of Trading Strategies, 2008.

    >>> profit_factor(np.array([30.0, 10.0, -20.0])), profit_factor(np.array([30.0]))
    (2.0, None)
    """
    lost = -profits[profits < 0].sum()
    return float(profits[profits > 0].sum() / lost) if lost else None


def payoff_ratio(profits: Float64) -> float | None:
    """Return the average winner over the average loser; None without winners or without losers.

    Vince, Portfolio Management Formulas, 1990.

    >>> payoff_ratio(np.array([30.0, 10.0, -20.0])), payoff_ratio(np.array([-20.0]))
    (1.0, None)
    """
    won, lost = profits[profits > 0], profits[profits < 0]
    return float(won.mean() / -lost.mean()) if len(won) and len(lost) else None


STANDING_BESIDE = ("benchmark", "strategy_beside", "universe")


def money_data(result: Result, headline: Mapping[str, Any]) -> dict[str, Any]:
    """Return the waterfall, what stands beside it, and what the trades made by year.

    Parameters
    ----------
    headline : the report's own, whose returns of benchmark and universe are turned into money
    """
    cash, decided = result.spec.strategy.cash, result.trades["decided_at"].dt.year
    years = sorted(result.signals["decided_at"].dt.year.unique())
    return {
        **waterfall_data(
            result.signals,
            result.trades,
            orders=result.orders,
            equity=result.equity,
            spec=result.spec.strategy,
        ),
        **{key: _grown(headline[key], cash) for key in STANDING_BESIDE},
        "years": [{"year": int(y), **_made(result.trades[decided == y])} for y in years],
        "all": _made(result.trades),
    }


def _grown(performance: Mapping[str, Any] | None, cash: float) -> dict[str, float] | None:
    if performance is None:
        return None
    return {"money": cash * performance["total_return"], "share": performance["total_return"]}


def _made(trades: pd.DataFrame) -> dict[str, Any]:
    """Return what some trades made: before costs, and after them."""
    profit = trades["profit"].to_numpy()
    costs = trades[["commission", "tax", "slippage"]].to_numpy().sum()
    return {
        "trades": len(trades),
        "gross_profit": float(profit.sum() + costs),
        "net_profit": float(profit.sum()),
        "profitable": float((profit > 0).mean()) if len(profit) else None,
        "profit_factor": profit_factor(profit),
        "payoff_ratio": payoff_ratio(profit),
    }


def money(metrics: dict[str, Any], say: Say) -> str:
    """Return the way from the labels to the account, and what the trades made year by year."""
    data, currency = metrics["money"], metrics["headline"]["currency"]
    return section(
        "money",
        say("From precision to money"),
        paragraph(
            say(
                "What the labels promised, step by step down to what the account earned, to the "
                "cent and with nothing left over. Up to the unfilled buys every buy has the same "
                "stake of {stake}, one of {positions} equal parts of the starting "
                "cash; the last two steps are what the real stakes differed by.",
                stake=html.money(data["stake"], currency),
                positions=number(data["positions"]),
            )
        ),
        *_steps(metrics, say),
        *_counts(data["counts"], say),
        f"<h3>{escape(say('Beside doing nothing clever'))}</h3>",
        _beside(metrics, say),
        f"<h3>{escape(say('Profit by year of the decision'))}</h3>",
        _years(data, currency, say),
    )


def _steps(metrics: dict[str, Any], say: Say) -> list[str]:
    data, names = metrics["money"], step_names(say)
    if not data["counts"]["ordered"]:
        return [paragraph(say("There was no order."))]
    paid = partial(html.money, currency=metrics["headline"]["currency"])
    rows: list[list[Cell | str]] = [
        [names[s["step"]], paid(s["money"]), signed(s["share"]), paid(s["total"]),
         number(s["rows"])]
        for s in data["steps"]
    ]  # fmt: skip
    rows.append(
        [names["made"], paid(data["made"]), signed(data["made_share"]),
         paid(data["made"]), number(data["counts"]["trades"])]
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
        for key, note in step_notes(
            own="rule" in {s["step"] for s in data["steps"]}, say=say
        ).items()
    )
    return [
        figure(
            waterfall_figure(metrics, say),
            escape(say("Each bar begins where the one above it ends. Grey: for comparison.")),
        ),
        table(heads, rows),
        folded(say("How each step is counted"), f"<ul>{notes}</ul>"),
    ]


def _counts(counts: dict[str, Any], say: Say) -> list[str]:
    fates = _fates(say)

    def listed(tally: dict[str, int]) -> str:
        return " · ".join(f"{fates.get(k, k)} {number(n)}" for k, n in tally.items())

    lines = [
        say(
            "{buys} buys, {labelled} with a label, of a mean label return of {mean}; {ordered} "
            "were ordered, of {ordered_mean}; {trades} were filled.",
            buys=number(counts["buys"]),
            labelled=number(counts["labelled"]),
            mean=percent(counts["mean_label_return"], 2, sign=True),
            ordered=number(counts["ordered"]),
            ordered_mean=percent(counts["ordered_label_return"], 2, sign=True),
            trades=number(counts["trades"]),
        )
    ]
    if counts["not_ordered"]:
        lines.append(say("Not ordered: {fates}.", fates=listed(counts["not_ordered"])))
    if counts["unfilled"]:
        lines.append(say("Ordered and not filled: {fates}.", fates=listed(counts["unfilled"])))
    if counts["exits"]:
        lines.append(say("How the trades ended: {fates}.", fates=listed(counts["exits"])))
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
        "horizon": say("at the horizon"),
        "stop": say("by a stop"),
        "target": say("by a target"),
        "rule": say("by the rule"),
        "delisted": say("delisted"),
        "end": say("still open at the end"),
    }


def _beside(metrics: dict[str, Any], say: Say) -> str:
    head, made = metrics["headline"], metrics["money"]
    universe = say("Universe, equal weight, before costs")
    rows = [(say("Strategy, net of costs"), made["made"], head["strategy"])]
    if head["benchmark"] is not None:
        name = benchmark_label(head["benchmark_name"], head["benchmark_span"], say)
        rows.append((name, made["benchmark"]["money"], head["benchmark"]))
        if head["benchmark_span"] is not None:
            own = say("The strategy over the same sessions")
            rows.append((own, made["strategy_beside"]["money"], head["strategy_beside"]))
    if head["universe"] is not None:
        rows.append((universe, made["universe"]["money"], head["universe"]))
    heads = ["", say("Profit"), say("Return"), say("A year"), say("Volatility"), say("Sharpe"),
             say("Deepest drawdown")]  # fmt: skip
    return table(
        heads,
        [
            [name, html.money(made, head["currency"]), *_performance(figures)]
            for name, made, figures in rows
        ],
    )


def _performance(figures: dict[str, Any]) -> list[Cell | str]:
    return [
        signed(figures["total_return"], 1), signed(figures["annual_return"], 1),
        percent(figures["volatility"]), number(figures["sharpe"], 2),
        percent(figures["max_drawdown"]),
    ]  # fmt: skip


def _years(data: dict[str, Any], currency: str, say: Say) -> str:
    heads = [
        say("Year"), say("Trades"), say("Profit before costs"),
        say("Profit after costs"), say("Profitable"),
        say("Profit factor"), say("Payoff ratio"),
    ]  # fmt: skip
    rows = [[words(y["year"]), *_year(y, currency)] for y in data["years"]]
    return table(heads, [*rows, [words(say("all")), *_year(data["all"], currency)]])


def _year(made: dict[str, Any], currency: str) -> list[Cell | str]:
    return [
        number(made["trades"]), html.money(made["gross_profit"], currency),
        html.money(made["net_profit"], currency),
        percent(made["profitable"]), number(made["profit_factor"], 2),
        number(made["payoff_ratio"], 2),
    ]  # fmt: skip
