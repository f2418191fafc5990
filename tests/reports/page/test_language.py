"""Every sentence of the page is said in both languages."""

import ast
import json
from collections import Counter
from pathlib import Path
from string import Formatter

from rollsight.reports.page.language import korean, speak

ROOT = Path(__file__).parents[3]


def said() -> set[str]:
    """Return every text that a section hands to ``say``."""
    texts = set()
    for path in [*(ROOT / "reports").rglob("*.py"), *(ROOT / "rollsight").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                (text, *_) = node.args
                if isinstance(text, ast.Constant):
                    texts.add(text.value)
    return texts


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_sentence_has_its_korean() -> None:
    assert said() - korean().keys() == set()


def test_both_languages_fill_in_the_same_values() -> None:
    for english, other in korean().items():
        assert fields(english) == fields(other), english


def test_a_value_of_one_is_followed_by_the_singular() -> None:
    counted = "{buys} buys of {stocks} stocks in {days} sessions, {sessions} sessions a year"
    values = {"buys": "1", "stocks": 1, "days": "21", "sessions": "1,001"}
    assert speak("en")(counted, **values) == (
        "1 buy of 1 stock in 21 sessions, 1,001 sessions a year"
    )
    assert speak("en")("Trial {number} does not trade", number="1") == "Trial 1 does not trade"


def test_what_the_catalogue_lacks_stays_english() -> None:
    assert speak("ko")("a name of {n}", n="nobody's") == "a name of nobody's"


def test_no_sentence_is_put_into_korean_twice() -> None:
    korean_parts = (ROOT / "reports" / "korean").glob("*.json")
    parts = [json.loads(p.read_text(encoding="utf-8")) for p in korean_parts]
    times = Counter(text for part in parts for text in part)
    assert [text for text, n in times.items() if n > 1] == []
