"""The section of a run that forecasts returns."""

from html import escape

import numpy as np
from matplotlib.ticker import PercentFormatter

from rollsight.reports.page.drawing import GREY, OURS, drawing, svg
from rollsight.reports.page.html import (
    NONE,
    Cell,
    figure,
    number,
    paragraph,
    percent,
    section,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.run.forecast.facts import LARGEST, ReturnForecasts
from rollsight.reports.run.numbers import RunNumbers


def forecasts(numbers: RunNumbers, say: Say) -> str:
    """Return the section; nothing where classes are learnt."""
    found = numbers.forecasts
    if found is None:
        return ""
    told = say(
        "The network forecasts the return of each trade; its classes follow from how far it was "
        "off on validation. A squared error says nothing alone: beside it stand those of "
        "forecasting zero and of forecasting the mean return of each window's train rows. "
        "R\N{SUPERSCRIPT TWO} is what the model takes off each of them."
    )
    return section(
        "forecasts",
        say("Forecast returns"),
        f'<ul class="facts"><li>{escape(_sentence(found, say))}</li></ul>',
        paragraph(told),
        _table(found, say),
        figure(
            _tenths_figure(found, say),
            escape(
                say("Mean outcome of the rows in each tenth of the forecast, and the forecast.")
            ),
        ),
        figure(
            _segments_figure(found),
            escape(
                say(
                    "Eight random stretches of twenty decisions of a stock: bars are what came, "
                    "the line is the forecast; above each its own mean squared error."
                )
            ),
        )
        if found.segments
        else "",
    )


def _sentence(found: ReturnForecasts, say: Say) -> str:
    _, zero, mean = found.errors
    best = max(zero, mean, key=lambda one: -one.mse)
    if best.r2 is not None and best.r2 > 0:
        return say(
            "The forecasts' squared error is {r2} below that of the better constant; correlation "
            "with what came {correlation}.",
            r2=percent(best.r2, 2), correlation=number(found.correlation, 3),
        )  # fmt: skip
    return say(
        "The forecasts are no closer to what came than a constant; correlation {correlation}.",
        correlation=number(found.correlation, 3),
    )


def _table(found: ReturnForecasts, say: Say) -> str:
    names = {
        "model": say("the model"), "zero": say("zero"), "train mean": say("the train mean"),
    }  # fmt: skip
    heads = [
        say("Forecast"), say("Mean squared error"), say("Mean absolute error"),
        say("Median squared error"), "R\N{SUPERSCRIPT TWO}",
        say("Share of the {n} largest rows", n=LARGEST),
    ]  # fmt: skip
    rows: list[list[Cell | str]] = [
        [
            words(names[one.name]),
            number(one.mse, 6),
            percent(one.mae, 2),
            number(one.median, 6),
            NONE if one.r2 is None else percent(one.r2, 2, sign=True),
            percent(one.largest),
        ]
        for one in found.errors
    ]
    mean = found.coefficient
    coefficient = say(
        "{rows} rows. Rank coefficient of forecast and outcome within dates: {mean} ({low} to "
        "{high}).",
        rows=number(found.rows), mean=number(mean.mean, 3), low=number(mean.low, 3),
        high=number(mean.high, 3),
    )  # fmt: skip
    return table(heads, rows) + paragraph(coefficient)


def _tenths_figure(found: ReturnForecasts, say: Say) -> str:
    with drawing(9.6, 2.6) as drawn:
        axes = drawn.subplots()
        places = np.arange(1, len(found.tenths) + 1)
        outcome = [one.outcome for one in found.tenths]
        forecast = [one.forecast for one in found.tenths]
        axes.bar(places, outcome, color=GREY, label=say("what came"))
        axes.plot(places, forecast, "o-", color=OURS, lw=1.3, ms=4, label=say("forecast"))
        axes.axhline(0, color="#5c6670", lw=0.7)
        axes.set_xticks(places)
        axes.set_xlabel(say("tenth of the forecast, lowest first"))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=8)
        return svg(drawn)


def _segments_figure(found: ReturnForecasts) -> str:
    rows = -(-len(found.segments) // 4)
    with drawing(9.6, 0.3 + 1.6 * rows) as drawn:
        grid = drawn.subplots(rows, 4, squeeze=False)
        for axes, one in zip(grid.flat, found.segments, strict=False):
            days = np.arange(len(one.outcome))
            axes.bar(days, one.outcome, color=GREY, label="outcome")
            axes.plot(days, one.forecast, color=OURS, lw=1.3, label="forecast")
            axes.set_title(f"{one.code} {one.first} ({one.mse:.4f})", fontsize=7.5)
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            axes.tick_params(labelsize=6.5)
        for axes in list(grid.flat)[len(found.segments) :]:
            axes.set_axis_off()
        return svg(drawn)
