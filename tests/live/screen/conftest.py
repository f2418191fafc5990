"""What tests of the live screen share."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="session")
def tab(browser: "Browser") -> Iterator["Page"]:
    """Return one page for all screens: each of its own would be a process more."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(60_000)
    yield page
    page.close()
