"""The languages of the page: our English sentences, and what stands for them in Korean."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Lang = Literal["en", "ko"]


# What sentences count: behind a value of 1 they stand in the singular.
COUNTED = re.compile(
    r"(\{(\w+)\} (?:(?:distinct|earlier|labelled|largest|test|tested|train|validation|"
    r"walk-forward) )?(?:account|bar|block|buy|close|date|day|feature|halt|holding|interval|key|"
    r"label|model|name|network|price|row|seed|session|signal|specification|split|stock|time|trade|"
    r"training|trial|window|year))s\b"
)
INDICES = re.compile(r"(\{(\w+)\} )indices\b")


@dataclass(frozen=True)
class Say:
    """Says our sentences in one language; values fill the braces of either.

    >>> speak("en")("{n} trades", n=3), speak("en")("{n} trades", n=1), speak("en")("no trade")
    ('3 trades', '1 trade', 'no trade')
    >>> speak("en")("{n} indices", n=1), speak("en")("{n} walk-forward windows", n=1)
    ('1 index', '1 walk-forward window')
    """

    lang: Lang
    catalogue: Mapping[str, str]

    def __call__(self, text: str, /, **values: object) -> str:
        """Return a sentence; what the catalogue lacks stays English."""
        known = self.catalogue.get(text, text)
        return (_agreed(known, values) if self.lang == "en" else known).format(**values)


def _agreed(text: str, values: Mapping[str, object]) -> str:
    text = COUNTED.sub(lambda found: found[1] if str(values[found[2]]) == "1" else found[0], text)
    return INDICES.sub(
        lambda found: f"{found[1]}index" if str(values[found[2]]) == "1" else found[0], text
    )


@cache
def speak(lang: Lang) -> Say:
    """Return the voice of a language."""
    return Say(lang, {} if lang == "en" else korean())


def korean() -> dict[str, str]:
    """Return the Korean catalogue, the parts of all sections together."""
    folder = resources.files("rollsight.reports") / "korean"
    parts = sorted(p.name for p in folder.iterdir() if p.name.endswith(".json"))
    found: dict[str, str] = {}
    for name in parts:
        found |= json.loads((folder / name).read_text(encoding="utf-8"))
    return found
