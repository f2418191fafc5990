"""What every figure of the report is drawn with: one style, inline SVG, no global state."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "rollsight",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#9aa3ad",
    "axes.labelcolor": "#3d4752",
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "grid.color": "#e7eaee",
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "xtick.color": "#5c6670",
    "ytick.color": "#5c6670",
    "legend.frameon": False,
}
OURS, THEIRS, GOOD, BAD, GREY = "#1f5fbf", "#9aa3ad", "#1a8f5a", "#c8453b", "#c3c9d0"
PANEL_COLUMNS = 7


@contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """Yield a figure that no window system and no global state knows of; inches."""
    with house_style():
        yield Figure(figsize=(width, height), layout="constrained")


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the report's style, whatever style the surroundings have set."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def svg(figure: Figure) -> str:
    """Return a figure as an inline SVG element, without date or maker."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def panels(windows: list[dict[str, Any]], draw: Any) -> str:
    """Return small panels, one a window, each drawn by ``draw(axes, window)``."""
    columns = min(PANEL_COLUMNS, len(windows))
    rows = -(-len(windows) // columns)
    with drawing(9.6, 0.3 + 1.32 * rows) as figure:
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for axes, window in zip(grid.flat, windows, strict=False):
            draw(axes, window)
            axes.set_title(f"{window['number']}  {window['test_start'][:7]}", fontsize=7.5, pad=3)
            axes.tick_params(labelsize=7, length=2)
            axes.xaxis.get_major_locator().set_params(nbins=3)
        for axes in list(grid.flat)[len(windows) :]:
            axes.set_axis_off()
        return svg(figure)
