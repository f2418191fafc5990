"""The live screen in a real browser, before a real server."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Page

Scheme = Literal["light", "dark"]
# Of every row in sight: what it is coloured with, and what its cells say.
ROWS = """() => [...document.querySelectorAll('.rows .row')].map(row => ({
    at: Number(row.getAttribute('aria-rowindex')), code: row.dataset.code,
    buy: row.classList.contains('buy'),
    colour: getComputedStyle(row).backgroundColor, cells: [...row.children].map(c => c.textContent),
})).sort((a, b) => a.at - b.at)"""
HEADS = "() => [...document.querySelectorAll('.head button')].map(b => b.textContent)"


@contextmanager
def screen_at(
    page: "Page", port: int, *, scheme: Scheme = "light", allowed: str = "nothing"
) -> Iterator["Page"]:
    """Open the screen; what the browser complains of or asks others for fails the test.

    A complaint that holds ``allowed`` does not.
    """
    home, complaints = f"127.0.0.1:{port}/", []
    handlers: dict[Any, Callable[[Any], object]] = {
        "pageerror": lambda error: complaints.append(str(error)),
        "dialog": lambda dialog: complaints.append(dialog.message),
        "console": lambda line: complaints.append(line.text),
        "request": lambda request: home in request.url or complaints.append(request.url),
        "websocket": lambda socket: home in socket.url or complaints.append(socket.url),
    }
    for event, handler in handlers.items():
        page.on(event, handler)
    page.emulate_media(color_scheme=scheme)
    try:
        page.goto(f"http://{home}")
        page.wait_for_selector(".rows .row")
        yield page
    except BaseException as error:
        error.add_note(f"the browser said: {complaints}")
        raise
    finally:
        for event, handler in handlers.items():
            page.remove_listener(event, handler)
        page.goto("about:blank")
    left = [text for text in complaints if allowed not in text]
    assert left == [], left


def table(page: "Page") -> list[dict[str, Any]]:
    """Return the rows that are drawn, as they stand from above, by heading."""
    heads = page.evaluate(HEADS)
    rows: list[dict[str, Any]] = page.evaluate(ROWS)
    for row in rows:
        row |= dict(zip(heads, row.pop("cells"), strict=True))
    return rows


def lightness(colour: str) -> float:
    """Return the first figure of a colour as a browser tells it, as in ``oklab(0.98 -0.01 0)``."""
    assert colour.startswith("oklab("), colour
    return float(colour[6:].split()[0])


def chroma(colour: str) -> float:
    """Return how far a colour is from grey, as in ``oklab(0.98 -0.01 0)``."""
    _, a, b = colour.removeprefix("oklab(").rstrip(")").split()
    return math.hypot(float(a), float(b))


def settled(page: "Page") -> None:
    """Wait for a frame that was drawn after all that came before."""
    page.evaluate("() => new Promise(d => requestAnimationFrame(() => requestAnimationFrame(d)))")


def text_of(page: "Page", selector: str) -> str:
    """Return what an element says."""
    return page.locator(selector).inner_text()
