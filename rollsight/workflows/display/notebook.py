"""What a notebook shows of a run or a sweep: the verdict, a small chart, a few figures, a link."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.reports.page.drawing import OURS, THEIRS
from rollsight.reports.page.html import percent
from rollsight.reports.page.language import speak
from rollsight.reports.run.figures import held
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.judgement import judged
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.tables import summary as sweep_summary
from rollsight.reports.sweep.page.verdict import judged as sweep_judged
from rollsight.workflows.display.opening import page_link
from rollsight.workflows.summary import summary

WIDTH, HEIGHT, MARGIN = 520, 150, 22  # of the chart, pixels; what is above and below the curves
MOST = 260  # points of a curve, two pixels apart

Curve = tuple[str, np.ndarray, str]  # name, growth of 1, NaN where there is none, and colour


def run_html(numbers: RunNumbers, page: Path | None) -> str:
    """Return what a notebook shows of a run.

    Parameters
    ----------
    page
        where its page lies; None where it lies nowhere
    """
    equity, head = numbers.equity, numbers.headline
    own = np.cumprod(1 + np.array(equity.return_))
    curves = [("Strategy", own, OURS)]
    if head.benchmark is not None:
        beside = held(own, np.array(equity.benchmark_return, dtype=float))
        curves.append((head.benchmark_name or "Benchmark", beside, THEIRS))
    rows = summary(numbers)
    drawn = chart(equity.date, curves)
    return _shown(judged(numbers, speak("en")), drawn, numbers.name, rows, page)


def sweep_html(numbers: SweepNumbers, returns: pd.DataFrame, page: Path | None) -> str:
    """Return what a notebook shows of a sweep: the chart is the chosen trial's.

    Parameters
    ----------
    returns
        daily, one column a trial by number, NaN where it was not tested
    """
    drawn = ""
    chosen = [str(t.number) for t in numbers.trials if t.chosen and str(t.number) in returns]
    for number in chosen[:1]:
        own = returns[number].dropna()
        dates = pd.DatetimeIndex(own.index).strftime("%Y-%m-%d").tolist()
        drawn = chart(dates, [(f"Trial {number}", np.cumprod(1 + own.to_numpy()), OURS)])
    rows = sweep_summary(numbers)
    return _shown(sweep_judged(numbers, speak("en")), drawn, numbers.name, rows, page)


def chart(dates: Sequence[str], curves: Sequence[Curve]) -> str:
    """Return growth of 1 as a small SVG, which takes the notebook's own colour for its text.

    The first curve is drawn over the others.

    >>> chart([], [])
    ''
    """
    if len(dates) < 2:
        return ""
    at = np.unique(np.linspace(0, len(dates) - 1, min(MOST, len(dates))).round().astype(int))
    low = min(1.0, *(float(np.nanmin(curve)) for _, curve, _ in curves))
    high = max(1.0, *(float(np.nanmax(curve)) for _, curve, _ in curves))
    across = at / at[-1] * WIDTH

    def down(growth: np.ndarray) -> np.ndarray:
        share = (high - growth) / ((high - low) or 1.0)
        return MARGIN + share * (HEIGHT - 2 * MARGIN)

    lines = "".join(
        f'<path d="{_path(across, down(curve[at]))}" fill="none" stroke="{colour}" '
        f'stroke-width="1.5"/>'
        for _, curve, colour in reversed(curves)
    )
    start = float(down(np.array([1.0]))[0])
    ends = [f"{name} {percent(_last(curve) - 1, sign=True)}" for name, curve, _ in curves]
    keys = "".join(
        f'<tspan fill="{colour}">\N{BLACK SQUARE}</tspan> {escape(end)}&#160;&#160;'
        for end, (*_, colour) in zip(ends, curves, strict=True)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" font-size="11" '
        f'font-family="sans-serif" style="max-width:100%" fill="currentColor">'
        f"<title>{escape(', '.join(ends))}</title>"
        f'<line x1="0" x2="{WIDTH}" y1="{start:.1f}" y2="{start:.1f}" stroke="{THEIRS}" '
        f'stroke-dasharray="3 3"/>{lines}<text x="0" y="12">{keys}</text>'
        f'<text x="0" y="{HEIGHT - 4}">{escape(dates[0])}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 4}" text-anchor="end">{escape(dates[-1])}</text></svg>'
    )


def _last(curve: np.ndarray) -> float:
    return float(curve[np.isfinite(curve)][-1])


def _path(across: np.ndarray, down: np.ndarray) -> str:
    """Return the steps of a curve, which is broken where it has no value."""
    steps, pen = list[str](), "M"
    for x, y in zip(across, down, strict=True):
        if not np.isfinite(y):
            pen = "M"
            continue
        steps.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return "".join(steps)


def _shown(
    said: str, drawn: str, name: str, rows: Iterable[tuple[str, str]], page: Path | None
) -> str:
    row = "<tr><th style='text-align:left'>{}</th><td style='text-align:left'>{}</td></tr>".format
    cells = "".join(row(escape(label), escape(value)) for label, value in rows)
    table = f"<table><caption>{escape(name)}</caption>{cells}</table>"
    return f"<p>{escape(said)}</p>{drawn}{table}{page_link(page)}"
