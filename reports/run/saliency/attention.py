"""How much attention weighs each day, beside what each day does to the score."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rollsight.backtests.chain.explain import ATTENTION
from rollsight.reports.page.drawing import GREY, LESS, MORE, drawing, svg
from rollsight.reports.page.html import figure, number
from rollsight.reports.page.language import Say
from rollsight.reports.statistics.correlation import rank_correlation
from rollsight.training.explaining.attention import MOST

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Attention:
    """Means over the windows that passed and traded, by lag, that of the decision's own day first.

    Attributes
    ----------
    heads
        weights of each head, whose sum is 1, in the order of how far back they look
    gradient, occlusion
        shares of absolute gradients, and of what a score moves by where a day is set to its mean
    with_gradient, with_occlusion
        rank correlations over the lags of the heads' mean with these, mean over windows
    """

    windows: int
    heads: tuple[tuple[float, ...], ...]
    gradient: tuple[float, ...]
    occlusion: tuple[float, ...]
    with_gradient: float | None
    with_occlusion: float | None


def attention_data(windows: pd.DataFrame) -> Attention | None:
    """Return what the table of windows has of attention; None where nothing passed."""
    if not ATTENTION.keys() <= set(windows.columns):
        return None
    own = windows[windows["gate_passed"] & (windows["attention"].str.len() > 0)]
    if not len(own):
        return None
    heads = np.array([np.stack(list(w)) for w in own["attention"]])  # (windows, heads, lookback)
    gradient, occlusion = _shares(own["attention_gradient"]), _shares(own["attention_occlusion"])
    of_window = heads.mean(axis=1)
    return Attention(
        windows=len(own),
        heads=tuple(tuple(head) for head in heads.mean(axis=0)[:, ::-1].tolist()),
        gradient=tuple(gradient.mean(axis=0)[::-1].tolist()),
        occlusion=tuple(occlusion.mean(axis=0)[::-1].tolist()),
        with_gradient=_correlation(of_window, gradient),
        with_occlusion=_correlation(of_window, occlusion),
    )


def attention_part(about: Attention | None, say: Say) -> str:
    """Return the part of the section, with a figure; nothing where there is nothing."""
    if about is None:
        return ""
    told = say(
        "Attention says which days' states a network mixes, and not what moved its score: a state "
        "holds the days before it, and weights of another pattern may give the same score (Jain "
        "and Wallace, Attention is not Explanation, 2019). Over the lags its rank correlation "
        "with the gradient is {gradient}, with occlusion, where a day is set to its mean, "
        "{occlusion}; means of {windows} windows, of at most {most} trades each.",
        gradient=number(about.with_gradient, 2),
        occlusion=number(about.with_occlusion, 2),
        windows=about.windows,
        most=MOST,
    )
    return f"<h3>{escape(say('Attention by lag'))}</h3>" + figure(_figure(about, say), escape(told))


def _figure(about: Attention, say: Say) -> str:
    lags = range(len(about.gradient))
    with drawing(9.6, 3.0) as drawn:
        axes = drawn.subplots()
        for at, head in enumerate(about.heads):
            name = say("Attention") if len(about.heads) == 1 else say("Head {n}", n=at + 1)
            axes.plot(lags, head, color=MORE, lw=1.6, alpha=1 / (1 + 0.6 * at), label=name)
        axes.plot(lags, about.gradient, color=LESS, lw=1.4, label=say("Gradient"))
        axes.plot(lags, about.occlusion, color=GREY, lw=1.4, ls="--", label=say("Occlusion"))
        axes.invert_xaxis()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=12))
        axes.set_xlabel(say("Sessions before the decision"))
        axes.set_ylabel(say("Share"))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
        axes.legend(loc="upper left", ncols=2)
        return svg(drawn)


def _shares(profiles: Iterable[npt.ArrayLike]) -> Float64:
    """Return profiles (windows, lookback), each over its sum."""
    found = np.array([np.asarray(p, dtype=float) for p in profiles])
    total = found.sum(axis=1, keepdims=True)
    return np.asarray(found / np.where(total > 0, total, 1.0))


def _correlation(one: Float64, other: Float64) -> float | None:
    each = [rank_correlation(a.tolist(), b.tolist()) for a, b in zip(one, other, strict=True)]
    known = [c for c in each if c is not None]
    return float(np.mean(known)) if known else None
