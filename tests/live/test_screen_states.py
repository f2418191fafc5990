"""What the live screen says of itself: language, theme, lost connections, old data."""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from rollsight.live.messages import Message
from rollsight.live.screen import texts
from rollsight.reports.page.language import korean
from tests.support.live.desk import MadeUpDesk
from tests.support.live.screens import lightness, screen_page, table, text_of
from tests.support.live.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


# Every piece of text that is written or read out.
SAID = """() => [...document.body.querySelectorAll('*')].filter(e => e.tagName !== 'SCRIPT')
    .flatMap(e => [...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()),
        e.title ?? '', e.getAttribute('aria-label') ?? '', e.placeholder ?? ''])
    .filter(Boolean)"""


class OldDesk(MadeUpDesk):
    """A desk whose folder cannot be read any more once it is told so."""

    why = ""

    def poll(self) -> Sequence[Message]:
        return [self._status()] if self.why else []

    def _status(self) -> Message:
        status = super()._status()
        content = {"state": "stale" if self.why else "live", "text": self.why}
        return Message(None, None, None, None, ("status", status.body[1] | content))


def test_whoever_comes_back_sees_all_that_is_new_and_what_was_open(browser: "Browser") -> None:
    later = MadeUpDesk(stocks=20)
    later.at = later.shown = 30
    with ExitStack() as stack:
        with served(lambda: MadeUpDesk(stocks=20)) as first:
            # A browser tells of a connection that it cannot make by itself.
            page = stack.enter_context(screen_page(browser, first.port, allowed="ERR_CONNECTION"))
            page.locator(".rows .row").first.dblclick()
            page.locator(".map[data-session='2025-01-21']").wait_for()
            title = text_of(page, "#detail-title")
        page.locator("#alerts", has_text="Connection lost since").wait_for()
        assert re.search(r"lost since \d\d:\d\d:\d\d", text_of(page, "#fact-connection"))
        stack.enter_context(served(lambda: later, port=first.port))
        page.locator("#fact-session", has_text="2025-01-31").wait_for()
        page.locator(".map[data-session='2025-01-31']").wait_for()
        assert text_of(page, "#detail-title") == title
        assert text_of(page, "#alerts") == ""
        assert text_of(page, "#fact-connection") == "replay"
        page.close()


def test_old_data_are_shown_as_old_with_the_reason(browser: "Browser") -> None:
    desk = OldDesk(stocks=20)
    with served(lambda: desk) as server, screen_page(browser, server.port) as page:
        assert text_of(page, "#fact-connection") == "live"
        assert page.locator("#replay").is_hidden()
        # In 2026 and later, a decision of January 2025 is hundreds of days old.
        assert re.fullmatch(r"\d{3,} d \d+ h", text_of(page, "#fact-age"))
        desk.why = "prices.parquet is half written"
        page.locator("#alerts p").wait_for()
        assert re.fullmatch(
            r"Stale: the newest decision is \d+ d \d+ h old\. prices\.parquet is half written",
            text_of(page, "#alerts"),
        )
        assert text_of(page, "#fact-connection") == "stale"
        assert len(table(page)) > 0  # the last good state stays


def test_the_whole_screen_is_korean(browser: "Browser") -> None:
    english = {text for text in texts() if korean()[text] != text}
    with (
        served(lambda: MadeUpDesk(stocks=20)) as server,
        screen_page(browser, server.port, "?lang=ko") as page,
    ):
        page.locator(".rows .row").first.dblclick()
        page.locator(".map").wait_for()
        said = page.evaluate(SAID)
        assert "▲ 매수" in said
        assert "하한가 잠김" in said
        assert english.isdisjoint(said)
        assert text_of(page, "#verdicts p").startswith("우연과 구별되지 않음: 무작위 매수의 31 %가")


def test_the_theme_is_the_systems_until_one_is_chosen(browser: "Browser") -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    night, day = "rgb(15, 19, 23)", "rgb(246, 248, 250)"
    with (
        served(lambda: MadeUpDesk(stocks=20)) as server,
        screen_page(browser, server.port, color_scheme="dark", reduced_motion="reduce") as page,
    ):
        assert page.evaluate(ground) == night
        shades = [lightness(row["colour"]) for row in table(page)]
        assert shades == sorted(shades, reverse=True)  # by night the surer row is the lighter
        page.click("#theme")
        assert page.evaluate(ground) == day
        page.reload()
        page.locator(".rows .row").first.wait_for()
        assert page.evaluate(ground) == day
        assert page.evaluate("document.getAnimations().length") == 0
