"""README is short and leads on; the pages of docs agree with each other and with the page."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from docs.scripts.drawings import DRAWINGS, LATE
from docs.scripts.drawings import FOLDER as DRAWN
from docs.scripts.pictures import FOLDER as PICTURES
from docs.scripts.pictures import LARGEST, SHOWN
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.page.words import verdict_name
from rollsight.reports.run.page import sections_of
from rollsight.signals.inputs.labels import trade_labels
from rollsight.signals.spec import LabelSpec
from rollsight.training.fitting.windows import Span, known_rows
from tests.docs.documents import DOCS, PAGES, ROOT, blocks
from tests.support.markets import market_of, random_samples

GUIDES: dict[Lang, Path] = {"en": DOCS / "page.md", "ko": DOCS / "ko" / "page.md"}
VERDICTS = ("more", "luck", "worse", "little")
FIGURES = (
    "Sharpe ratio", "Accuracy", "Crucial-fail", "Soso-fail", "Random buyers", "Rank coefficient",
    "Open all",
)  # fmt: skip


def test_the_readme_stays_short_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.split()) < 900
    linked = re.findall(r"\]\((docs/[^)#]+)", text)
    assert len(linked) > 10
    assert [link for link in linked if not (ROOT / link).is_file()] == []


def test_every_page_can_be_found_from_the_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [str(page.relative_to(DOCS)) for page in PAGES if page.is_relative_to(DOCS)]
    assert [page for page in pages if f"- {page}" not in contents] == []


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_guide_has_every_section_of_the_page_in_its_order(lang: Lang) -> None:
    guide = GUIDES[lang].read_text(encoding="utf-8")
    say = speak(lang)
    sections = sections_of(say, spec_toml="", sheet="")
    assert re.findall(r"^## (.+)\n\n\*`(\w+)`\*", guide, re.MULTILINE) == [
        (heading, key) for key, (heading, _) in sections.items()
    ]
    suffix = "" if lang == "en" else f".{lang}"
    for key in SHOWN:
        assert f"pictures/{key}{suffix}.webp)" in guide
        assert (PICTURES / f"{key}{suffix}.webp").stat().st_size <= LARGEST


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_guide_has_the_words_of_the_page(lang: Lang) -> None:
    guide = GUIDES[lang].read_text(encoding="utf-8")
    say = speak(lang)
    assert re.findall(r"^\| \*(.+)\* \|", guide, re.MULTILINE) == [
        verdict_name(word, say) for word in VERDICTS
    ]
    if lang == "ko":
        assert [say(name) for name in FIGURES if say(name) not in guide] == []


def test_the_korean_tutorial_shows_the_same_code() -> None:
    english, korean = (
        [(b.language, b.title, b.mark, b.text) for b in blocks(page)]
        for page in (DOCS / "tutorial.md", DOCS / "ko" / "tutorial.md")
    )
    assert english == korean


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_what_its_script_draws(name: str) -> None:
    drawn = DRAWINGS[name]()
    ET.fromstring(drawn)
    assert (DRAWN / f"{name}.svg").read_text(encoding="utf-8") == drawn


def test_the_drawing_purges_as_many_sessions_as_a_run_does() -> None:
    samples = random_samples(3, 100)
    market = market_of(1000 + np.arange(300.0).reshape(3, 100))
    samples = replace(samples, labels=trade_labels(market, LabelSpec()))
    known = known_rows(samples, Span(20, 60), 60)
    assert np.flatnonzero(known[0]).tolist() == list(range(40 - LATE))


def test_too_little_to_tell_is_drawn_without_an_interval() -> None:
    assert len(re.findall(r'height="8"', DRAWINGS["verdict"]())) == 3
