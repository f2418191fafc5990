"""What every figure of the report is drawn with: one style, inline SVG, no global state."""

import io
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text

from rollsight.reports.page.hover import values
from rollsight.strategies.engines.garbage import no_garbage

T = TypeVar("T")

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "rollsight",
    "path.simplify_threshold": 0.4,  # of a point: what is finer is not seen
    "font.size": 9,
    "text.color": "#1d2733",
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
# Of what rose and what fell, and no judgement: it may be luck.
MORE, LESS = "#01665e", "#8c510a"
# The page gives each of these names a colour by day and one by night.
PALETTE = {
    OURS: "ours", THEIRS: "theirs", GOOD: "good", BAD: "bad", GREY: "grey", MORE: "more",
    LESS: "less", "#1d2733": "ink",
    "#3d4752": "label", "#5c6670": "soft", "#e7eaee": "grid", "#ffffff": "paper",
    "#000000": "ink",
    # What QuantStats draws strategy, benchmark, rules and outliers with.
    "#348dc1": "ours", "#fedd78": "theirs", "#ff0000": "bad", "#494949": "soft",
}  # fmt: skip
PANEL_COLUMNS = 7
HANGUL = re.compile("[\N{HANGUL SYLLABLE GA}-\N{HANGUL SYLLABLE HIH}]")
FILLER = "\N{THREE-PER-EM SPACE}"


@contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """Yield a figure that no window system and no global state knows of; inches."""
    # A dollar sign in a name begins no formula.
    with house_style(), mpl.rc_context({"text.parse_math": False}):
        yield Figure(figsize=(width, height), layout="constrained")


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the report's style, whatever style the surroundings have set."""
    # A figure is ten thousand objects, searched a dozen times in vain.
    with mpl.rc_context(), no_garbage():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def svg(figure: Figure) -> str:
    """Return a figure as an inline SVG element, without date or maker.

    Its colours are the page's, and ``data-values`` holds what a pointer shows.
    """
    out = io.StringIO()
    _make_room(figure)
    with warnings.catch_warnings():
        # The page's reader has the glyphs; here text is only measured.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        _draw(figure, out)
    text = out.getvalue()
    found = json.dumps(values(figure), ensure_ascii=False, separators=(",", ":"))
    drawn = f"<svg data-values='{_quoted(found)}'{themed(text[text.index('<svg') + 4 :])}"
    return drawn.replace(FILLER, "")


def themed(text: str) -> str:
    """Return SVG whose font and colours of our palette are the page's, theme and all."""
    text = re.sub(r" font-family: [^;\"]*;?", "", text)
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r" ?\n *", "\n", text)
    return re.sub(
        r"(?<=[:\s])#[0-9a-f]{6}\b",
        lambda found: f"var(--{PALETTE[found[0]]})" if found[0] in PALETTE else found[0],
        text,
    )


def panels(windows: Mapping[str, T], draw: Callable[[Axes, T], None]) -> str:
    """Return small panels, one a window with its title, each drawn by ``draw(axes, window)``."""
    columns = min(PANEL_COLUMNS, len(windows))
    rows = -(-len(windows) // columns)
    width, height = 9.6, 0.3 + 1.32 * rows
    with house_style():
        # Evenly spaced by hand: laying so many axes out takes longer than drawing them.
        figure = Figure(figsize=(width, height))
        figure.subplots_adjust(
            left=0.42 / width, right=1 - 0.06 / width, bottom=0.24 / height, top=1 - 0.2 / height,
            wspace=0.16, hspace=0.48,
        )  # fmt: skip
        grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for axes, (title, window) in zip(grid.flat, windows.items(), strict=False):
            draw(axes, window)
            axes.set_title(title, fontsize=7.5, pad=3)
            axes.tick_params(labelsize=7, length=2)
            axes.xaxis.get_major_locator().set_params(nbins=3)
        for axes in list(grid.flat)[len(windows) :]:
            axes.set_axis_off()
        return svg(figure)


def _draw(figure: Figure, out: io.StringIO) -> None:
    """Write a figure as SVG; ``savefig`` would draw one that lays itself out twice."""
    canvas, engine = FigureCanvasSVG(figure), figure.get_layout_engine()
    if engine is not None:
        dots, figure.dpi = figure.dpi, canvas.fixed_dpi
        engine.execute(figure)
        figure.dpi = dots
        figure.set_layout_engine("none")
    about = {"Date": None, "Creator": None}
    canvas.print_svg(out, metadata=about)  # type: ignore[no-untyped-call]


def _make_room(figure: Figure) -> None:
    """Widen Korean text by filler: the font that measures lacks its glyphs, and sees them thin."""
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        syllables = len(HANGUL.findall(text.get_text()))
        if syllables:
            text.set_text(text.get_text() + FILLER * syllables)


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")
