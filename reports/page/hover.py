"""The values behind a figure's lines, points and bars, for the page to show beside the pointer."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.container import BarContainer
from matplotlib.dates import AutoDateFormatter, ConciseDateFormatter, DateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, PercentFormatter

MOST_POINTS = 400  # of a line: a screen shows no more apart
DATES = (AutoDateFormatter, ConciseDateFormatter, DateFormatter)


def values(figure: Figure) -> list[dict[str, Any]]:
    """Return, for each axes with data, its box, limits, kinds of axis and series.

    Call it after the figure was drawn, when its layout stands.

    Returns
    -------
    list of dict
        ``box``: left, top, right, bottom as fractions of the figure; ``x`` and ``y``: limits;
        ``kinds``: ``number``, ``date`` (days since 1970) or ``percent`` of either axis;
        ``ticks``: place and name on either axis, where each place has a name of its own;
        ``title``: of the axes; ``series``: each with ``label``, ``x`` and ``y``, for intervals
        ``low`` too, and ``bars`` (``up`` or ``across``) for bars; ``cells``: the rows of a heat
        map from above, None where it is blank, and ``extent``, where it lies.
    """
    found = []
    for axes in figure.axes:
        series = [s for s in _series(axes) if s["x"]]
        cells = _cells(axes)
        if series or cells:
            at = axes.get_position()
            found.append(
                {
                    "box": _rounded([at.x0, 1 - at.y1, at.x1, 1 - at.y0]),
                    "x": _rounded(axes.get_xlim(), 8),
                    "y": _rounded(axes.get_ylim(), 8),
                    "kinds": [_kind(axes.xaxis), _kind(axes.yaxis)],
                    "ticks": [_ticks(axes.xaxis), _ticks(axes.yaxis)],
                    "title": axes.get_title("left") or axes.get_ylabel(),
                    "series": series,
                    **cells,
                }
            )
    return found


def _series(axes: Axes) -> Iterator[dict[str, Any]]:
    for line in axes.lines:
        # A line across the whole axes is a rule to compare with, not data.
        if line.get_transform() == axes.transData:
            yield _of_line(line)
    for points in axes.collections:
        if isinstance(points, PathCollection):
            x, y = np.asarray(points.get_offsets(), dtype=float).T
            yield _named(points.get_label(), x, y)
        elif isinstance(points, LineCollection) and not str(points.get_label()).startswith("_"):
            yield _of_intervals(points)
    for bars in axes.containers:
        if isinstance(bars, BarContainer):
            yield _of_bars(bars)


def _of_line(line: Line2D) -> dict[str, Any]:
    x, y = (np.asarray(v, dtype=float) for v in line.get_data(orig=False))
    return _named(line.get_label(), x, y)


def _of_intervals(lines: LineCollection) -> dict[str, Any]:
    ends = np.array([s for s in lines.get_segments() if len(s) == 2]).reshape(-1, 2, 2)
    known = ends[np.isfinite(ends).all(axis=(1, 2))]
    found = _named(lines.get_label(), known[:, 0, 0], known[:, 1, 1])
    return found | {"low": _rounded(known[:, 0, 1])}


def _of_bars(bars: BarContainer) -> dict[str, Any]:
    boxes = [(b.get_x(), b.get_y(), b.get_width(), b.get_height()) for b in bars.patches]
    left, low, width, height = np.array(boxes, dtype=float).reshape(-1, 4).T
    if bars.orientation == "horizontal":
        return _named(bars.get_label(), left + width, low + height / 2) | {"bars": "across"}
    return _named(bars.get_label(), left + width / 2, low + height) | {"bars": "up"}


def _named(label: object, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    text = "" if label is None or str(label).startswith("_") else str(label)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if len(known) > MOST_POINTS:
        known = known[np.linspace(0, len(known) - 1, MOST_POINTS).round().astype(int)]
    return {"label": text, "x": _rounded(x[known], 7), "y": _rounded(y[known])}


def _cells(axes: Axes) -> dict[str, Any]:
    """Return the values of the axes' heat maps, one laid over the other."""
    maps: list[np.ndarray] = [
        np.ma.filled(np.ma.asarray(m.get_array(), dtype=float), np.nan) for m in axes.images
    ]
    if not maps:
        return {}
    values = maps[0]
    for other in maps[1:]:
        values = np.where(np.isfinite(values), values, other)
    rows = [[_rounded([v], 4)[0] if np.isfinite(v) else None for v in row] for row in values]
    return {"cells": rows, "extent": _rounded(axes.images[0].get_extent())}


def _ticks(axis: Axis) -> list[tuple[float | int, str]]:
    if not isinstance(axis.get_major_locator(), FixedLocator):
        return []
    # Of the formatter: panels that share an axis draw its names once.
    places = axis.get_majorticklocs()
    names = axis.get_major_formatter().format_ticks(list(places))
    return [(at, name) for at, name in zip(_rounded(places), names, strict=True) if name]


def _kind(axis: Axis) -> str:
    shown = axis.get_major_formatter()
    if isinstance(shown, PercentFormatter):
        return "percent"
    return "date" if isinstance(shown, DATES) else "number"


def _rounded(numbers: Any, digits: int = 5) -> list[float | int]:
    """Return numbers of few digits, whole ones without a point: they are many."""
    short = (float(f"{number:.{digits}g}") for number in numbers)
    return [int(number) if number.is_integer() else number for number in short]
