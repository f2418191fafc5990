"""The list of trades, and the panel of one, as a reader uses them."""

import base64
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from rollsight.base.records import record
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.run.account.tradefacts import TradeMaps, decoded_map
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.page import render
from rollsight.reports.run.tearsheet import tearsheet
from rollsight.workflows.run import Run

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROWS = "#tradelist tr[data-at]"


@pytest.fixture(scope="module")
def opened(finished: Run, show: Any) -> Iterator["Page"]:
    page = show(render(finished.numbers, "", "", say=speak("en"), sections=["trades"]))
    yield page
    assert page.complaints == []
    page.close()


@pytest.fixture
def page(opened: "Page") -> "Page":
    """Show the list as it opens: everything, by number."""
    opened.keyboard.press("Escape")
    opened.locator("#tradelist .bar button").click()
    opened.wait_for_selector(ROWS)
    if opened.locator("th[aria-sort=ascending] button[data-key=trade]").count() == 0:
        opened.locator("button[data-key=trade]").click()
    return opened


def columns(finished: Run) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = finished.metrics["trades"]["columns"]
    return found


def at(page: "Page", key: str) -> int:
    """Return the place of a column in the list."""
    keys = page.evaluate("[...document.querySelectorAll('th button')].map(b => b.dataset.key)")
    return int(keys.index(key))


def shown(page: "Page", key: str) -> list[str]:
    cell = at(page, key)
    return [row.locator("td").nth(cell).inner_text() for row in page.locator(ROWS).all()[:5]]


def test_the_list_shows_the_numbers_of_the_metrics(page: "Page", finished: Run) -> None:
    own = {key: values[:5] for key, values in columns(finished).items()}
    for key in ("code", "name", "decided_at", "entry_at", "exit_at", "exit_reason", "outcome"):
        assert shown(page, key) == own[key]
    assert shown(page, "shares") == [f"{n:,}" for n in own["shares"]]
    assert shown(page, "net_return") == [f"{100 * r:+.2f} %" for r in own["net_return"]]
    assert shown(page, "p_up") == [f"{100 * p:.1f} %" for p in own["p_up"]]
    for key in ("entry_price", "profit"):
        money = shown(page, key)
        assert all(text.lstrip("-").startswith("₩") for text in money)
        found = [float(text.replace("₩", "").replace(",", "")) for text in money]
        assert found == pytest.approx(own[key], abs=0.501)


def test_the_printed_table_shows_what_the_list_shows(page: "Page") -> None:
    still = page.evaluate(
        """[...document.querySelectorAll('.still tbody tr')].slice(0, 5)
           .map(row => [...row.cells].map(c => c.textContent))"""
    )
    listed = [row.locator("td").all_inner_texts() for row in page.locator(ROWS).all()[:5]]
    assert still == listed


def test_a_heading_sorts_and_sorts_back(page: "Page", finished: Run) -> None:
    net = sorted(columns(finished)["net_return"])
    page.locator("button[data-key=net_return]").click()
    assert page.locator("th[aria-sort=descending]").inner_text() == "Net"
    assert shown(page, "net_return") == [f"{100 * r:+.2f} %" for r in net[::-1][:5]]
    page.locator("button[data-key=net_return]").press("Enter")
    assert shown(page, "net_return") == [f"{100 * r:+.2f} %" for r in net[:5]]


def test_filters_leave_what_they_name_and_count_it(page: "Page", finished: Run) -> None:
    c = columns(finished)
    trades = list(zip(c["name"], c["outcome"], c["net_return"], c["decided_at"], strict=True))
    count = page.locator("#tradelist .count")
    assert count.inner_text().startswith(f"{len(trades)} of {len(trades)} trades")

    def left(keep: Any) -> str:
        return f"{sum(keep(*t) for t in trades)} of {len(trades)} trades"

    page.fill("input[name=text]", "삼성")
    assert count.inner_text().startswith(left(lambda name, *_: "삼성" in name))
    page.select_option("select[name=outcome]", "crucial")
    assert count.inner_text().startswith(left(lambda n, o, *_: "삼성" in n and o == "crucial"))
    page.locator("#tradelist .bar button").click()
    page.select_option("select[name=result]", "profit")
    page.select_option("select[name=year]", "2016")
    assert count.inner_text().startswith(left(lambda _n, _o, r, d: r > 0 and d[:4] == "2016"))
    won = sum(p for p, r, d in zip(c["profit"], c["net_return"], c["decided_at"], strict=True)
              if r > 0 and d[:4] == "2016")  # fmt: skip
    assert f"{won:,.0f}" in count.inner_text()
    page.fill("input[name=text]", "nobody")
    assert count.inner_text().startswith("0 of")
    assert page.locator(ROWS).count() == 0


def test_only_rows_in_sight_are_drawn(page: "Page", finished: Run) -> None:
    assert page.locator(ROWS).count() < len(finished.trades)
    page.evaluate("document.querySelector('.window').scrollTop = 1e6")
    page.wait_for_selector(f"tr[data-at='{len(finished.trades) - 1}']")


def test_a_click_opens_a_trade_and_escape_closes_it(page: "Page", finished: Run) -> None:
    page.locator(ROWS).nth(2).click()
    panel = page.locator("dialog[open]")
    own = {key: values[2] for key, values in columns(finished).items()}
    assert (
        panel.locator("h3")
        .inner_text()
        .startswith(own["code"] if own["name"] == own["code"] else f"{own['name']} ({own['code']})")
    )
    facts = dict(
        zip(panel.locator("dt").all_inner_texts(), panel.locator("dd").all_inner_texts(),
            strict=True)
    )  # fmt: skip
    assert facts["Net"] == f"{100 * own['net_return']:+.2f} %"
    assert facts["Decided"] == own["decided_at"]
    assert facts["Threshold"] == f"{100 * own['threshold']:.1f} %"
    assert panel.locator(".odds .value").all_inner_texts() == [
        f"{100 * own[key]:.1f} %" for key in ("p_up", "p_hold", "p_down")
    ]
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_the_panel_draws_the_closes_from_before_the_decision_to_after_the_exit(
    page: "Page", finished: Run
) -> None:
    page.locator(ROWS).nth(1).click()
    drawn = page.evaluate("JSON.parse(document.querySelector('svg.path').dataset.values)[0]")
    trade = finished.trades.iloc[1]
    closes = finished.closes[finished.closes["code"] == trade["code"]].reset_index(drop=True)
    start = int(closes["date"].searchsorted(trade["decided_at"])) - 40
    stop = int(closes["date"].searchsorted(trade["exit_at"])) + 6
    wanted = closes["close"].to_numpy()[start:stop]
    assert drawn["series"][0]["y"] == pytest.approx(wanted, rel=2e-5)
    page.keyboard.press("Escape")


def test_the_keyboard_opens_moves_and_closes(page: "Page", finished: Run) -> None:
    page.locator(ROWS).first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    names = columns(finished)["name"]
    heading = page.locator("dialog[open] h3")
    assert heading.inner_text().startswith(names[1])
    page.keyboard.press("ArrowRight")
    assert heading.inner_text().startswith(names[2])
    page.keyboard.press("Escape")
    # A dialog tells of its closing a moment later; the row has the focus from then on.
    page.wait_for_function("document.activeElement.dataset.at === '2'")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.at") == str(len(names) - 1)


def test_the_map_tells_channel_lag_and_value(page: "Page", finished: Run) -> None:
    page.locator(ROWS).first.click()
    canvas = page.locator("canvas.map")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    maps = finished.metrics["trades"]["maps"]
    n = len(maps["channels"])
    # The last column is the decision's own session; the second row the second channel.
    at = box["y"] + box["height"] * (1.5 * 18) / (18 * n + 34)
    page.mouse.move(box["x"] + box["width"] * 0.98, at)
    tip = page.inner_text(".tip").split("\n")
    assert tip[0].startswith(maps["channels"][1])
    assert tip[2] == "0"
    assert float(tip[-1]) == pytest.approx(decoded_map(record(TradeMaps, maps), 0)[1, 0], abs=5e-5)
    painted = page.evaluate(
        """() => { const c = document.querySelector('canvas.map');
           return new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size }"""
    )
    assert painted > 20
    page.keyboard.press("Escape")


def many(finished: Run, n: int, mapped: int) -> dict[str, Any]:
    """Return the run's numbers with its trades drawn again and again, maps of 12 by 60."""
    facts = finished.metrics["trades"]
    random = np.random.default_rng(0)
    chosen = random.integers(0, len(finished.trades), n)
    drawn = {k: [v[i] for i in chosen] for k, v in facts["columns"].items()}
    drawn["trade"] = list(range(n))
    drawn["profit"] = random.normal(0, 1e6, n).tolist()
    cells = random.integers(-127, 128, (mapped, 720)).astype(np.int8)
    maps = {
        "trade": list(range(mapped)),
        "channels": [f"index {i}" for i in range(12)],
        "lags": 60,
        "scale": random.random(mapped).tolist(),
        "contribution": [base64.b64encode(c.tobytes()).decode() for c in cells],
    }
    closes = random.integers(1, 65_536, (n, 57)).astype("<u2")
    paths = {
        "sessions": facts["paths"]["sessions"],
        "from": [facts["paths"]["from"][i] for i in chosen],
        "top": random.random(n).tolist(),
        "close": [base64.b64encode(c.tobytes()).decode() for c in closes],
    }
    trades = facts | {"columns": drawn, "maps": maps, "paths": paths, "winners": [0], "losers": [1]}
    channels = [{"name": c, "title": c, "unit": "price"} for c in maps["channels"]]
    data = finished.metrics["data"] | {"channels": channels}
    return finished.metrics | {"trades": trades, "data": data}


def seconds(page: "Page", act: str) -> float:
    """Return how long the page takes to act and to draw what came of it."""
    took = page.evaluate(
        f"""async () => {{ const began = performance.now(); {act};
            await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            return performance.now() - began }}"""
    )
    return float(took) / 1000


def used(finished: Run, show: Any, n: int) -> tuple[int, list[float]]:
    html = render(
        record(RunNumbers, many(finished, n, 2_000)), "", "", say=speak("en"), sections=["trades"]
    )
    page = show(html)
    page.wait_for_selector(ROWS, timeout=20_000)
    acts = [
        "document.querySelector('button[data-key=profit]').click()",
        "const t = document.querySelector('input[name=text]'); t.value = '삼성';"
        "t.dispatchEvent(new Event('input'))",
        f"document.querySelector('{ROWS}').click()",
    ]
    took = [seconds(page, act) for act in acts]
    assert page.locator("dialog[open] canvas.map, dialog[open] p.soft").count() > 0
    assert page.complaints == []
    page.close()
    return len(html.encode()), took


def test_two_thousand_trades_stay_far_under_eight_megabytes(finished: Run, show: Any) -> None:
    size, took = used(finished, show, 2_000)
    # The other sections of a run of 56 windows take some three megabytes.
    assert size < 4.5e6
    assert max(took) < 1


def twenty_years(finished: Run) -> dict[str, Any]:
    """Return numbers as large as those of 2,000 trades in 56 windows over 21 years."""
    metrics = many(finished, 2_000, 2_000) | {"data": finished.metrics["data"]}
    count = len(metrics["windows"])
    windows = [metrics["windows"][i % count] | {"number": i} for i in range(56)]
    groups = [g for g in metrics["saliency"] if g["period"] == "window 000"]
    saliency = [g | {"period": f"window {i:03d}"} for i in range(56) for g in groups]
    years = [metrics["years"][-1] | {"year": 2005 + i} for i in range(21)]
    days = pd.bdate_range("2005-01-03", periods=5_250).strftime("%Y-%m-%d").tolist()
    moves = np.random.default_rng(1).normal(0.0003, 0.012, (3, len(days)))
    columns = ("return", "benchmark_return", "universe_return")
    equity = {k: v.tolist() for k, v in zip(columns, moves, strict=True)}
    equity |= {"date": days, "equity": (1e8 * np.cumprod(1 + moves[0])).tolist()}
    return metrics | {"windows": windows, "saliency": saliency, "years": years, "equity": equity}


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_whole_page_of_two_thousand_trades_stays_under_eight_megabytes(
    finished: Run, lang: Lang
) -> None:
    numbers, say = record(RunNumbers, twenty_years(finished)), speak(lang)
    sheet, _ = tearsheet(numbers, say)
    html = render(numbers, "", sheet, say=say)
    assert len(re.findall("<section ", html)) == 12
    size = len(html.encode())
    assert 3e6 < size < 8e6, size


@pytest.mark.slow
def test_fifty_thousand_trades_are_sorted_filtered_and_opened_at_once(
    finished: Run, show: Any
) -> None:
    _, took = used(finished, show, 50_000)
    assert max(took) < 2
