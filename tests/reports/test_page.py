"""The page as a reader meets it, in a real browser where there is one."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rollsight.reports.run import Run

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or ""
browser_only = pytest.mark.skipif(not CHROMIUM, reason="Debian's chromium is not installed")


@pytest.fixture(scope="module")
def requests() -> list[str]:
    return []


@pytest.fixture(scope="module")
def page(
    finished: Run, requests: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Page"]:
    from playwright.sync_api import sync_playwright

    file: Path = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(finished.html, encoding="utf-8")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.on("request", lambda request: requests.append(request.url))
        opened.goto(file.as_uri())
        yield opened
        browser.close()


@browser_only
def test_no_request_leaves_the_page(page: "Page", requests: list[str]) -> None:
    assert page.title()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


@browser_only
@pytest.mark.parametrize("width", [1280, 900])
def test_nothing_is_wider_than_the_page(page: "Page", width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@browser_only
def test_no_two_blocks_of_a_section_overlap(page: "Page") -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    overlapping = page.evaluate(
        """() => [...document.querySelectorAll('section')].flatMap(section => {
            const boxes = [...section.children].map(e => e.getBoundingClientRect());
            return boxes.slice(1).filter((box, i) => box.height && box.top < boxes[i].bottom - 1);
        }).length"""
    )
    assert overlapping == 0


@browser_only
def test_korean_names_are_drawn_with_glyphs(page: "Page") -> None:
    # A missing glyph is a box of one width; real syllables of different shape are not blank.
    assert "삼성전자" in page.inner_text("#trades")
    assert page.inner_text("h1") == "씨앗 <시험> & run"


@browser_only
def test_every_figure_is_drawn(page: "Page") -> None:
    sizes = page.evaluate(
        "[...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect().height)"
    )
    assert len(sizes) > 15
    assert min(sizes) > 40


def test_the_page_asks_for_nothing_from_outside(finished: Run) -> None:
    fetched = re.findall(r"""(?:src|href)=["'](?!#|data:)([^"']+)""", finished.html)
    assert fetched == []
    assert "url(http" not in finished.html


def test_names_are_escaped(finished: Run) -> None:
    assert "씨앗 &lt;시험&gt; &amp; run" in finished.html
    assert "<시험>" not in finished.html


def test_the_page_names_every_window_and_trade(finished: Run) -> None:
    assert f"By window ({len(finished.windows)})" in finished.html
    assert f"All {len(finished.trades):,} trades" in finished.html


def test_a_notebook_shows_a_run_as_a_small_table(finished: Run) -> None:
    assert "<table>" in finished._repr_html_()
    assert "Precision" in repr(finished)
