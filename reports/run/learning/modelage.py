"""How a model's figures change with the sessions since it was trained."""

from dataclasses import dataclass
from html import escape

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.ticker import PercentFormatter

from rollsight.base.resampling import Estimate, mean_estimate
from rollsight.reports.page.drawing import OURS, drawing, svg
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
)
from rollsight.reports.page.language import Say
from rollsight.signals.inputs.labels import Label

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BIN = 10  # sessions
PROBABILITIES = ["p_down", "p_hold", "p_up"]
FREQUENCIES = ["frequency_down", "frequency_hold", "frequency_up"]
KEPT = ["window", "buy", "plain_label", "up_of_alike", "net_label_return"]
ROWS = ["decided_at", *PROBABILITIES, *KEPT]
MOST_LEVEL = 8  # bins whose names fit side by side


@dataclass(frozen=True)
class AgeBin:
    """Figures of all windows' rows of some sessions since training.

    Attributes
    ----------
    first, last
        sessions since training; the first session of a test span is 1
    rows, windows, buys
        counts, of rows with a label
    gain
        log-loss of the class frequencies less the model's, nats a row
    precision
        share of the buys that went UP; None without buys
    edge
        precision less the share of stocks as volatile on the same dates that went UP
    net_return
        mean of the buys' labels after costs, a fraction
    gain_low, gain_high, edge_low, edge_high, net_return_low, net_return_high
        95 % intervals by
        blocks of dates; None of too few
    """

    first: int
    last: int
    rows: int
    windows: int
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    buys: int
    precision: float | None
    edge: float | None
    edge_low: float | None
    edge_high: float | None
    net_return: float | None
    net_return_low: float | None
    net_return_high: float | None


@dataclass(frozen=True)
class AgeSlope:
    """By how much the gain changes in ten sessions, nats, with its 95 % interval and p-value."""

    slope: float | None
    low: float | None
    high: float | None
    p_value: float | None


@dataclass(frozen=True)
class ModelAge:
    """How a model's figures change as it grows old.

    Attributes
    ----------
    bin
        sessions of a bin
    """

    bin: int
    bins: tuple[AgeBin, ...]
    slope: AgeSlope


def model_age_data(
    signals: pd.DataFrame, windows: pd.DataFrame, sessions: pd.Series, *, span: int
) -> ModelAge:
    """Return figures by sessions since training, and how the log-loss gain changes with them.

    The first session of a test span has age 1. The gain is the log-loss of always forecasting the
    window's train frequencies less the model's, nats a row.

    Parameters
    ----------
    signals
        rows with their plain labels and base rates
    windows
        with number, test_start and the train frequencies
    sessions
        dates from the first test session on, ascending
    span
        dates that a label spans
    """
    labelled = signals.loc[signals["plain_label"] >= 0, ROWS]
    dates = sessions.to_numpy()
    window = windows["number"].searchsorted(labelled["window"])
    at = dates.searchsorted(labelled["decided_at"].to_numpy())
    age = at - dates.searchsorted(windows["test_start"].to_numpy())[window] + 1
    gain = _gain(labelled, windows[FREQUENCIES].to_numpy()[window])
    rows = labelled[KEPT].assign(at=at, age=age, position=window, gain=gain)
    of = (age - 1) // BIN
    return ModelAge(
        bin=BIN,
        bins=tuple(_bin(int(n) * BIN, rows[of == n], span) for n in np.unique(of)),
        slope=_slope(rows),
    )


def model_age(found: ModelAge, say: Say) -> str:
    """Return the section on how a model's figures change as it grows old."""
    if not found.bins:
        return section("age", say("Model age"), paragraph(say("No test row has a label yet.")))
    return section(
        "age",
        say("Model age"),
        paragraph(
            say(
                "Each model is used on its test span only; here all windows' rows are put "
                "together by the sessions since training. The log-loss gain is that over always "
                "forecasting the class frequencies of training; the edge is precision less the "
                "share of equally volatile stocks of the same dates that went UP."
            )
        ),
        paragraph(_decay(found.slope, say)),
        figure(
            age_figure(found, say),
            escape(say("Points: all windows together. Lines: 95 % intervals by blocks of dates.")),
        ),
        table(_heads(say), [_row(b, say) for b in found.bins]),
    )


def age_figure(found: ModelAge, say: Say) -> str:
    """Return gain, edge and net return by age, with their intervals."""
    bins = found.bins
    names = [f"{b.first}\N{EN DASH}{b.last}" for b in bins]
    shown = (
        ("gain", say("Log-loss gain, nats a row"), False),
        ("edge", say("Edge of the buys' precision"), True),
        ("net_return", say("Mean net return of a buy"), True),
    )
    with drawing(9.6, 2.6) as drawn:
        for axes, (key, title, share) in zip(drawn.subplots(1, 3), shown, strict=True):
            value, low, high = (
                np.array([getattr(b, k) for b in bins], dtype=np.float64)
                for k in (key, f"{key}_low", f"{key}_high")
            )
            at = np.arange(len(bins))
            axes.axhline(0, color="#5c6670", lw=0.7)
            axes.vlines(at, low, high, color=OURS, lw=1.2, label=say("95 % interval"))
            axes.plot(at, value, "o", color=OURS, ms=4, label=title)
            axes.set_title(title)
            axes.set_xticks(at, names, rotation=90 if len(bins) > MOST_LEVEL else 0, fontsize=7.5)
            axes.set_xlabel(say("Sessions since training"), fontsize=8)
            if share:
                axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
        return svg(drawn)


def _gain(rows: pd.DataFrame, forecast: Float64) -> Float64:
    each, label = np.arange(len(rows)), rows["plain_label"].to_numpy()
    model = rows[PROBABILITIES].to_numpy()
    own, constant = (np.log(np.maximum(p[each, label], 1e-12)) for p in (model, forecast))
    return np.asarray(own - constant)


def _bin(first: int, rows: pd.DataFrame, span: int) -> AgeBin:
    bought = rows[rows["buy"]]
    up = bought["plain_label"] == Label.UP
    gain = _estimate(rows["gain"], rows, span)
    edge = _estimate((up - bought["up_of_alike"]).dropna(), bought, span)
    net = _estimate(bought["net_label_return"], bought, span)
    return AgeBin(
        first=first + 1,
        last=first + BIN,
        rows=len(rows),
        windows=rows["window"].nunique(),
        gain=gain.value,
        gain_low=gain.low,
        gain_high=gain.high,
        buys=len(bought),
        precision=float(up.mean()) if len(up) else None,
        edge=edge.value,
        edge_low=edge.low,
        edge_high=edge.high,
        net_return=net.value,
        net_return_low=net.low,
        net_return_high=net.high,
    )


def _estimate(values: pd.Series, rows: pd.DataFrame, span: int) -> Estimate:
    at = rows.loc[values.index, "at"].to_numpy()
    return mean_estimate(values.to_numpy(dtype=np.float64), at, span=span)


def _slope(rows: pd.DataFrame) -> AgeSlope:
    """Return by how much the gain changes in ten sessions, least squares within the windows."""
    grouped = rows.groupby("window")
    older = ((rows["age"] - grouped["age"].transform("mean")) / BIN).to_numpy()
    gain = (rows["gain"] - grouped["gain"].transform("mean")).to_numpy()
    spread = np.square(older).mean() if len(rows) else 0.0
    if spread == 0:
        return AgeSlope(None, None, None, None)
    slope = (older * gain).mean() / spread
    # Each row's share in the slope, so that their mean is the slope and their spread its error.
    share = slope + older * (gain - slope * older) / spread
    # In blocks of whole windows: within one, a fitted level takes away part of the dates' own luck.
    found = mean_estimate(share, rows["position"].to_numpy(), span=1)
    return AgeSlope(found.value, found.low, found.high, found.p_value)


def _decay(slope: AgeSlope, say: Say) -> str:
    if slope.slope is None or slope.low is None or slope.high is None:
        return say("There are too few windows to say whether the models decay.")
    numbers = {key: f"{getattr(slope, key):+.4f}" for key in ("slope", "low", "high")}
    if slope.high < 0:
        return say(
            "The models decay: in ten sessions the gain changes by {slope} nats ({low} to {high}).",
            **numbers,
        )
    if slope.low > 0:
        return say(
            "The gain grows with age: by {slope} nats in ten sessions ({low} to {high}).",
            **numbers,
        )
    return say(
        "No decay can be told from luck: in ten sessions the gain changes by {slope} nats ({low} "
        "to {high}).",
        **numbers,
    )


def _heads(say: Say) -> list[str]:
    return [
        say("Sessions since training"), say("Windows"), say("Rows"), say("Log-loss gain"),
        say("95 % interval"), say("Buys"), say("Precision"), say("Edge"), say("95 % interval"),
        say("Net"), say("95 % interval"),
    ]  # fmt: skip


def _row(b: AgeBin, say: Say) -> list[Cell | str]:
    return [
        f"{b.first}\N{EN DASH}{b.last}", number(b.windows), number(b.rows),
        number(b.gain, 4),
        _range(say, number(b.gain_low, 4), number(b.gain_high, 4)),
        number(b.buys), percent(b.precision), signed(b.edge),
        _range(say, percent(b.edge_low, 2), percent(b.edge_high, 2)),
        signed(b.net_return),
        _range(say, percent(b.net_return_low, 2), percent(b.net_return_high, 2)),
    ]  # fmt: skip


def _range(say: Say, low: str, high: str) -> str:
    return NONE if low == NONE else say("{low} to {high}", low=low, high=high)
