"""Take the pictures of the page guide: ``python -m docs.scripts.pictures RUN``.

RUN is the directory of a finished run of the preset sample. Each picture is the head of a section,
in English and Korean, as WebP.
"""

import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

import rollsight
from rollsight.reports.page.language import Lang

if TYPE_CHECKING:
    from playwright.sync_api import Page

FOLDER = Path(__file__).parents[1] / "pictures"
WIDTH, TALLEST, LARGEST = 900, 640, 60_000  # pixels, pixels, bytes
SHOWN = (
    "headline", "baselines", "evidence", "money", "thresholds", "age", "saliency", "trades",
    "stretches", "data",
)  # fmt: skip


def smallest(png: bytes) -> bytes:
    """Return a picture as WebP of at most LARGEST bytes, as good as that allows."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in range(85, 20, -5):
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=6)
        if len(out.getvalue()) <= LARGEST:
            return out.getvalue()
    raise ValueError(f"a picture of {picture.size} does not fit into {LARGEST} bytes")


def take(page: "Page", key: str) -> bytes:
    """Return the head of a section as a picture."""
    # The verdict stands above the first section.
    section = page.locator("main" if key == "headline" else f"#{key}")
    section.scroll_into_view_if_needed()
    place = section.bounding_box()
    if place is None:
        raise ValueError(f"the page has no section {key!r}")
    scrolled = float(page.evaluate("window.scrollY"))
    clip = {**place, "y": place["y"] + scrolled, "height": min(place["height"], TALLEST)}
    return smallest(page.screenshot(clip=clip, full_page=True))


def take_all(run: Path, lang: Lang) -> None:
    """Write the pictures of a run in a language."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        file = Path(folder) / "report.html"
        rollsight.report(run, out=file, lang=lang)
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": TALLEST})
        page.goto(file.as_uri())
        page.click("#unfold")  # what is folded has no picture
        page.wait_for_timeout(2_000)  # charts are drawn when they are seen first
        for key in SHOWN:
            name = key if lang == "en" else f"{key}.{lang}"
            (FOLDER / f"{name}.webp").write_bytes(take(page, key))
        browser.close()


if __name__ == "__main__":
    take_all(Path(sys.argv[1]), "en")
    take_all(Path(sys.argv[1]), "ko")
