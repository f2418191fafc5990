"""What a client may say, and what is refused in one line."""

import json
from typing import Any

import pytest

from rollsight.base.errors import RollsightError
from rollsight.live.web.questions import question


@pytest.mark.parametrize(
    "body",
    [["watch", "005930"], ["unwatch"], ["heatmap", "A"], ["detail", "A"], ["play"], ["pause"],
     ["step", -3], ["seek", "2025-12-17"], ["speed", 2], ["speed", 0.25]],
)  # fmt: skip
def test_a_message_is_understood_with_and_without_a_run(body: list[Any]) -> None:
    assert question(json.dumps(body)) == (None, body)
    assert question(json.dumps({"run": "krx", "m": body})) == ("krx", body)
    assert question(json.dumps({"run": None, "m": body})) == (None, body)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is no JSON"),
        ("{", "'{' is no JSON"),
        ('["step", NaN]', "is no JSON"),
        ('["speed", Infinity]', "is no JSON"),
        ("[" * 4096, "is no JSON"),
        ('["step", ' + "9" * 4080 + "]", "is not of the form"),
        ('["speed", 1e999]', 'is not of the form ["speed", x]'),
        ('["speed", 0]', "x above 0"),
        ('["speed", 1000.5]', "1,000 at most"),
        ('["speed", true]', "is not of the form"),
        ('["step", 1.5]', 'is not of the form ["step", n]'),
        ('["step", true]', "is not of the form"),
        ('["step", 10001]', "10,000 at most"),
        ('["seek", "2025-02-30"]', "is not of the form"),
        ('["seek", "20250217"]', "is not of the form"),
        ('["watch"]', 'is not of the form ["watch", code]'),
        ('["watch", ""]', "is not of the form"),
        ('["watch", 5930]', "is not of the form"),
        ('["watch", "' + "x" * 101 + '"]', "is not of the form"),
        ('["unwatch", "A"]', 'is not of the form ["unwatch"]'),
        ('["watch", ' + "[" * 500 + "]" * 500 + "]", "never arrays or objects"),
        ('["wach", "A"]', "did you mean 'watch'?"),
        ('["__class__"]', "no message of a client is called '__class__'"),
        ("[]", "begins with its kind"),
        ("[1]", "begins with its kind"),
        ("17", "begins with its kind"),
        ("null", "begins with its kind"),
        ('"watch"', "begins with its kind"),
        ('{"m": ["pause"]}', 'the keys "run" and "m" alone'),
        ('{"run": 1, "m": ["pause"]}', "the name of one"),
        ('{"run": [[]], "m": ["pause"]}', "the name of one"),
        ('{"run": "one", "m": {"run": "one", "m": []}}', "begins with its kind"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused_in_one_short_line(text: str, said: str) -> None:
    with pytest.raises(RollsightError) as refused:
        question(text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400
