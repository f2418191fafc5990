"""What the live screen says of itself: language, theme, lost connections, old data."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from rollsight.live.messages import Message
from rollsight.live.screen import texts
from rollsight.reports.page.language import korean
from tests.support.live.desk import MadeUpDesk
from tests.support.live.screens import chroma, lightness, screen_at, table, text_of
from tests.support.live.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Page


# Every piece of text that is written or read out.
SAID = """() => [...document.body.querySelectorAll('*')].filter(e => e.tagName !== 'SCRIPT')
    .flatMap(e => [...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()),
        e.title ?? '', e.getAttribute('aria-label') ?? '', e.placeholder ?? ''])
    .filter(Boolean)"""


class OldDesk(MadeUpDesk):
    """A desk that follows a folder, and cannot read it any more once there is a reason."""

    why = ""

    def poll(self) -> Sequence[Message]:
        return [self._status()]

    def _status(self) -> Message:
        status = super()._status()
        content = {"state": "stale" if self.why else "live", "text": self.why}
        return Message(None, None, None, None, ("status", status.body[1] | content))


@pytest.fixture(scope="module")
def desk() -> OldDesk:
    return OldDesk(stocks=20)


@pytest.fixture(scope="module")
def server(desk: OldDesk) -> Iterator[tuple[int, Callable[[], None]]]:
    """Return the port of a server, and what ends it."""
    with ExitStack() as stack:
        port = stack.enter_context(served(lambda: desk)).port
        yield port, stack.close


@pytest.fixture(scope="module")
def page(tab: "Page", server: tuple[int, Callable[[], None]]) -> Iterator["Page"]:
    # A browser tells of a connection that it cannot make by itself.
    with screen_at(tab, server[0], scheme="dark", allowed="WebSocket connection to") as opened:
        yield opened


def test_the_theme_is_the_systems_until_one_is_chosen(page: "Page") -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    night, day = "rgb(15, 19, 23)", "rgb(246, 248, 250)"
    assert page.evaluate(ground) == night
    shades = [lightness(row["colour"]) for row in table(page)]
    assert shades == sorted(shades, reverse=True)  # by night the surer row is the lighter
    page.click("#theme")
    assert page.evaluate(ground) == day
    page.reload()
    page.locator(".rows .row").first.wait_for()
    assert page.evaluate(ground) == day
    page.evaluate("localStorage.clear()")


def test_old_data_are_shown_as_old_with_the_reason(page: "Page", desk: OldDesk) -> None:
    assert text_of(page, "#fact-connection") == "live"
    assert page.locator("#replay").is_hidden()
    # In 2026 and later, a decision of January 2025 is hundreds of days old.
    assert re.fullmatch(r"\d{3,} d \d+ h", text_of(page, "#fact-age"))
    coloured = chroma(table(page)[0]["colour"])
    desk.why = "prices.parquet is half written"
    page.locator("#alerts p").wait_for()
    assert re.fullmatch(
        r"Stale: the newest decision is \d+ d \d+ h old\. prices\.parquet is half written",
        text_of(page, "#alerts"),
    )
    assert text_of(page, "#fact-connection") == "stale"
    assert len(table(page)) > 0  # the last good state stays,
    assert chroma(table(page)[0]["colour"]) < coloured / 3  # in greys
    desk.why = ""
    page.locator("#fact-connection", has_text="live").wait_for()
    assert text_of(page, "#alerts") == ""


def test_the_whole_screen_is_korean(page: "Page") -> None:
    english = {text for text in texts() if korean()[text] != text}
    page.click("#lang")
    page.locator(".rows .row").first.dblclick()
    page.locator(".map").wait_for()
    said = page.evaluate(SAID)
    assert "▲ 매수" in said
    assert "하한가 잠김" in said
    assert english.isdisjoint(said)
    assert text_of(page, "#verdicts p").endswith("무작위 매수의 31 %가 이보다 같거나 나음.")


def test_whoever_comes_back_sees_all_that_is_new_and_what_was_open(
    page: "Page", server: tuple[int, Callable[[], None]]
) -> None:
    port, end = server
    page.goto(f"http://127.0.0.1:{port}/")
    page.locator(".rows .row").first.dblclick()
    page.locator(".map[data-session='2025-01-21']").wait_for()
    title = text_of(page, "#detail-title")
    end()
    page.locator("#alerts", has_text="Connection lost since").wait_for()
    assert re.search(r"lost since \d\d:\d\d:\d\d", text_of(page, "#fact-connection"))
    later = MadeUpDesk(stocks=20)
    later.at = later.shown = 30
    with served(lambda: later, port=port):
        page.locator("#fact-session", has_text="2025-01-31").wait_for()
        page.locator(".map[data-session='2025-01-31']").wait_for()
        assert text_of(page, "#detail-title") == title
        assert text_of(page, "#alerts") == ""
        assert text_of(page, "#fact-connection") == "replay"
