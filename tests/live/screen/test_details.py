"""Details of a stock on the live screen: chart, map, keyboard, phone, in a real browser."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.live.desk import CHANNELS, MadeUpDesk
from tests.support.live.screens import screen_at, settled, table, text_of
from tests.support.live.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Page

FILLS = "() => [...document.querySelectorAll('.map rect')].map(r => r.style.fill)"


@pytest.fixture(scope="module")
def desk() -> MadeUpDesk:
    return MadeUpDesk(runs=("one", "two"), stocks=40, sessions=60)


@pytest.fixture(scope="module")
def shared(tab: "Page", desk: MadeUpDesk) -> Iterator["Page"]:
    with served(lambda: desk) as server, screen_at(tab, server.port) as page:
        yield page


@pytest.fixture
def page(shared: "Page") -> Iterator["Page"]:
    yield shared
    shared.keyboard.press("Escape")
    settled(shared)


def session(page: "Page") -> date:
    """Return the session that is shown."""
    return date.fromisoformat(text_of(page, "#fact-session")[:10])


def opened(page: "Page", at: int = 0) -> str:
    """Open the details of a row by a double click, and return its code."""
    row = page.locator(f".rows .row[aria-rowindex='{at + 2}']")
    code = row.get_attribute("data-code")
    assert code is not None
    row.dblclick()
    page.locator(".map").wait_for()
    return code


def test_runs_side_by_side_say_where_they_agree(page: "Page") -> None:
    rows = table(page)
    for row in rows:
        votes = int(row["buy"]) + int(row["two"].startswith("▲"))
        assert row["Agreement"] == f"{votes} of 2 buy"
    assert len({row["Agreement"] for row in rows}) > 1
    verdicts = page.locator("#verdicts p").all_inner_texts()
    assert [v.split(".")[0] for v in verdicts] == [
        f"{run}: Not distinguishable from luck" for run in ("one", "two")
    ]


def test_a_double_click_opens_a_stock_and_escape_gives_the_focus_back(page: "Page") -> None:
    code = opened(page, 2)
    assert text_of(page, "#detail-title") == f"종목 {code} ({code})"
    assert "Not distinguishable from luck" in text_of(page, "dialog .verdict")
    assert page.locator("dialog .verdict").is_visible()
    assert page.locator(".candles .body").count() == 21  # sessions of the made-up run so far
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="hidden")
    assert page.evaluate("document.activeElement.id") == "grid"
    assert page.locator("[aria-selected=true]").get_attribute("data-code") == code


def test_the_map_is_another_when_the_replay_steps(page: "Page") -> None:
    opened(page)
    before, day = page.evaluate(FILLS), session(page)
    assert len(before) == len(CHANNELS) * page.locator(".candles .body").count()
    page.keyboard.press("ArrowRight")
    page.locator(f".map[data-session='{day + timedelta(1)}']").wait_for()
    after = page.evaluate(FILLS)
    assert session(page) == day + timedelta(1)
    # Every column has moved on by a session, and the numbers are drawn anew.
    assert len(after) == len(before) + len(CHANNELS)
    assert len(set(after) & set(before)) < len(before) / 4


def test_a_stock_that_is_not_decided_on_any_more_has_no_map(page: "Page", desk: MadeUpDesk) -> None:
    code, day = opened(page), session(page)
    desk.undecided.add(code)
    try:
        page.keyboard.press("ArrowRight")
        page.locator(".map").wait_for(state="hidden")
        assert session(page) == day + timedelta(1)
    finally:
        desk.undecided.clear()
    page.keyboard.press("ArrowRight")
    page.locator(f".map[data-session='{day + timedelta(2)}']").wait_for()


def test_a_map_that_did_not_pass_is_grey_and_says_so(page: "Page") -> None:
    opened(page)
    assert "--more" in "".join(page.evaluate(FILLS))
    assert "passed their checks" in text_of(page, "dialog .gate")
    page.keyboard.press("Escape")
    page.select_option("#run", "two")
    opened(page)
    assert {"--theirs"} == {fill.split("var(")[1].split(")")[0] for fill in page.evaluate(FILLS)}
    said = text_of(page, "dialog .gate")
    assert "says nothing of what drove the decision" in said
    assert "its three networks do not agree" in said
    page.keyboard.press("Escape")
    page.select_option("#run", "one")


def test_one_pointer_reads_price_probability_and_map(page: "Page", desk: MadeUpDesk) -> None:
    code = opened(page)
    settled(page)
    # The second row of the map, the last session but two.
    cell = page.locator(".map rect").nth(2 * page.locator(".candles .body").count() - 3)
    cell.hover(force=True)  # a chart that is drawn anew under it is waited for
    settled(page)
    values = desk._of_stock("one", "heatmap", code).body[3]
    said = text_of(page, ".readout")
    assert said.startswith(str(session(page) - timedelta(2)))
    assert f"{CHANNELS[1]} {values[1][-3]:+.4f}" in said
    for name in ("Open", "High", "Low", "Price", "Volume", "p(UP)", "p(HOLD)", "p(DOWN)"):
        assert name in said
    hair = page.locator(".crosshair")
    assert hair.get_attribute("visibility") == "visible"
    line, svg, box = (found.bounding_box() for found in (hair, page.locator(".panes"), cell))
    assert line is not None
    assert box is not None
    assert svg is not None
    assert line["height"] > 0.9 * svg["height"]  # over all three
    assert abs(line["x"] - box["x"] - box["width"] / 2) < 1
    page.mouse.move(5, 5)
    assert text_of(page, ".readout").startswith(str(session(page)))


def test_all_can_be_done_by_the_keyboard(page: "Page") -> None:
    page.locator("#lang").focus()
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent")
        )
        if reached[-1] == "grid":
            break
    assert reached == [
        "theme", "◀", "▶", "▶|", "seek", "speed", "search", "All", "Buys only", "Held", "Changed",
        "grid",
    ]  # fmt: skip
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".map").wait_for()
    first = text_of(page, "#detail-title")
    page.locator(".panesbox").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert text_of(page, ".readout").startswith(str(session(page) - timedelta(2)))
    page.get_by_role("button", name="The row below").press("Enter")
    page.locator(".map").wait_for()
    assert text_of(page, "#detail-title") != first
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator(".map").wait_for()
    assert text_of(page, "#detail-title") == first
    page.keyboard.press("Escape")
    page.keyboard.press(" ")
    page.get_by_role("button", name="Pause").wait_for()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Play").wait_for()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"


def test_a_key_held_down_is_not_more_than_the_server_takes(page: "Page", desk: MadeUpDesk) -> None:
    page.locator(".grid").focus()
    day, asked = session(page), desk.asked
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    page.locator("#fact-session", has_text=str(day + timedelta(30))).wait_for()
    assert desk.asked - asked <= 15
    assert text_of(page, "#fact-connection") == "replay"  # and nothing was ended


def test_a_phone_shows_what_fits_and_the_rest_in_details(page: "Page") -> None:
    page.set_viewport_size({"width": 420, "height": 860})
    settled(page)
    grid = "document.querySelector('.grid')"
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert page.evaluate(f"{grid}.scrollWidth <= {grid}.clientWidth")
    shown = list(table(page)[0])[4:]
    assert {"Decision", "Name", "p(UP) %"} <= set(shown)
    assert "Volume" not in shown
    opened(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert page.evaluate("document.querySelector('dialog').scrollWidth") <= 420
    figures = text_of(page, "dialog .figures")
    for name in (
        "Code",
        "Open",
        "High",
        "Low",
        "Volume",
        "p(DOWN) %",
        "p(HOLD) %",
        "logistic",
        "two",
    ):
        assert name in figures
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1280, "height": 800})
    settled(page)
    assert "Volume" in table(page)[0]


def test_a_pointer_that_leaves_a_chart_which_waits_for_its_stock_reads_nothing(
    page: "Page",
) -> None:
    said = page.evaluate(
        """async () => {
            const { makeChart } = await import("/assets/chart.js");
            const host = document.body.appendChild(document.createElement("div"));
            const bars = [["2026-01-05", 1, 3, 1, 2, 9], ["2026-01-06", 2, 3, 1, 2, 9]];
            const faults = [];
            const note = (event) => { faults.push(event.message); event.preventDefault(); };
            addEventListener("error", note);
            const chart = makeChart(host), box = host.querySelector(".panesbox");
            chart.draw({ detail: { bars, decisions: [], trades: [] }, span: 60 });
            chart.draw({ detail: null, span: 60 });
            box.dispatchEvent(new PointerEvent("pointerleave"));
            removeEventListener("error", note);
            host.remove();
            return [box.childElementCount, faults];
        }"""
    )
    assert said == [0, []]
