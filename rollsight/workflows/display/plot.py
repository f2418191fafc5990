"""The account of a run as a figure."""

from io import StringIO

import matplotlib as mpl
from matplotlib.figure import Figure

from rollsight.reports.page.drawing import house_style
from rollsight.reports.page.language import speak
from rollsight.reports.run.figures import draw_equity
from rollsight.reports.run.numbers import RunNumbers


class Plot(Figure):
    """A figure without a window, which a notebook shows by itself and ``savefig`` writes."""

    def _repr_svg_(self) -> str:
        out = StringIO()
        with house_style():
            self.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        return out.getvalue()


def equity_plot(numbers: RunNumbers) -> Plot:
    """Return growth of one unit, strategy beside benchmark and universe, above the drawdown."""
    # A dollar sign in a name begins no formula.
    with house_style(), mpl.rc_context({"text.parse_math": False}):
        figure = Plot(figsize=(9.6, 3.9), layout="constrained")
        draw_equity(figure, numbers, speak("en"))
    return figure
