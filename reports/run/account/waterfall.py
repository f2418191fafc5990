"""The way from what the labels promised to what the account earned, without a rest."""

from math import fsum

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from rollsight.base.errors import RollsightError
from rollsight.reports.page.drawing import LESS, MORE, OURS, THEIRS, drawing, svg
from rollsight.reports.page.html import percent
from rollsight.reports.page.language import Say
from rollsight.reports.run.account.moneyfacts import Counts, Grown, Money, Step, Waterfall
from rollsight.reports.run.data.benchmark import benchmark_label, is_universe
from rollsight.reports.run.headfacts import Headline
from rollsight.strategies.spec import StrategySpec

CENT = 0.01
STOPS = ("stop", "trailing stop", "target")


def waterfall_data(
    signals: pd.DataFrame,
    trades: pd.DataFrame,
    *,
    orders: pd.DataFrame,
    equity: pd.DataFrame,
    spec: StrategySpec,
) -> Waterfall:
    """Return the steps from the label returns of the buys to the profit of the account.

    Each step is a sum of its own over buys, orders or trades, none is what the others leave over.
    With the stake s = cash / max_positions, and of trade i the money e that its shares cost before
    costs, the equity Q at its decision, its label return l and its gross return g:

    ``all_buys``    s times ordered buys with a label, times the mean label return of all buys
    ``room``        s (mean label return of that date's buys - the mean of all), over the ordered
        buys with a label: on which dates there was room
    ``ranking``     s (l - mean of that date's buys), over the same: which of them were picked
    ``execution``   s (g - l), over trades that kept to the horizon: extended, or sold in parts
    ``stops``       s (g - l), over trades that a stop or a target ended
    ``rule``        s (g - l), over what a rule other than hold sold, or kept, at another time than
        the horizon; there is no such step where the rule is hold
    ``unlabelled``  s g, over trades without a label: their exit is not in the data
    ``commission``, ``tax``, ``slippage``   -s cost / e, over all trades
    ``unfilled``    -s l, over ordered buys of which nothing filled; a buy that was locked or did
        not trade has no label, so that it was never counted above
    ``sizing``      (Q / max_positions - s) profit / e: the stakes grew or shrank with the equity
    ``idle_cash``   (e - Q / max_positions) profit / e: the buffer, whole shares, short cash

    As profit = e g - costs, the sum of all is the sum of the profits. Costs are taken as fractions
    of e, not of what was paid with costs: only so do the fractions add up to profit / e.

    Raises
    ------
    RollsightError
        If the steps do not sum to the change of the equity, to the cent, or to eight steps of a
        double of their size where these are more.
    """
    buys = signals.loc[signals["buy"], ["code", "decided_at", "label_return", "action"]]
    ordered = _ordered(buys, orders)
    steps = _steps(buys, ordered, trades, _slots(trades, equity, spec), spec)
    made = float(equity["equity"].iloc[-1]) - spec.cash
    total = fsum(money for money, _ in steps.values())
    largest = max(abs(money) for money, _ in steps.values())
    if abs(total - made) >= max(CENT, 8 * np.spacing(max(largest, equity["equity"].iloc[-1]))):
        raise RollsightError(
            f"the steps from label returns to profit sum to {total:.2f}, and the equity changed by "
            f"{made:.2f}: the tables are not of one run, or this is a fault of rollsight, please "
            "report it with your run.toml"
        )
    running = np.cumsum([money for money, _ in steps.values()])
    return Waterfall(
        cash=spec.cash,
        positions=spec.max_positions,
        stake=spec.cash / spec.max_positions,
        made=made,
        made_share=made / spec.cash,
        steps=tuple(
            Step(key, money, money / spec.cash, float(after), rows)
            for (key, (money, rows)), after in zip(steps.items(), running, strict=True)
        ),
        counts=_counts(buys, ordered, trades),
    )


def _ordered(buys: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Return the buys of which an order was submitted, with what became of it."""
    sent = orders.loc[orders["side"] == "buy", ["code", "submitted_at", "filled_at", "reason"]]
    return sent.merge(
        buys[["code", "decided_at", "label_return"]],
        left_on=["code", "submitted_at"],
        right_on=["code", "decided_at"],
        how="left",
        validate="one_to_one",
    )


def _slots(trades: pd.DataFrame, equity: pd.DataFrame, spec: StrategySpec) -> pd.Series:
    """Return an equal part of the equity at the close of each trade's decision."""
    worth = equity.set_index("date")["equity"]
    return trades["decided_at"].map(worth) / spec.max_positions


def _steps(
    buys: pd.DataFrame,
    ordered: pd.DataFrame,
    trades: pd.DataFrame,
    slot: pd.Series,
    spec: StrategySpec,
) -> dict[str, tuple[float, int]]:
    """Return money and number of rows of each step, in order."""
    stake = spec.cash / spec.max_positions
    mean = _mean(buys["label_return"].dropna()) or 0.0
    label = ordered["label_return"].dropna()
    of_date = ordered["decided_at"].map(buys.groupby("decided_at")["label_return"].mean())[
        label.index
    ]
    spent = trades["shares"] * trades["entry_price"]
    known, stopped = trades["label_return"].notna(), trades["exit_reason"].isin(STOPS)
    other = ~stopped & (trades["exit_reason"] != "horizon") & (spec.rule != "hold")
    gap, net = trades["gross_return"] - trades["label_return"], trades["profit"] / spent
    parts = {
        "all_buys": pd.Series(mean, label.index) * stake,
        "room": (of_date - mean) * stake,
        "ranking": (label - of_date) * stake,
        "execution": gap[known & ~stopped & ~other] * stake,
        "stops": gap[known & stopped] * stake,
        **({} if spec.rule == "hold" else {"rule": gap[known & other] * stake}),
        "unlabelled": trades.loc[~known, "gross_return"] * stake,
        **{c: -trades[c] / spent * stake for c in ("commission", "tax", "slippage")},
        "unfilled": -label[ordered["filled_at"].isna()] * stake,
        "sizing": (slot - stake) * net,
        "idle_cash": (spent - slot) * net,
    }
    return {key: (fsum(part), len(part)) for key, part in parts.items()}


def _counts(buys: pd.DataFrame, ordered: pd.DataFrame, trades: pd.DataFrame) -> Counts:
    missed = ordered[ordered["filled_at"].isna()]
    sent = pd.MultiIndex.from_frame(ordered[["code", "submitted_at"]])
    left = buys[~pd.MultiIndex.from_frame(buys[["code", "decided_at"]]).isin(sent)]
    return Counts(
        buys=len(buys),
        labelled=int(buys["label_return"].notna().sum()),
        mean_label_return=_mean(buys["label_return"].dropna()),
        not_ordered=_tally(left["action"]),
        ordered=len(ordered),
        ordered_label_return=_mean(ordered["label_return"].dropna()),
        unfilled=_tally(missed["reason"]),
        trades=len(trades),
        exits=_tally(trades["exit_reason"]),
    )


def _tally(words: pd.Series) -> dict[str, int]:
    return {str(k): int(n) for k, n in words.value_counts().sort_index().items()}


def _mean(values: pd.Series) -> float | None:
    return fsum(values) / len(values) if len(values) else None


def step_names(say: Say) -> dict[str, str]:
    """Return what each step is called on the page."""
    return {
        "all_buys": say("Label return of all buys"),
        "room": say("Dates on which there was room"),
        "ranking": say("Choice among a date's buys"),
        "execution": say("Execution gap"),
        "stops": say("Stops and targets"),
        "rule": say("Exits of the rule"),
        "unlabelled": say("Trades without a label"),
        "commission": say("Commission"),
        "tax": say("Tax"),
        "slippage": say("Slippage"),
        "unfilled": say("Limit locks and other unfilled buys"),
        "sizing": say("Stakes that moved with the equity"),
        "idle_cash": say("Idle cash of each stake"),
        "made": say("Realised return"),
    }


def waterfall_figure(money: Money, head: Headline, say: Say) -> str:
    """Return the steps as bars from one running total to the next, over what stands beside them."""
    names = step_names(say)
    beside = [(name, own.share) for name, own in _beside(money, head, say) if own is not None]
    labels = [*(names[s.step] for s in money.steps), names["made"], *(n for n, _ in beside)]
    ends = np.array([step.total for step in money.steps]) / money.cash
    sizes = np.array([step.share for step in money.steps])
    whole = [money.made_share, *(share for _, share in beside)]
    at = np.arange(len(labels))
    steps, below = at[: len(ends)], at[len(ends) :]
    with drawing(9.6, 0.7 + 0.29 * len(labels)) as figure:
        axes = figure.subplots()
        # Bars may begin anywhere: at none of their ends does the drawing stop.
        axes.use_sticky_edges = False
        colors = [OURS, *(MORE if size >= 0 else LESS for size in sizes[1:])]
        axes.barh(steps, sizes, 0.62, left=ends - sizes, color=colors, label=say("Running total"))
        axes.vlines(ends[:-1], steps[:-1], steps[1:], color=THEIRS, lw=0.8)
        axes.barh(below, whole, 0.62, color=[OURS, *[THEIRS] * len(beside)], label=say("Return"))
        # All on the right, where no label meets the line at zero unless its bar ends there.
        rights = [*np.maximum(ends, ends - sizes), *np.maximum(whole, 0)]
        for row, right, share in zip(at, rights, [*sizes, *whole], strict=True):
            axes.annotate(percent(share, sign=True), (right, row), (4, 0),
                          textcoords="offset points", va="center", fontsize=8)  # fmt: skip
        axes.axvline(0, color="#5c6670", lw=0.7)
        axes.set_yticks(at, labels)
        axes.margins(x=0.1)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_xlabel(say("Per cent of the starting cash"))
        return svg(figure)


def _beside(money: Money, head: Headline, say: Say) -> list[tuple[str, Grown | None]]:
    universe = (say("Universe, equal weight, before costs"), money.universe)
    if is_universe(head.benchmark_name):
        return [universe]
    label = benchmark_label(head.benchmark_name, head.benchmark_span, say)
    return [(label, money.benchmark), universe]
