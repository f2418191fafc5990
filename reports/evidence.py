"""The section that sets what was predicted beside what was earned."""

from html import escape
from typing import Any

from rollsight.reports import figures
from rollsight.reports.html import (
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
from rollsight.reports.language import Say

FIGURE_GROUPS = [("All rows", 3), ("All buys", 8), ("Trades taken", 9)]
FIGURE_HEADS = ["Rows", "Accuracy", "Thresh. acc.", "Buys", "Precision", "Base", "Crucial", "Base",
                "Soso", "Gross", "Net", "Trades", "Precision", "Base", "Crucial", "Base", "Soso",
                "Gross", "Net", "Money"]  # fmt: skip


COST_HEADS = ["Year", "Sales", "Sell tax", "of the sales", "Commission", "Slippage"]


def evidence(metrics: dict[str, Any], say: Say) -> str:
    """Return what the buys predicted beside what they earned, by window, year and overall."""
    years = [[words(y["year"]), *_figures(y)] for y in metrics["years"]]
    years.append([words("all"), *_figures(metrics["overall"])])
    windows = [
        [words(w["number"]), words(w["test_start"]), words("yes" if w["skilled"] else "no"),
         Cell(number(w["threshold"], 3)), *_figures(w)]
        for w in metrics["windows"]
    ]  # fmt: skip
    idle = [w for w in metrics["windows"] if w["no_trade_reason"]]
    reasons = "".join(
        f"<li>Window {w['number']} does not trade: {escape(w['no_trade_reason'])}.</li>"
        for w in idle
    )
    overall = metrics["overall"]["figures"]
    return section(
        "evidence",
        say("Predicted beside earned"),
        paragraph(
            "A buy is a row whose probability of UP reaches its window's threshold. Precision, "
            "crucial-fail and soso-fail are the shares of the buys whose trade went UP, DOWN and "
            "nowhere; they sum to one. The left block counts every buy, the right one the trades "
            "that had room in the portfolio. A base rate is what other stocks of the same date and "
            "the same fifth of volatility did: wild stocks are UP and DOWN more often, so a model "
            "that merely picks them gains precision and crucial-fails alike. Over all rows "
            f"{percent(overall['base_up'])} went UP, {percent(overall['base_hold'])} nowhere and "
            f"{percent(overall['base_down'])} DOWN."
        ),
        figure(
            figures.windows_figure(metrics),
            "Top: precision of each window's buys beside the share of equally volatile stocks that "
            "went UP on the same dates. Bottom: what those buys earned after costs.",
        ),
        f"<ul>{reasons}</ul>" if reasons else "",
        "<h3>By year of the decision</h3>",
        table(["Year", *FIGURE_HEADS], years, groups=[("", 1), *FIGURE_GROUPS]),
        folded(
            f"By window ({len(windows)})",
            table(
                ["Window", "Test from", "Skill", "Threshold", *FIGURE_HEADS],
                windows,
                texts=3,
                groups=[("", 4), *FIGURE_GROUPS],
            ),
        ),
        "<h3>Costs by year of the fill</h3>",
        table(COST_HEADS, [_costs(y) for y in metrics["costs_by_year"]]),
        "<h3>What became of the buys</h3>",
        _counts(metrics["buys"], "buy"),
        _counts(metrics["unfilled"], "unfilled order") if metrics["unfilled"] else "",
    )


def _figures(group: dict[str, Any]) -> list[Cell | str]:
    predicted, buys, taken = group["figures"], group["all_buys"], group["taken"]
    return [
        number(predicted["rows"]),
        percent(predicted["accuracy"]),
        percent(predicted["accuracy_thresholded"]),
        number(buys["buys"]),
        *_classes(buys),
        number(taken["trades"]),
        *_classes(taken),
        number(taken["profit"]),
    ]


def _costs(year: dict[str, Any]) -> list[Cell | str]:
    return [
        words(year["year"]), number(year["sales"]), number(year["tax"]),
        percent(year["tax_of_sales"], 3), number(year["commission"]), number(year["slippage"]),
    ]  # fmt: skip


def _classes(buys: dict[str, Any]) -> list[Cell | str]:
    return [
        percent(buys["precision"]),
        percent(buys["base_up_of_alike"]),
        percent(buys["crucial_fail"]),
        percent(buys["base_down_of_alike"]),
        percent(buys["soso_fail"]),
        signed(buys["gross_return"]),
        signed(buys["net_return"]),
    ]


def _counts(counts: dict[str, int], what: str) -> str:
    if not counts:
        return paragraph(f"There was no {what}.")
    total = sum(counts.values())
    each = " · ".join(f"{reason} {number(n)}" for reason, n in counts.items())
    return paragraph(f"{number(total)} {what}{'s' if total != 1 else ''}: {each}")
