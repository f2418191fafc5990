"""The first screen says it in ten seconds; all else is folded under its heading, and not lost."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.run.account.few import too_few
from rollsight.reports.run.page import render
from rollsight.reports.run.scores.judgement import reasons
from rollsight.reports.statistics.judgement import Evidence, Verdict
from rollsight.workflows.run import Run
from tests.support.fixtures import Show

if TYPE_CHECKING:
    from playwright.sync_api import Page

EN = speak("en")
SEEN = """selector => [...document.querySelectorAll(selector)].filter(e => {
    const box = e.getBoundingClientRect();
    return e.checkVisibility({contentVisibilityAuto: true}) && box.top >= 0
        && box.bottom <= innerHeight;
}).length"""


def seen(page: "Page", selector: str) -> int:
    """Return how many elements stand whole on the screen."""
    return int(page.evaluate(SEEN, selector))


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (420, 900)])
def test_the_first_screen_holds_verdict_four_tiles_and_the_equity(
    finished: Run, show: Show, width: int, height: int
) -> None:
    page = show(finished.html)
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("scrollTo(0, 0)")
    for selector, times in (
        ("p.verdict", 1),
        (".tile", 4),
        ("#headline svg", 1),
        ("#headline details summary", 1),
    ):
        assert seen(page, selector) == times, selector
    assert page.complaints == []
    page.close()


def test_a_verdict_has_at_most_three_reasons(finished: Run) -> None:
    found = (
        Evidence("stocks", 0.001, -0.001, 0.003, 0.4, 0.2, 0.8),
        Evidence("days", 0.001, -0.001, 0.003, 0.4, 0.2, 0.8),
        Evidence("seeds", low=-0.1, high=0.2),
        Evidence("baseline", 0.0, -0.1, 0.1, name="logistic"),
    )
    numbers = replace(finished.numbers, verdict=Verdict("luck", 26, 24, 4, found))
    assert len(reasons(numbers, EN)) == 3


def test_every_section_but_the_first_is_folded_under_its_heading(finished: Run) -> None:
    keys = re.findall(r'<section id="(\w+)"', finished.html)
    folded = re.findall(r'<section id="(\w+)"><details class="more"><summary><h2>', finished.html)
    assert folded == keys[1:]


def test_sections_that_are_asked_for_stand_open(finished: Run) -> None:
    html = render(finished.numbers, "", "", say=EN, sections=["data"])
    assert '<section id="data"><details class="more" open>' in html
    # The verdict is line one of a page without the first section too.
    assert html.index('<p class="verdict') < html.index("<section")


def test_a_link_opens_its_section_even_without_a_script(finished: Run, show: Show) -> None:
    for scripts in (True, False):
        page = show(finished.html, java_script_enabled=scripts)
        figure = page.locator("#saliency figure, #saliency p").first
        assert not figure.is_visible()
        page.locator("nav a[href='#saliency']").click()
        assert figure.is_visible()
        page.close()


def test_the_browsers_search_opens_what_holds_the_text(finished: Run, show: Show) -> None:
    page = show(finished.html)
    page.goto(page.url + "#:~:text=Digests%20and%20versions")
    page.wait_for_selector("#spec > details[open]")
    page.close()


def test_paper_has_everything_even_without_a_script(finished: Run, show: Show) -> None:
    page = show(finished.html, java_script_enabled=False)
    page.emulate_media(media="print")
    assert page.locator("#money table").first.is_visible()
    page.close()


def test_one_button_opens_all_and_closes_all(finished: Run, show: Show) -> None:
    page = show(finished.html)
    page.locator("#unfold").click()
    assert page.locator("section > details:not([open])").count() == 0
    assert page.inner_text("#unfold") == "Close all"
    page.locator("#unfold").click()
    assert page.locator("section > details[open]").count() == 0
    assert page.inner_text("#unfold") == "Open all"
    page.close()


def test_the_contents_fold_on_a_phone_and_stand_open_on_a_wide_screen(
    finished: Run, show: Show
) -> None:
    for scripts in (True, False):
        page = show(finished.html, java_script_enabled=scripts)
        link = page.locator("nav ol a").last
        assert link.is_visible()
        page.set_viewport_size({"width": 420, "height": 900})
        page.wait_for_function("!document.querySelector('nav ol a').checkVisibility()")
        page.locator("nav summary").click()
        assert link.is_visible()
        page.close()


@pytest.mark.slow
def test_sections_of_few_trades_say_so_in_a_sentence(finished: Run) -> None:
    few = replace(finished.numbers.verdict, word="little", trade_blocks=2)
    numbers = replace(finished.numbers, verdict=few)
    said = too_few(numbers, EN)
    n, windows = numbers.headline.trades, len(numbers.windows)
    held = len(set(numbers.trades.columns.window))
    assert said["money"] == f"{n} trades in {held} of {windows} windows: too few to compare."
    assert "evidence" not in said
    html = render(numbers, "", "", say=EN)
    assert f'<h2>Every trade</h2><span class="gist">{said["trades"]}</span>' in html
    assert too_few(finished.numbers, EN) == {}


def test_sections_of_few_buys_say_what_cannot_be_judged(finished: Run) -> None:
    few = replace(finished.numbers.verdict, word="little", blocks=2)
    numbers = replace(finished.numbers, verdict=few)
    n, windows = numbers.overall.all_buys.buys, len(numbers.windows)
    bought = sum(w.all_buys.buys > 0 for w in numbers.windows)
    assert too_few(numbers, EN)["evidence"] == (
        f"{n} buys in {bought} of {windows} windows: too few to judge the buys."
    )


def test_the_keyboards_focus_is_seen_on_a_folded_section(finished: Run, show: Show) -> None:
    page = show(finished.html)
    page.locator("#evidence > details > summary").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    # The section clips what lies outside it.
    seen = page.evaluate("""() => {
        const own = document.activeElement, style = getComputedStyle(own);
        return [own.parentElement.parentElement.id, style.outlineStyle,
                parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth)];
    }""")
    assert seen == ["evidence", "solid", 0]
    page.close()


def test_sections_of_no_buy_say_that(finished: Run) -> None:
    none = replace(finished.numbers.verdict, word="little", blocks=0, trade_blocks=0)
    overall = finished.numbers.overall
    numbers = replace(
        finished.numbers,
        verdict=none,
        headline=replace(finished.numbers.headline, trades=0),
        overall=replace(overall, all_buys=replace(overall.all_buys, buys=0)),
    )
    said = too_few(numbers, EN)
    assert said["evidence"] == said["thresholds"] == "No buy."
    # Model age is of all rows.
    assert "age" not in said
    assert said["returns"] == "No trade: nothing to compare."
