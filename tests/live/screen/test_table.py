"""The table of the live screen: what it colours, shows, finds and opens, in a real browser."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from rollsight.live.screen import assets, screen, texts
from rollsight.reports.page.html import NONE
from rollsight.reports.page.language import korean
from tests.support.live.desk import MadeUpDesk
from tests.support.live.screens import lightness, screen_at, settled, table, text_of
from tests.support.live.serving import served

if TYPE_CHECKING:
    from playwright.sync_api import Page

# 2,500 stocks, of which the first is named like a script and the last is never decided on.
STOCKS = 2500


@pytest.fixture(scope="module")
def shared(tab: "Page") -> Iterator["Page"]:
    with (
        served(lambda: MadeUpDesk(stocks=STOCKS)) as server,
        screen_at(tab, server.port) as page,
    ):
        yield page


@pytest.fixture
def page(shared: "Page") -> "Page":
    """Return the screen as it is when it was opened, but for the session."""
    shared.keyboard.press("Escape")
    shared.fill("#search", "")
    shared.click("[data-only=all]")
    shared.evaluate("document.querySelector('.grid').scrollTop = 0")
    settled(shared)
    return shared


def test_no_hold_is_coloured_as_strongly_as_a_buy(page: "Page") -> None:
    seen = {}
    rows = int(text_of(page, ".count").split()[4])  # as in "2,500 of 2,500 stocks, 205 to buy"
    assert rows > 100
    for first in (0, rows - 8, STOCKS - 40):
        page.evaluate(f"document.querySelector('.grid').scrollTop = {27 * first}")
        settled(page)
        seen |= {row["code"]: row for row in table(page)}
    decided = [row for row in seen.values() if row["p(UP) %"] != NONE]
    up = {row["code"]: float(row["p(UP) %"]) for row in decided}
    shade = {row["code"]: lightness(row["colour"]) for row in decided}
    buys = {row["code"] for row in decided if row["buy"]}
    assert all((up[code] >= 50) == (code in buys) for code in up if abs(up[code] - 50) > 0.005)
    by_confidence = sorted(up, key=lambda code: (up[code], -shade[code]))
    shades = [shade[code] for code in by_confidence]
    assert shades == sorted(shades, reverse=True)  # the surer, the darker
    assert max(shade[c] for c in buys) < min(shade[c] for c in shade.keys() - buys) - 0.02


def test_buys_are_set_apart_by_a_word_and_a_mark(page: "Page") -> None:
    page.evaluate(f"document.querySelector('.grid').scrollTop = {27 * 195}")
    settled(page)
    rows = table(page)
    assert {row["buy"] for row in rows} == {True, False}
    assert all(row["Decision"] == ("▲ Buy" if row["buy"] else "") for row in rows)


def test_thousands_of_rows_are_few_elements(page: "Page") -> None:
    assert page.locator(".rows .row").count() <= 45
    grid = page.locator("[role=grid]")
    assert grid.get_attribute("aria-rowcount") == str(STOCKS + 1)
    grid.focus()
    page.keyboard.press("End")
    settled(page)
    last = page.locator(".rows .row[aria-selected=true]")
    # The one that was not decided on has nothing to be sorted by.
    assert last.get_attribute("data-code") == f"{STOCKS - 1:06d}"
    assert last.get_attribute("aria-rowindex") == str(STOCKS + 1)
    assert grid.get_attribute("aria-activedescendant") == last.get_attribute("id")
    assert last.locator("div").first.inner_text() == "undecided"


def test_a_stock_named_like_a_script_is_text(page: "Page") -> None:
    page.fill("#search", "000000")
    settled(page)
    (row,) = table(page)
    assert row["Name"] == "<script>alert(1)</script>"


def test_rows_are_found_filtered_and_sorted(page: "Page") -> None:
    page.fill("#search", "종목 00249")
    settled(page)
    # The last ten but the last, which is undecided, by confidence; the last behind them.
    found = [row["code"] for row in table(page)]
    assert sorted(found) == [f"{n:06d}" for n in range(2490, 2500)]
    assert found[-1] == "002499"
    page.click(".head [data-key=code]")
    settled(page)
    assert [row["Code"] for row in table(page)] == sorted(found)
    assert page.locator("[aria-sort=ascending]").inner_text() == "Code"
    page.click(".head [data-key=decision]")
    page.fill("#search", "")
    page.click("[data-only=buys]")
    settled(page)
    assert all(row["buy"] for row in table(page))
    page.click("[data-only=held]")
    settled(page)
    assert len(table(page)) == 3


def test_the_verdict_stands_above_all_in_words(page: "Page") -> None:
    assert text_of(page, "#verdicts p >> nth=0") == (
        "Not distinguishable from luck. "
        "A buy that is coloured below is no evidence of a gain. 31 % of random buyers did as well."
    )
    above = page.locator("#verdicts").bounding_box()
    below = page.locator("#stocks").bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] < below["y"]


def test_a_decision_shows_what_has_changed(page: "Page") -> None:
    before = {row["code"] for row in table(page) if row["buy"]}
    page.keyboard.press("ArrowRight")
    page.locator("#fact-session", has_text="2025-01-22").wait_for()
    page.click("[data-only=changed]")
    settled(page)
    rows = table(page)
    new = {row["code"] for row in rows if row["buy"]}
    assert new
    assert not new & before
    assert "2025-01-22" in text_of(page, "#log")
    assert " new, " in text_of(page, "#log")


def test_the_account_says_what_it_holds_asks_for_and_was_refused(page: "Page") -> None:
    said = text_of(page, "#account")
    assert "locked at the lower limit" in said  # a sale of which nothing was filled
    assert "0 of 9" in said
    assert "no free position" in said
    assert "Orders for the open of 2025-01-" in said
    assert page.locator("#account table").count() == 4


def test_colours_rise_with_the_score_whatever_the_threshold(page: "Page") -> None:
    found = page.evaluate(
        """async () => {
            const { scaleOf, strength } = await import("/assets/colour.js");
            const values = Array.from({length: 401}, (_, i) => i / 200 - 1), all = [];
            const narrow = values.map(v => 0.34 + v / 1000);
            for (const near of [values, narrow, values.map(() => 0.2), []])
                for (const threshold of [null, -2, -1, -0.3, 0.2, 0.3401, 1, 2]) {
                    const scale = scaleOf(near, threshold);
                    all.push([threshold, near, near.map(v => strength(v, scale))]);
                }
            return all;
        }"""
    )
    for threshold, values, strengths in found:
        below = sum(threshold is None or value < threshold for value in values)
        assert strengths == sorted(strengths)
        assert all(0 <= s <= 0.32 for s in strengths[:below])  # no hold beyond that
        assert all(0.55 <= s <= 1 for s in strengths[below:])  # and no buy short of that


def test_confidences_that_lie_close_are_still_told_apart(page: "Page") -> None:
    scale = page.evaluate(
        """async () => {
            const { scaleOf, strength } = await import("/assets/colour.js");
            const scale = scaleOf([0.335, 0.34, 0.342, 0.344, 0.348], 0.343);
            return [0.335, 0.339, 0.343, 0.3455, 0.348].map(v => strength(v, scale));
        }"""
    )
    assert scale == pytest.approx([0.0, 0.16, 0.55, 0.775, 1.0])


def heard(page: "Page", envelopes: list[list[object]], ask: str) -> object:
    """Return what a store of the screen says after messages: session and body of each."""
    return page.evaluate(
        """async ([envelopes, ask]) => {
            const store = await import("/assets/store.js"), all = store.makeStore();
            for (const [session, ...m] of envelopes) {
                const state = m[0] === "state" ? [["state", m[1].map(([s, ...b]) =>
                    ({v: 1, run: "r", session: s, m: b}))]] : [m];
                all.hear({v: 1, run: m[0] === "state" ? null : "r", session, m: state[0]});
            }
            const run = all.runs.get("r");
            return {
                moved: () => Object.fromEntries(run.moved), prices: () => [...run.quotes.keys()],
                score: () => [store.scoreOf(run, "A"), store.scoreOf(run, "B")],
                codes: () => store.codesOf(run), log: () => all.log.length,
            }[ask]();
        }""",
        [envelopes, ask],
    )


def test_messages_of_a_session_add_up_and_another_begins_anew(page: "Page") -> None:
    one = ["d1", "quote", [["A", 1, 1, 1, 1, 1], ["B", 2, 2, 2, 2, 2]]]
    assert heard(page, [one, ["d1", "quote", [["C", 3, 3, 3, 3, 3]]]], "prices") == ["A", "B", "C"]
    assert heard(page, [one, ["d2", "quote", [["C", 3, 3, 3, 3, 3]]]], "prices") == ["C"]
    chances = ["d1", "confidence", ["A", "B"], [[0.2, 0.3, 0.5], None]]
    assert heard(page, [one, chances], "codes") == ["A", "B"]


def test_the_score_is_what_is_held_against_the_threshold(page: "Page") -> None:
    chances = ["d1", "confidence", ["A", "B"], [[0.2, 0.3, 0.5], None]]
    about = ["d1", "run", {"names": {}, "score": "p_up"}]
    assert heard(page, [about, chances], "score") == [0.5, None]
    about = ["d1", "run", {"names": {}, "score": "rank of p_up"}]
    scores = ["d1", "score", ["A", "B"], [1.0, None]]
    assert heard(page, [about, chances, scores], "score") == [1.0, None]


def test_what_was_missed_while_away_is_told_as_changed(page: "Page") -> None:
    before = ["d1", "buy", "A", "B"]
    state = [None, "state", [["d4", "buy", "B", "C"]]]
    assert heard(page, [before, state], "moved") == {"A": "out", "C": "in"}
    # The same decision again is no change, nor a line of the log.
    same = [None, "state", [["d1", "buy", "A", "B"]]]
    assert heard(page, [before, same], "moved") == {}
    assert heard(page, [before, same], "log") == 1


def test_every_text_of_the_screen_has_its_korean() -> None:
    assert len(texts()) > 100
    assert [text for text in texts() if text not in korean()] == []


def test_the_screen_holds_no_script_and_asks_nobody_else() -> None:
    html = screen("ko")
    assert html.count("<script") == html.count('<script src="/assets/') + 1 + html.count(
        '<script type="module" src="/assets/'
    )  # one block of words, which is data
    assert "<style" not in html
    for name, (_, content) in assets().items():
        text = content.decode()
        assert "innerHTML" not in text, name
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("https:", ""), (
            name
        )
        assert name in {"style.css"} or len(text.splitlines()) <= 300, name
