"""The words that tables hold are said in the page's language."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from rollsight.reports.page.language import korean, speak
from rollsight.reports.page.reasons import REASONS
from rollsight.reports.page.words import VOCABULARY, word

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("horizon", "만기"),
        ("no threshold leaves threshold.min_buys=30 validation buys",
         "검증 매수 신호가 threshold.min_buys=30건 이상 남는 임계값이 없음"),
        ("its close, XKRX calendar", "종가 시각, XKRX 달력"),
        ("12:00, America/New_York", "12:00, America/New_York"),
        ("a {brace} nobody knows", "a {brace} nobody knows"),
    ],
)  # fmt: skip
def test_a_table_speaks_korean(text: str, said: str) -> None:
    assert word(text, speak("ko")) == said
    assert word(text, speak("en")) == text


def test_every_word_has_its_korean_and_its_values() -> None:
    for text in VOCABULARY:
        assert text in korean()


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_is_one_that_training_gives(reason: str) -> None:
    # A value may be written with its quotation marks.
    for part in re.split(r"'?\{\w+\}'?", reason):
        assert is_raised(part), part


def is_raised(part: str) -> bool:
    """Return whether training's code holds a text, in one piece or begun by a longer one."""
    if any(part in text for text in raised()):
        return True
    begun = [text for text in raised() if len(text) > 40 and part.startswith(text)]
    return any(is_raised(part.removeprefix(text)) for text in begun)


@cache
def raised() -> tuple[str, ...]:
    """Return every text of training's code, and the parts of those that hold a value."""
    trees = (ast.parse(f.read_text(encoding="utf-8")) for f in (ROOT / "training").rglob("*.py"))
    return tuple(
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_a_note_on_one_thing_is_known_as_those_on_many() -> None:
    many = "After 2 halts of 2 stocks, such as 'A' until 2024-01-02, volumes are a third or less "
    many += "while the price goes on, as after a reverse split that volumes ignore: look at them"
    one = many.replace("2 halts of 2 stocks", "1 halt of 1 stock")
    korean_of_many = word(many, speak("ko"))
    assert korean_of_many != many
    assert word(one, speak("ko")) == korean_of_many.replace("2개", "1개").replace("2번", "1번")
    assert word(one, speak("en")) == one


def test_the_reasons_that_the_strategy_writes_are_known() -> None:
    names = ("account.py", "exits.py", "shares.py", "rules/hold.py")
    files = [ROOT / "strategies" / name for name in names]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    written = re.findall(
        r'(?:reason = |POOR = |rest = |action\[[\w.]+\] = |else |return )"([^"{]+)"', source
    )
    assert len(written) >= 12
    assert set(written) <= set(VOCABULARY)
