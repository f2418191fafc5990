"""Predicted against actual, session by session, for the stocks that were traded most."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import Formatter, FuncFormatter, PercentFormatter

from rollsight.backtests.directory.result import Result
from rollsight.base.records import plain
from rollsight.reports.page.drawing import BAD, LESS, MORE, OURS, THEIRS, drawing, svg
from rollsight.reports.page.html import figure, number, paragraph, percent, section
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import is_place, score_name
from rollsight.signals.inputs.labels import Label

STOCKS = 4
SESSIONS = 250  # of a stretch: about a year, so that single days can be told apart
# Beside nothing that is drawn, above the axes.
ABOVE: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 0.97), "ncols": 4,
                         "fontsize": 8, "borderaxespad": 0}  # fmt: skip
TRADED = ["entry_at", "exit_at", "entry_price", "exit_price", "net_return"]
FIELDS = ["score", "threshold", "label", "buy"]


@dataclass(frozen=True)
class StretchTrade:
    """A trade of a stretch: its days, its prices without slippage, its return after costs."""

    entry_at: str
    exit_at: str
    entry_price: float
    exit_price: float
    net_return: float


@dataclass(frozen=True)
class Stretch:
    """A stock over the sessions in which it was traded most.

    Attributes
    ----------
    measure
        what is held against the threshold
    date, close, score, threshold, label, buy
        one a session; None where a session has none, and a
        label while it is unsettled
    buys, labelled
        counts, of the sessions and of the buys with a label
    precision, base_up
        share of these buys, and of all sessions with a label, that went UP
    trades
        decided in the stretch
    """

    code: str
    measure: str
    name: str
    date: tuple[str, ...]
    close: tuple[float | None, ...]
    score: tuple[float | None, ...]
    threshold: tuple[float | None, ...]
    label: tuple[int | None, ...]
    buy: tuple[bool | None, ...]
    buys: int
    labelled: int
    precision: float | None
    base_up: float | None
    trades: tuple[StretchTrade, ...]


def stretches_data(result: Result) -> tuple[Stretch, ...]:
    """Return, for the most traded stocks, the sessions in which each was traded most.

    Close and score are null where a session has none, a label while it is unsettled.
    """
    trades = result.trades
    counts = trades["code"].value_counts()
    chosen = sorted(counts.index, key=lambda code: (-counts[code], code))[:STOCKS]
    return tuple(_stretch(code, trades[trades["code"] == code], result) for code in chosen)


def busiest(at: npt.NDArray[np.int64], n_days: int) -> slice:
    """Return the first stretch of sessions that holds the most of the given days.

    >>> busiest(np.array([3, 900, 950, 990]), 1000)
    slice(746, 996, None)
    """
    starts = np.arange(max(n_days - SESSIONS, 0) + 1)
    held = np.searchsorted(at, starts + SESSIONS) - np.searchsorted(at, starts)
    # Of equally full stretches the one in whose middle the trades lie.
    best = starts[held == held.max()]
    start = int(best[len(best) // 2])
    return slice(start, start + SESSIONS)


def _stretch(code: str, trades: pd.DataFrame, result: Result) -> Stretch:
    days = pd.DatetimeIndex(result.equity["date"])
    shown = days[busiest(np.sort(days.searchsorted(trades["decided_at"])), len(days))]
    own = result.signals[result.signals["code"] == code].set_index("decided_at")
    own = own[FIELDS].reindex(shown)
    close = result.closes[result.closes["code"] == code].set_index("date")["close"].reindex(shown)
    inside = trades[trades["decided_at"].isin(shown)]
    bought = own[own["buy"].eq(True) & own["label"].notna()]
    return Stretch(
        code=code,
        measure=result.spec.threshold.measure,
        name=trades["name"].iloc[0],
        date=tuple(shown.strftime("%Y-%m-%d")),
        close=tuple(plain(close.tolist())),
        **{name: tuple(plain(own[name].tolist())) for name in FIELDS},
        buys=int(own["buy"].eq(True).sum()),
        labelled=len(bought),
        precision=_up(bought["label"]),
        base_up=_up(own["label"].dropna()),
        trades=tuple(
            StretchTrade(f"{entry_at:%Y-%m-%d}", f"{exit_at:%Y-%m-%d}", *made)
            for entry_at, exit_at, *made in inside[TRADED].to_numpy().tolist()
        ),
    )  # fmt: skip


def _up(labels: pd.Series) -> float | None:
    return None if labels.empty else float((labels == Label.UP).mean())


def stretches(found: Sequence[Stretch], say: Say) -> str:
    """Return the stretches of single stocks, or that there was no trade."""
    title = say("Predicted against actual, single stocks")
    if not found:
        return section("stretches", title, paragraph(say("There was no trade.")))
    said = say(
        "The {n} most traded stocks, each over the {sessions} sessions in which it was traded "
        "most: chosen by the number of trades, not by what they earned. Where {score} is below "
        "the threshold there was no buy; the lowest panel shows how each day's label settled "
        "later.",
        n=len(found),
        sessions=SESSIONS,
        score=score_name(found[0].measure, say),
    )
    drawn = [_drawn(one, say) for one in found]
    return section("stretches", title, paragraph(said), *drawn)


def _drawn(one: Stretch, say: Say) -> str:
    code = "" if one.name == one.code else f" ({one.code})"
    said = say(
        "{trades} trades, {buys} buys. Of the buys with a settled label {precision} went UP, of "
        "all days of the stretch {base}.",
        trades=number(len(one.trades)),
        buys=number(one.buys),
        precision=percent(one.precision),
        base=percent(one.base_up),
    )
    head = f"<h3>{escape(one.name + code)}</h3>"
    return head + figure(stretch_figure(one, say), escape(said))


def stretch_figure(one: Stretch, say: Say) -> str:
    """Return close with buys and trades, score beside its threshold, and the labels as a strip."""
    days = np.array(one.date, dtype="datetime64[D]")
    with drawing(9.6, 3.7) as drawn:
        top, middle, strip = drawn.subplots(3, 1, sharex=True, height_ratios=[3, 2, 1.1])
        _closes(top, days, one, say)
        name = score_name(one.measure, say)
        middle.plot(days, _numbers(one.score), color=OURS, lw=1.1, label=name)
        middle.plot(days, _numbers(one.threshold), color=BAD, lw=1, label=say("Threshold"))
        middle.yaxis.set_major_formatter(_places() if is_place(one.measure) else _shares())
        middle.set_ylabel(name)
        middle.legend(**ABOVE)
        _labels(strip, days, _numbers(one.label), say)
        return svg(drawn)


def _shares() -> Formatter:
    return PercentFormatter(1)


def _places() -> Formatter:
    # The best of a date scores 0 and stands as 1, the next -1 as 2.
    return FuncFormatter(lambda score, _at: f"{1 - score:.0f}")


def _closes(axes: Axes, days: npt.NDArray[np.datetime64], one: Stretch, say: Say) -> None:
    close = _numbers(one.close)
    axes.plot(days, close, color=THEIRS, lw=1.1, label=say("Close"))
    bought = np.array(one.buy, dtype=object) == True  # noqa: E712 - None where there is no row
    axes.plot(days[bought], close[bought], "o", ms=2.6, color=OURS, label=say("Buy signal"))
    for color, label, won in ((MORE, say("Trade with a profit"), True),
                              (LESS, say("Trade with a loss"), False)):  # fmt: skip
        chosen = [t for t in one.trades if (t.net_return > 0) == won]
        for at, trade in enumerate(chosen):
            axes.plot(
                np.array([trade.entry_at, trade.exit_at], dtype="datetime64[D]"),
                [trade.entry_price, trade.exit_price],
                color=color,
                lw=2.2,
                label=label if at == 0 else f"_{label}",
            )
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _at: f"{value:,.0f}"))
    axes.set_ylabel(say("Close"))
    axes.legend(**ABOVE)


def _labels(
    axes: Axes, days: npt.NDArray[np.datetime64], label: npt.NDArray[np.float64], say: Say
) -> None:
    lanes = ((Label.DOWN, "DOWN", LESS), (Label.HOLD, "HOLD", THEIRS), (Label.UP, "UP", MORE))
    for lane, (kind, name, color) in enumerate(lanes):
        own = days[label == kind]
        axes.plot(own, np.full(len(own), lane), "|", color=color, ms=7, mew=1.6, label=name)
    axes.set_yticks(range(3), [name for _, name, _ in lanes])
    axes.set_ylim(-0.6, 2.6)
    axes.set_ylabel(say("Label"))


def _numbers(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if v is None else v for v in values], dtype=float)
