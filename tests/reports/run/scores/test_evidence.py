"""The section on predictions and earnings says what the numbers say, and no more."""

import re
from dataclasses import replace

import numpy as np
import pytest

from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.evidence import evidence
from rollsight.workflows.run import Run

# The page's reader has the glyphs; the font that measures text need not.
pytestmark = pytest.mark.filterwarnings("ignore:Glyph .* missing from font")


@pytest.fixture(scope="module")
def quiet(finished: Run) -> RunNumbers:
    """Return the numbers of the run as if no window had traded."""
    signals = finished.signals.assign(buy=False, threshold=np.nan, action="")
    cash = finished.spec.strategy.cash
    equity = finished.equity.assign(equity=cash, cash=cash, **{"return": 0.0})
    return build_metrics(
        replace(finished, signals=signals, trades=finished.trades[:0], equity=equity,
                orders=finished.orders[:0], attribution=finished.attribution[:0],
                attribution_summary=finished.attribution_summary[:0])
    )  # fmt: skip


def cells(html: str, row: str) -> list[str]:
    """Return the cells of the first row that starts with a word."""
    found = re.search(rf'<tr><td class="text">{row}</td>(.*?)</tr>', html)
    assert found
    return re.findall(r"<td[^>]*>([^<]*)</td>", found.group(1))


def test_the_last_row_is_the_whole_runs(finished: Run) -> None:
    buys = finished.metrics["overall"]["all_buys"]
    shown = cells(evidence(finished.numbers, speak("en")), "all")
    assert shown[0] == number(buys["buys"])
    assert percent(buys["precision"]) in shown
    assert percent(buys["base_up_of_alike"]) in shown
    assert percent(buys["edge"], 2, sign=True) in shown
    assert f"{100 * buys['edge_low']:.2f} to {100 * buys['edge_high']:.2f} %" in shown


def test_the_break_even_line_is_told_in_words(finished: Run) -> None:
    line = finished.metrics["overall"]["break_even"]
    said = evidence(finished.numbers, speak("en")).replace("\xa0", " ")
    assert f"would have to reach {percent(line['needed'])}" in said
    assert f"It was {percent(line['lead'])}." in said


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_run_that_never_bought_has_a_section(quiet: RunNumbers, lang: Lang) -> None:
    html = evidence(quiet, speak(lang))
    for part in ("Beside random buys", "The break-even line"):
        assert speak(lang)(part) not in html
    assert speak(lang)("The forecasts themselves") in html
    assert "None" not in html
    assert "nan" not in html.lower().replace("finance", "")


def test_the_korean_section_has_no_english_sentence(finished: Run) -> None:
    html = evidence(finished.numbers, speak("ko"))
    text = re.sub(r"<svg.*?</svg>|<[^>]*>", " ", html, flags=re.DOTALL)
    assert re.findall(r"(?:[a-z]+ ){4,}", text) == []
