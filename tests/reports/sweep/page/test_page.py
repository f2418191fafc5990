"""The page of a sweep as a reader meets it, in a real browser where there is one."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.sweep.numbers.importance import Heatmap, Heatmaps
from rollsight.reports.sweep.page.figures import heatmap_figure
from rollsight.reports.sweep.page.page import render_page
from tests.support.sweeps.numbers import ROWS, few, grid, rolling, saliency, sweep_data

if TYPE_CHECKING:
    from playwright.sync_api import Page

SECTIONS = ["verdict", "outcomes", "trials", "keys", "saliency", "ledger"]
HOSTILE = "</script><script>alert(1)</script><b>&$x_{$"
EN = speak("en")
# Pairs of texts that touch. Slanted ones stand apart where their anchors do, by more than a height.
TOUCHING = """() => {
  const texts = [...document.querySelectorAll('svg text')].map(t => ({
    say: t.textContent, box: t.getBoundingClientRect(),
    slanted: /rotate\\(-?(?!0)\\d/.test(t.getAttribute('transform') + t.getAttribute('style')),
  }));
  const touching = [];
  texts.forEach((a, at) => texts.slice(at + 1).forEach(b => {
    const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
    const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
    const close = Math.abs(a.box.right - b.box.right) < 18;
    const both = a.slanted && b.slanted, none = !a.slanted && !b.slanted;
    if (both && close && high > 4 || none && wide > 0.5 && high > 2) touching.push([a.say, b.say]);
  }));
  return {texts: texts.length, touching};
}"""


@pytest.fixture(scope="module")
def html() -> str:
    return render_page(sweep_data(), EN)


@pytest.fixture(scope="module")
def opened(html: str, show: Any) -> Iterator["Page"]:
    page = show(html)
    page.locator("#parallel").scroll_into_view_if_needed()
    page.wait_for_selector(ROWS)
    yield page
    # Whatever the tests of this module did, no script failed and nothing was asked for.
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []


@pytest.fixture
def page(opened: "Page") -> "Page":
    """Show all trials, the best of validation first."""
    opened.locator("#parallel .bar button").click()
    if opened.locator("th[aria-sort=descending] button[data-key=validation]").count() == 0:
        opened.locator("button[data-key=validation]").click()
    return opened


def shown(page: "Page", key: str) -> list[str]:
    """Return what the list shows in a column, the first rows."""
    keys = page.evaluate("[...document.querySelectorAll('th button')].map(b => b.dataset.key)")
    return page.locator(ROWS).evaluate_all(
        f"rows => rows.slice(0, 8).map(r => r.cells[{keys.index(key)}].innerText)"
    )


def count(page: "Page") -> int:
    """Return how many trials the filter leaves, of 60."""
    found = re.fullmatch(r"(\d+) of 60 trials", page.inner_text("#parallel .count"))
    assert found
    return int(found[1])


def test_the_first_screen_has_four_tiles_the_growth_and_the_chosen_setting(page: "Page") -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    page.evaluate(
        "document.querySelectorAll('details').forEach(d => d.open = false); scrollTo(0, 0)"
    )
    shown = "#verdict .tile:visible, #verdict figure:visible, #verdict .facts li:visible"
    boxes = [box.bounding_box() for box in page.locator(shown).all()]
    assert len(boxes) == 4 + 1 + 1
    assert all(box and box["y"] + box["height"] < 768 for box in boxes)
    assert page.locator("#verdict .facts li:visible").inner_text().startswith("Validation chose")


def test_every_section_stands_and_nothing_is_wider_than_the_page(page: "Page") -> None:
    links = page.locator("nav ol a")
    assert [link.get_attribute("href") for link in links.all()] == [f"#{s}" for s in SECTIONS]
    for width in (900, 420, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    heights = page.evaluate(
        "[...document.querySelectorAll('figure svg')].map(s => s.getBoundingClientRect().height)"
    )
    assert len(heights) == 13  # outcomes 4, importance, six pairs of four keys, saliency 2
    assert min(heights) > 60


def test_a_heading_sorts_and_sorts_back(page: "Page") -> None:
    sharpes = [t.test.sharpe for t in sweep_data().trials if t.test]
    page.locator("button[data-key=sharpe]").click()
    assert shown(page, "sharpe") == [f"{s:.2f}" for s in sorted(sharpes)[::-1][:8]]
    page.locator("button[data-key=sharpe]").press("Enter")
    assert shown(page, "sharpe") == [f"{s:.2f}" for s in sorted(sharpes)[:8]]
    page.locator("button[data-key='strategy.stop_loss']").click()
    assert set(shown(page, "strategy.stop_loss")) == {"unset"}


def test_the_chosen_trial_is_marked_and_its_report_is_linked(page: "Page") -> None:
    data = sweep_data()
    marked = page.locator("#triallist tr.marked")
    assert marked.count() == 1
    assert marked.locator("td").first.inner_text() == f"{data.chosen} ●"
    assert marked.locator("a").get_attribute("href") == f"kept/{data.chosen:04d}/report.html"
    assert page.locator("#parallel path.chosen").get_attribute("data-trial") == str(data.chosen)


def test_the_printed_table_shows_what_the_list_shows(page: "Page") -> None:
    still = page.evaluate(
        """[...document.querySelectorAll('.still tbody tr')].slice(1, 6)
           .map(row => [...row.cells].map(c => c.textContent))"""
    )
    listed = [row.locator("td").all_inner_texts() for row in page.locator(ROWS).all()[1:6]]
    assert still == listed


def test_values_are_picked_by_the_keyboard_and_the_list_follows(page: "Page") -> None:
    five = page.locator("[aria-label='label.horizon = 5']")
    five.focus()
    page.keyboard.press("Enter")
    assert five.get_attribute("aria-pressed") == "true"
    assert count(page) == 30
    assert set(shown(page, "label.horizon")) == {"5"}
    page.locator("[aria-label='strategy.positions = 20']").press(" ")
    assert count(page) == 10
    page.locator("[aria-label='strategy.positions = 5']").press("Enter")
    assert count(page) == 20
    # 59 lines of trials that are done: of the twenty that are left one failed.
    assert page.locator("#parallel .lines path:not(.off)").count() == 19
    page.keyboard.press("Enter")
    page.locator("[aria-label='label.horizon = 5']").press("Enter")
    assert count(page) == 20
    page.locator("#parallel .bar button").click()
    assert count(page) == 60


def test_a_range_is_set_by_the_arrow_keys(page: "Page") -> None:
    found = np.array([t.validation.objective for t in sweep_data().trials if t.validation])
    low = page.locator("[aria-label='Lowest kept of Validation: Sharpe ratio']")
    low.focus()
    for _ in range(5):
        page.keyboard.press("PageUp")
    edge = found.min() + 0.5 * np.ptp(found)
    assert count(page) == int(np.sum(found >= edge))
    assert low.get_attribute("aria-valuenow") == "50"
    assert low.get_attribute("aria-valuetext") == f"{edge:.2f}"
    assert min(float(s) for s in shown(page, "validation")) >= round(edge, 2)
    page.keyboard.press("Home")
    assert count(page) == 60


def test_a_range_is_drawn_by_the_pointer_and_a_click_takes_it_off(page: "Page") -> None:
    axis = page.locator("#parallel .hit").last
    axis.scroll_into_view_if_needed()
    box = axis.bounding_box()
    assert box is not None
    x, at = box["x"] + box["width"] / 2, lambda share: box["y"] + share * box["height"]
    page.mouse.move(x, at(0.3))
    page.mouse.down()
    page.mouse.move(x, at(0.01), steps=4)
    page.mouse.up()
    assert 0 < count(page) < 59
    page.mouse.click(x, at(0.6))
    assert count(page) == 60


def test_a_pointer_on_a_line_shows_its_trial(page: "Page") -> None:
    best = sweep_data()
    chosen = next(t for t in best.trials if t.chosen)
    place = page.evaluate(
        """() => { const p = document.querySelector('#parallel path.chosen');
           const on = p.getPointAtLength(p.getTotalLength() * 0.1);
           const at = on.matrixTransform(p.getScreenCTM());
           return [at.x, at.y] }"""
    )
    page.mouse.move(*place)
    tip = page.inner_text(".tip").splitlines()
    assert tip[0] == f"Trial {chosen.number} ●"
    assert tip[tip.index("label.horizon") + 1] == str(chosen.settings["label.horizon"])
    assert tip[tip.index("Test: Sharpe ratio") + 1] == f"{chosen.test.sharpe:.2f}"
    page.mouse.move(2, 2)
    assert not page.locator(".tip").is_visible()


def test_the_theme_changes_figures_and_lines(page: "Page") -> None:
    def looks() -> Any:
        return page.evaluate(
            """() => [document.querySelector('section'), document.querySelector('#parallel text')]
               .map((e, i) => getComputedStyle(e)[i ? 'stroke' : 'backgroundColor'])"""
        )

    assert looks() == ["rgb(255, 255, 255)"] * 2
    page.locator("#theme").click()
    assert looks() == ["rgb(23, 28, 34)"] * 2
    page.locator("#theme").click()


def test_on_paper_the_table_stands_for_the_list(html: str, show: Any) -> None:
    page = show(html)
    page.locator("#parallel").scroll_into_view_if_needed()
    page.wait_for_selector(ROWS)
    page.emulate_media(media="print")
    assert page.locator(".still table").is_visible()
    assert not page.locator("#triallist").is_visible()
    assert page.locator("#parallel svg").is_visible()
    assert not page.locator("#parallel .bar").is_visible()
    page.close()


def test_the_korean_page_speaks_korean(show: Any) -> None:
    data = few(select="rolling")
    page = show(render_page(replace(data, rolling=rolling(data)), speak("ko")))
    page.locator("#parallel").scroll_into_view_if_needed()
    page.wait_for_selector(ROWS)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.get_attribute("html", "lang") == "ko"
    said = page.inner_text("main")
    assert "이 스윕의 결론" in said
    assert re.findall(r"\b(?:the|of|was|with|is|and)\b", said) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.complaints == []
    page.close()


def test_hostile_texts_are_inert(show: Any) -> None:
    trials = [
        replace(
            own, settings=own.settings | {"threshold.objective": "plain" if at == 5 else HOSTILE}
        )
        for at, own in enumerate(grid(12))
    ]
    trials[3] = replace(trials[3], state="failed", validation=None, test=None, error=HOSTILE)
    data = sweep_data(trials, name=HOSTILE, benchmark_name=HOSTILE, circumstances=(HOSTILE,))
    maps = tuple(replace(s, channels=(HOSTILE, *s.channels[1:])) for s in saliency())
    page = show(render_page(replace(data, saliency=maps, values={}), EN))
    page.locator("#parallel").scroll_into_view_if_needed()
    page.wait_for_selector(ROWS)
    assert page.inner_text("h1") == HOSTILE
    assert HOSTILE in shown(page, "threshold.objective")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert HOSTILE in page.inner_text("#ledger")
    # A dollar sign starts no formula in a figure, and is not written twice.
    assert HOSTILE in (page.locator("#outcomes figure").first.text_content() or "")
    assert page.complaints == []
    page.close()


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert render_page(few(), EN) == render_page(few(), EN)


def test_the_page_asks_for_nothing_from_outside(html: str) -> None:
    assert re.findall(r"""(?:src|href)=["'](?!#|data:)([^"']+)""", html) == []
    assert "url(http" not in html


@pytest.mark.slow
def test_ten_thousand_trials_are_drawn_as_a_sample_and_listed_all(show: Any) -> None:
    html = render_page(sweep_data(grid(10_000)), EN)
    assert len(html.encode()) < 4e6
    page = show(html)
    page.locator("#parallel").scroll_into_view_if_needed()
    page.wait_for_selector(ROWS, timeout=20_000)
    assert 500 <= page.locator("#parallel .lines path").count() <= 501
    assert "of 10,000 trials, picked at random" in page.inner_text("#trials")
    page.locator("#parallel .value").first.press("Enter")
    assert page.inner_text("#parallel .count") == "5,010 of 10,000 trials"
    assert page.complaints == []
    page.close()


@pytest.mark.parametrize("columns", [2, 8, 9, 12, 13, 16, 25, 60])
def test_numbers_and_names_of_a_map_touch_nowhere(columns: int, show: Any) -> None:
    cells = ((-0.25,) * columns, (0.5,) * columns)
    levels = tuple((n / 50,) for n in range(columns))
    keys = ("strategy.max_positions", "strategy.take_profit")
    pair = Heatmap(keys, ((2,), (40,)), levels, ((1,) * columns,) * 2, cells, cells)
    data = replace(sweep_data(), heatmaps=Heatmaps(1, (pair,)))
    boxes = show(heatmap_figure(pair, data, EN)).evaluate(TOUCHING)
    assert boxes["texts"] > 10
    assert boxes["touching"] == []
