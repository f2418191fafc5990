"""The page as a reader meets it, in a real browser where there is one."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rollsight.base.errors import RollsightError
from rollsight.reports.page.language import speak
from rollsight.reports.run.headline import tiles
from rollsight.reports.run.page import chosen_sections, render
from rollsight.workflows.run import Run, report

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECTIONS = ["headline", "baselines", "evidence", "money", "thresholds", "age", "saliency", "trades",
            "stretches", "returns", "data", "spec"]  # fmt: skip


@pytest.fixture(scope="module")
def page(finished: Run, show: Any) -> Iterator["Page"]:
    opened = show(finished.html)
    opened.locator("#unfold").click()
    yield opened
    # Whatever the tests of this module did, no script failed and nothing was asked for.
    assert opened.complaints == []
    assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("width", [1280, 900, 420])
def test_nothing_is_wider_than_the_page(page: "Page", width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})


def test_no_two_blocks_of_a_section_overlap(page: "Page") -> None:
    overlapping = page.evaluate(
        """() => [...document.querySelectorAll('section')].flatMap(section => {
            const boxes = [...section.children].map(e => e.getBoundingClientRect());
            return boxes.slice(1).filter((box, i) => box.height && box.top < boxes[i].bottom - 1);
        }).length"""
    )
    assert overlapping == 0


def test_names_are_text_whatever_they_hold(page: "Page") -> None:
    page.locator("#trades").scroll_into_view_if_needed()
    page.wait_for_selector("#tradelist tr[data-at]")
    said = page.inner_text("#trades")
    assert "삼성전자" in said
    # A script that ran would have raised a dialog, which the fixture counts as a complaint.
    assert "<script>alert(1)</script>" in said
    assert page.inner_text("h1") == "씨앗 <시험> & run"
    assert page.title() == "씨앗 <시험> & run"


def test_every_figure_is_drawn(page: "Page") -> None:
    sizes = page.evaluate(
        "[...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect().height)"
    )
    assert len(sizes) > 15
    assert min(sizes) > 40


def test_the_tiles_are_those_of_the_metrics(page: "Page", finished: Run) -> None:
    shown = page.evaluate(
        "[...document.querySelectorAll('.tile')]"
        ".map(t => [...t.children].map(c => c.innerText.replaceAll('\\xa0', ' ')))"
    )
    assert shown == [
        [name, value, *beside] for name, value, _, *beside in tiles(finished.numbers, speak("en"))
    ]
    own = finished.metrics["headline"]["strategy"]
    assert shown[0][1] == f"{100 * own['total_return']:+,.1f} %"
    assert shown[1][1] == f"{own['sharpe']:,.2f}"


def test_the_page_holds_the_trades_of_the_metrics_exactly(page: "Page", finished: Run) -> None:
    held = page.evaluate("rollsight.unpack('trades-data').then(JSON.stringify)")
    assert json.loads(held) == json.loads(json.dumps(finished.metrics["trades"]))


def test_the_contents_lead_to_every_section_and_mark_where_one_is(page: "Page") -> None:
    links = page.locator("nav ol a")
    assert [link.get_attribute("href") for link in links.all()] == [f"#{s}" for s in SECTIONS]
    links.last.click()
    page.wait_for_selector("nav ol a[href='#spec'][aria-current]")
    assert page.locator("nav ol a[aria-current]").count() == 1
    links.first.click()
    page.wait_for_selector("nav ol a[href='#headline'][aria-current]")


def test_the_first_key_offers_to_skip_the_contents(finished: Run, show: Any) -> None:
    page = show(finished.html)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()


def paper(page: "Page") -> str:
    """Return the colour of a section and of the ground of the first figure."""
    section, ground = page.evaluate(
        """() => [getComputedStyle(document.querySelector('section')).backgroundColor,
                  getComputedStyle(document.querySelector('svg #patch_1 path')).fill]"""
    )
    assert section == ground
    return str(section)


def test_the_switch_changes_the_theme_of_page_and_figures_and_is_remembered(page: "Page") -> None:
    assert paper(page) == "rgb(255, 255, 255)"
    page.locator("#theme").click()
    assert page.inner_text("#theme") == "Light"
    assert paper(page) == "rgb(23, 28, 34)"
    page.reload()
    assert paper(page) == "rgb(23, 28, 34)"
    page.locator("#theme").click()
    assert paper(page) == "rgb(255, 255, 255)"


def test_a_reader_who_likes_it_dark_gets_it_dark_and_can_switch_without_storage(
    finished: Run, show: Any
) -> None:
    page = show(finished.html, color_scheme="dark")
    assert paper(page) == "rgb(23, 28, 34)"
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('refused'); }})"
    )
    page.reload()
    page.locator("#theme").click()
    assert paper(page) == "rgb(255, 255, 255)"
    assert page.complaints == []
    page.close()


def test_on_paper_everything_is_unfolded_and_nothing_sticks(finished: Run, show: Any) -> None:
    page = show(finished.html, color_scheme="dark")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("nav").is_visible()
    assert not page.locator("#tradelist").is_visible()
    assert page.locator(".still table").is_visible()
    assert page.locator("details:not([open])").count() == 0
    assert page.evaluate(
        """[...document.querySelectorAll('.scroll, pre')].filter(e => e.offsetParent)
           .every(e => e.scrollHeight <= e.clientHeight + 2)"""
    )
    assert paper(page) == "rgb(255, 255, 255)"
    page.close()


def test_a_pointer_on_the_equity_shows_the_values_of_that_day(page: "Page", finished: Run) -> None:
    drawn = page.locator("#headline svg")
    drawn.scroll_into_view_if_needed()
    box = drawn.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.3 * box["height"])
    page.wait_for_selector(".tip:not([hidden])")
    head, *rows = page.inner_text(".tip").splitlines()
    day = head.split(" · ")[-1]
    equity = finished.metrics["equity"]
    worth = np.cumprod(1 + np.array(equity["return"]))[equity["date"].index(day)]
    assert float(rows[rows.index("Strategy, net of costs") + 1]) == pytest.approx(worth, rel=1e-3)
    page.mouse.move(2, 2)
    assert not page.locator(".tip").is_visible()


def test_the_korean_page_speaks_korean(korean: str, finished: Run, show: Any) -> None:
    page = show(korean)
    page.locator("#unfold").click()
    assert page.get_attribute("html", "lang") == "ko"
    assert page.locator("nav ol a").first.inner_text() == "이 실행의 결론"
    assert page.locator("#theme").inner_text() == "어두운 화면"
    page.locator("#trades").scroll_into_view_if_needed()
    page.wait_for_selector("#tradelist tr[data-at]")
    assert "만기" in page.inner_text("#tradelist")
    for section in ("headline", "trades", "stretches", "data"):
        english = re.findall(r"\b(?:the|of|was|with)\b", page.inner_text(f"#{section}"))
        assert english == [], section
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.complaints == []
    page.close()


def test_the_page_asks_for_nothing_from_outside(finished: Run) -> None:
    fetched = re.findall(r"""(?:src|href)=["'](?!#|data:)([^"']+)""", finished.html)
    assert fetched == []
    assert "url(http" not in finished.html


def test_names_are_escaped(finished: Run) -> None:
    assert "씨앗 &lt;시험&gt; &amp; run" in finished.html
    assert "<시험>" not in finished.html
    assert "<script>alert" not in finished.html


def test_the_page_names_every_window_and_trade(finished: Run) -> None:
    assert f"By window ({len(finished.windows)})" in finished.html
    assert f"All {len(finished.trades):,} trades" in finished.html


def test_a_page_of_some_sections_has_those_in_the_pages_order(finished: Run) -> None:
    html = render(finished.numbers, "", "", say=speak("en"), sections=["data", "headline"])
    assert re.findall(r'<section id="(\w+)"', html) == ["headline", "data"]
    assert re.findall(r'<a href="#(\w+)">', html) == ["headline", "data"]


def test_an_unknown_section_is_refused_in_a_line() -> None:
    with pytest.raises(RollsightError, match=r"no section 'trade'.*did you mean 'trades'"):
        chosen_sections(["trade"])


def test_the_same_run_gives_the_same_numbers(finished: Run) -> None:
    again = report(finished, page=False)
    assert again.html == ""
    assert again.metrics == finished.metrics | {"quantstats": {}}


def test_a_notebook_shows_a_run_as_a_small_table(finished: Run) -> None:
    assert "<table>" in finished._repr_html_()
    assert "Precision" in repr(finished)
