"""The QuantStats tear sheet, as a part of our page."""

import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from rollsight.backtests.account.benchmark import Common, common
from rollsight.reports.page.drawing import house_style, themed
from rollsight.reports.page.html import paragraph, percent
from rollsight.reports.page.language import Say
from rollsight.reports.run.beside.riskfree import RiskFree
from rollsight.reports.run.numbers import QuantStats, RunNumbers

FEWEST_SESSIONS = 60


def tearsheet(numbers: RunNumbers, say: Say) -> tuple[str, QuantStats]:
    """Return QuantStats' HTML for the strategy beside its benchmark, and its table of figures.

    Where QuantStats has nothing to measure, the HTML is one sentence that says why, and the table
    is empty.
    """
    equity, headline = numbers.equity, numbers.headline
    dates = pd.DatetimeIndex(equity.date)
    own = np.array(equity.return_, dtype=np.float64)
    returns = pd.Series(own, dates, name="Strategy")
    if len(returns) < FEWEST_SESSIONS or not returns.any():
        return paragraph(_nothing(len(returns), say)), {}
    per_year, benchmark, said = headline.sessions_per_year, None, ""
    if headline.benchmark is not None:
        both = common(own, np.array(equity.benchmark_return, dtype=np.float64))
        if both is not None and len(both.at) >= FEWEST_SESSIONS:
            name, dates = headline.benchmark_name or "", dates[both.at]
            returns = pd.Series(both.own, dates, name="Strategy")
            benchmark = pd.Series(both.other, dates, name=name)
            per_year = both.sessions_per_year(per_year)
            said = _partly(name, both, dates, say)
    rate = headline.risk_free
    above = 0.0 if rate is None else max(rate.annual, 0.0)
    sheet, figures = _measure(returns, benchmark, above, round(per_year))
    return said + _rate(rate, say) + sheet, figures


def _partly(name: str, both: Common, dates: pd.DatetimeIndex, say: Say) -> str:
    """Return what the tear sheet leaves out where the benchmark does not cover the run."""
    if both.whole:
        return ""
    return paragraph(
        say(
            "QuantStats sees only the {n} sessions from {first} to {last} on which {name} has a "
            "value, and both from one of them to the next.",
            n=len(dates),
            first=f"{dates[0]:%Y-%m-%d}",
            last=f"{dates[-1]:%Y-%m-%d}",
            name=name,
        )
    )


def _rate(found: RiskFree | None, say: Say) -> str:
    """Return what QuantStats takes off otherwise than the page does: it knows one rate above 0."""
    if found is None:
        return ""
    if found.annual < 0:
        return paragraph(say("QuantStats takes off no rate below 0."))
    if found.series is None:
        return ""
    rate = percent(found.annual, 2)
    return paragraph(say("QuantStats takes off the average of {rate} in every session.", rate=rate))


def _nothing(sessions: int, say: Say) -> str:
    if sessions < FEWEST_SESSIONS:
        return say(
            "QuantStats needs returns that move: this run has only {n} sessions.", n=sessions
        )
    return say("QuantStats needs returns that move: this run has no trade.")


def _measure(
    returns: pd.Series, benchmark: pd.Series | None, rate: float, per_year: int
) -> tuple[str, QuantStats]:
    # Imported late: it takes two seconds and pulls in a network client that is never used.
    with _quantstats() as reports:
        from quantstats import plots

        template = resources.files("rollsight.reports.page") / "assets" / "tearsheet.html"
        tables: list[pd.DataFrame] = []

        def measured(*given: Any, **named: Any) -> pd.DataFrame:
            tables.append(measure(*given, **named))
            return tables[-1]

        def grey(*given: Any, **named: Any) -> object:
            # It is green and red by sign, and a month's gain may be luck.
            return monthly(*given, **named | {"grayscale": True})

        measure, monthly = reports.metrics, plots.monthly_heatmap
        with (
            resources.as_file(template) as path,
            tempfile.TemporaryDirectory() as folder,
            # Its page measures all that it shows: to ask for the table beside it takes as long.
            _replaced(reports, "metrics", measured),
            # Our template has no place for the bars by year.
            _replaced(plots, "yearly_returns", lambda *_given, **_named: None),
            _replaced(plots, "monthly_heatmap", grey),
        ):
            out = Path(folder) / "sheet.html"
            reports.html(
                returns,
                benchmark=benchmark,
                rf=rate,
                output=str(out),
                template_path=str(path),
                periods_per_year=per_year,
                # To match them would delete the leading sessions in cash and overstate all.
                match_dates=False,
            )
            html = out.read_text(encoding="utf-8")
    # Each figure carries the time of its drawing, which `themed` takes out: the same run must be
    # the same bytes.
    return themed(html), _figures(tables[0], benchmark)


def _figures(table: pd.DataFrame, benchmark: pd.Series | None) -> QuantStats:
    """Return QuantStats' table by column and row, without its lines between the rows."""
    names = ["Strategy"] if benchmark is None else ["Benchmark", "Strategy"]
    rows = table[table.index != ""].set_axis(names, axis=1)
    return {str(c): {str(k): v for k, v in rows[c].items()} for c in rows}


@contextmanager
def _replaced(module: ModuleType, name: str, function: Callable[..., Any]) -> Iterator[None]:
    """Put another function in the place of a module's own for a while."""
    own = getattr(module, name)
    setattr(module, name, function)
    try:
        yield
    finally:
        setattr(module, name, own)


@contextmanager
def _quantstats() -> Iterator[ModuleType]:
    """Yield QuantStats' reports, drawing in our style, its font look-ups and warnings hushed."""
    fonts = logging.getLogger("matplotlib.font_manager")
    level = fonts.level
    fonts.setLevel(logging.ERROR)
    try:
        # Its import sets a style for every figure to come: the outer context takes that back.
        with warnings.catch_warnings(), mpl.rc_context():
            warnings.simplefilter("ignore")
            from quantstats import reports

            with house_style():
                yield reports
    finally:
        fonts.setLevel(level)
