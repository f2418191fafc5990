"""A figure carries its values, takes the page's colours, and has room for Korean."""

import html
import io
import json
import re
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from rollsight.reports.page.drawing import GOOD, OURS, drawing, house_style, svg, themed

DAYS = np.array(["1970-01-11", "1970-01-12", "1970-01-13"], dtype="datetime64[D]")


def held(text: str) -> list[dict[str, Any]]:
    found = re.match(r"<svg data-values='([^']*)'", text)
    assert found is not None
    values: list[dict[str, Any]] = json.loads(html.unescape(found[1]))
    return values


def drawn(figure: Figure) -> None:
    """Draw a line over days with a rule, and bars of shares."""
    left, right = figure.subplots(1, 2)
    left.plot(DAYS, [1.0, np.nan, 2.5], color=OURS, label="a 'quoted' <line>")
    left.axhline(2)
    right.bar([0, 1], [0.25, 0.5], color=GOOD, label="bars")
    right.yaxis.set_major_formatter(PercentFormatter(1))
    right.set_title("shares")


def test_a_figure_holds_what_its_lines_and_bars_show() -> None:
    with drawing(6, 3) as figure:
        drawn(figure)
        left, right = held(svg(figure))
    # The eleventh of January 1970 is day ten; the rule at 2 and the missing day are no data.
    assert left["series"] == [{"label": "a 'quoted' <line>", "x": [10, 12], "y": [1, 2.5]}]
    assert left["kinds"] == ["date", "number"]
    assert right["series"] == [{"label": "bars", "x": [0, 1], "y": [0.25, 0.5], "bars": "up"}]
    assert (right["kinds"], right["title"]) == (["number", "percent"], "shares")
    x0, top, x1, bottom = left["box"]
    assert 0 < x0 < x1 < right["box"][0] < 1
    assert 0 < top < bottom < 1


def test_a_box_and_limits_put_a_value_where_the_figure_draws_it() -> None:
    with drawing(6, 3) as figure:
        axes = figure.subplots()
        axes.plot([0, 10], [5, 5], "o", color=OURS)
        text = svg(figure)
    (one,) = held(text)
    places = re.findall(
        r'<use xlink:href="#\w+" x="([\d.]+)" y="([\d.]+)" style="fill: var\(--ours', text
    )
    x, y = (float(v) for v in places[0])
    left, top, right, bottom = one["box"]
    across = left + (right - left) * (0 - one["x"][0]) / (one["x"][1] - one["x"][0])
    down = bottom - (bottom - top) * (5 - one["y"][0]) / (one["y"][1] - one["y"][0])
    assert abs(across * 432 - x) < 0.1
    assert abs(down * 216 - y) < 0.1


def test_a_long_line_is_thinned_and_keeps_its_ends() -> None:
    with drawing(6, 3) as figure:
        figure.subplots().plot(range(10_000), range(10_000), label="long")
        (axes,) = held(svg(figure))
    (series,) = axes["series"]
    assert len(series["x"]) == 400
    assert (series["x"][0], series["x"][-1]) == (0, 9999)


def test_the_colours_and_letters_are_the_pages() -> None:
    with drawing(6, 3) as figure:
        drawn(figure)
        text = svg(figure)
    assert "var(--ours)" in text
    assert "var(--paper)" in text
    assert not re.search("#1f5fbf|#ffffff|font-family", text)


# The legend is measured here once more, outside of `svg`, which hushes this.
@pytest.mark.filterwarnings("ignore:Glyph")
def test_korean_text_is_measured_as_wide_as_it_is_and_drawn_as_it_was() -> None:
    def legend_width(label: str) -> float:
        with drawing(6, 3) as figure:
            axes = figure.subplots()
            axes.plot([0, 1], [0, 1], label=label)
            legend = axes.legend()
            text = svg(figure)
            assert f">{label}<" in text
            return float(legend.get_window_extent().width)

    # Eight syllables are nearly as wide as high, nine points each; eight letters are not.
    assert legend_width("비용차감전략수익") - legend_width(".") > 8 * 9 * 0.85


def test_intervals_named_places_and_heat_maps_carry_their_values() -> None:
    with drawing(6, 3) as figure:
        left, right = figure.subplots(1, 2)
        left.vlines([0, 1], [1.0, np.nan], [3.0, 4.0], label="interval")
        left.set_xticks([0, 1], ["1-10", "11-20"])
        right.imshow([[0.5, np.nan], [1.0, -1.0]])
        spans, heat = held(svg(figure))
    # The second interval has no lower end: it does not exist.
    assert spans["series"] == [{"label": "interval", "x": [0], "y": [3], "low": [1]}]
    assert spans["ticks"] == [[[0, "1-10"], [1, "11-20"]], []]
    assert heat["cells"] == [[0.5, None], [1, -1]]
    assert heat["extent"] == [-0.5, 1.5, 1.5, -0.5]


def test_a_figure_is_drawn_once_as_savefig_draws_it_twice() -> None:
    def one() -> Figure:
        with drawing(4, 2) as figure:
            axes = figure.subplots(1, 2, sharey=True)
            axes[0].plot([0, 1, 2], [1e6, 3e6, 2e6])
            axes[0].set_ylabel("of a wide axis")
            figure.colorbar(axes[1].imshow([[0.0, 1.0]]), ax=axes[1])
            return figure

    out = io.StringIO()
    with house_style():
        once = svg(one())
        one().savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    assert once.endswith(themed(text[text.index("<svg") + 4 :]))
    assert "<image" in once
