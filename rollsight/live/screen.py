"""The screen that a browser is served: an empty page, and the files that fill it."""

import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from rollsight.reports.page.html import embedded
from rollsight.reports.page.language import Lang, Say, speak
from rollsight.reports.page.words import VOCABULARY, verdict_name

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
OF_REPORTS = ("style.css", "theme.js", "page.js")  # colours, theme and numbers are the report's own
SAID = re.compile(r'\bsay\(\s*"([^"\\]+)"')
WORDS = ("more", "worse", "luck", "little")
FIELDS = re.compile(r"\{\w+\}")


def screen(lang: Lang) -> str:
    """Return the HTML of the screen in a language."""
    say = speak(lang)
    other, name = ("en", "English") if lang == "ko" else ("ko", "한국어")
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}" class="screen"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><title>rollsight</title>'
        '<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/assets/style.css">'
        '<link rel="stylesheet" href="/assets/screen.css">'
        # Before anything is drawn; the others run when all elements are there.
        '<script src="/assets/theme.js"></script><script src="/assets/page.js" defer></script>'
        '<script type="module" src="/assets/screen.js"></script></head>'
        f'<body><a class="skip" href="#stocks">{escape(say("Skip to the stocks"))}</a>'
        '<header class="top"><p class="brand">rollsight</p><div id="runs"></div>'
        f'<dl id="facts"></dl><a id="lang" href="?lang={other}" lang="{other}">{name}</a>'
        f'<button type="button" id="theme" aria-pressed="false">{escape(say("Dark"))}</button>'
        '</header><div id="verdicts" role="status"></div><div id="alerts" role="alert"></div>'
        f'<div id="replay" role="group" aria-label="{escape(say("Replay"))}" hidden></div>'
        f'<main><section id="stocks" tabindex="-1" aria-label="{escape(say("Stocks"))}"></section>'
        f'<aside><section id="account" aria-label="{escape(say("Account"))}"></section>'
        f'<section id="log" aria-label="{escape(say("Updates"))}"></section></aside></main>'
        f"<noscript><p>{escape(say('This screen needs JavaScript.'))}</p></noscript>"
        f"{embedded('page-words', _words(say))}</body></html>\n"
    )


@cache
def assets() -> Mapping[str, tuple[str, bytes]]:
    """Return the files that the screen asks for, by name: media type and content."""
    files = [*_folder().iterdir(), *(_folder_of_reports() / name for name in OF_REPORTS)]
    found = {f.name: (_type(f.name), f.read_bytes()) for f in files if _type(f.name)}
    return MappingProxyType(found)


@cache
def texts() -> tuple[str, ...]:
    """Return every sentence that a script of the screen says, in English."""
    scripts = [f for f in _folder().iterdir() if f.name.endswith(".js")]
    return tuple(sorted({s for f in scripts for s in SAID.findall(f.read_text("utf-8"))}))


def _folder() -> Traversable:
    return resources.files("rollsight.live") / "assets"


def _folder_of_reports() -> Traversable:
    return resources.files("rollsight.reports.page") / "assets"


def _type(name: str) -> str:
    return TYPES.get("." + name.rpartition(".")[2], "")


def _words(say: Say) -> dict[str, object]:
    """Return what scripts say; in English they say it themselves."""
    # What tables are filled with in words alone, such as why an order was refused.
    table = [text for text in VOCABULARY if not FIELDS.search(text)]
    said = {} if say.lang == "en" else {t: say.catalogue.get(t, t) for t in (*texts(), *table)}
    return {
        "lang": say.lang,
        "dark": say("Dark"),
        "light": say("Light"),
        "verdicts": {word: verdict_name(word, say) for word in WORDS},
        "texts": said,
    }
