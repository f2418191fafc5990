"""Nothing on any page is wider than its place, in a real browser where there is one."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rollsight.reports.compare.compared import Compared
from rollsight.reports.compare.numbers import compare_data
from rollsight.reports.compare.page import comparison
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.sweep.page.page import render_page
from rollsight.workflows.run import Run
from tests.reports.page.layouts import misplaced
from tests.support.fixtures import Show
from tests.support.sweeps.numbers import few, rolling, seeds, sweep_data

LANGS: tuple[Lang, Lang] = ("en", "ko")


def laid_out(html: str, show: Show) -> list[str]:
    page = show(html)
    found = misplaced(page)
    assert page.complaints == []
    page.close()
    return found


def test_nothing_on_the_page_of_a_run_is_wider_than_its_place(
    finished: Run, korean: str, show: Show
) -> None:
    assert len(re.findall("<svg", finished.html.split('<div class="charts">')[1])) >= 13
    assert laid_out(finished.html, show) == []
    assert laid_out(korean, show) == []


def test_nor_does_a_single_trade_in_its_dialog(finished: Run, show: Show) -> None:
    page = show(finished.html)
    page.click("#unfold")
    page.locator("#trades").scroll_into_view_if_needed()
    page.locator("#tradelist tr[data-at]").first.click()
    page.wait_for_selector("dialog[open]")
    assert misplaced(page, widths=(360, 1280), themes=("light",)) == []
    page.close()


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_on_the_page_of_a_comparison_is_wider_than_its_place(
    finished: Run, show: Show, lang: Lang
) -> None:
    run = Compared(Path("a-folder-with-a-long-name"), finished.spec, finished.numbers, "")
    data = compare_data([run] * 5)
    assert laid_out(comparison(data, speak(lang)), show) == []


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_on_the_page_of_a_sweep_is_wider_than_its_place(show: Show, lang: Lang) -> None:
    data = few()
    rolled = replace(data, select="rolling", rolling=rolling(data), seeds=seeds())
    assert laid_out(render_page(rolled, speak(lang)), show) == []


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
def test_nor_on_that_of_a_large_one(show: Show, lang: Lang) -> None:
    assert laid_out(render_page(sweep_data(), speak(lang)), show) == []
