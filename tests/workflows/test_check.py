"""A member of an extension point is held to the rules of its kind."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rollsight.base.conformance import Finding
from rollsight.base.errors import RollsightError
from rollsight.commands import main
from rollsight.workflows.check import ExtensionPoint, check

MODULE = """
class Doubler:
    def double(self, x):
        return x + 1

class Both(Doubler):
    half = 3

doubler, both, nothing = Doubler(), Both(), 0
"""


def doubles(member: Any) -> None:
    if member.double(3) != 6:
        raise RollsightError(f"3 became {member.double(3)}, and must become 6")


POINTS = {
    "doubler": ExtensionPoint(
        {"ours": object()}, ("double",),
        {"It doubles.": doubles, "It doubles texts.": lambda d: d.double("a\n") == "a\na\n"},
    ),
    "halver": ExtensionPoint({}, ("half",), {"It halves.": lambda h: h.half}),
}  # fmt: skip


@pytest.fixture(autouse=True)
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "mymembers.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("rollsight.base.named._loaded", {})
    yield
    for name in ("mymembers", "mygreedy"):
        sys.modules.pop(name, None)


def test_the_kind_of_a_member_is_told_by_what_it_has_and_each_broken_rule_by_its_value() -> None:
    kind, found = check("mymembers:doubler", points=POINTS)
    assert kind == "doubler"
    assert found == [
        Finding("It doubles.", "3 became 4, and must become 6"),
        Finding(
            "It doubles texts.", 'TypeError: can only concatenate str (not "int") to str'
        ),
    ]  # fmt: skip
    assert check("mymembers:both", "halver", POINTS) == ("halver", [Finding("It halves.")])
    assert check("ours", points=POINTS)[0] == "doubler"


@pytest.mark.parametrize(
    ("name", "kind", "line"),
    [
        ("mymembers:both", None, "'mymembers:both' may be of several kinds (doubler, halver): say "
                                 "which"),
        ("mymembers:nothing", None, "'mymembers:nothing' is no member of any extension point (have "
                                    "['ours']): a member of doubler has double; a member of "
                                    "halver has half"),
        ("theirs", None, "'theirs' is no member of any extension point"),
        ("ours", "dubler", "there is no extension point 'dubler' (have ['doubler', 'halver']); did "
                           "you mean 'doubler'?"),
        ("mymembers:doubler", "halver", "halver 'mymembers:doubler' has no 'half'"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked_is_refused(name: str, kind: str | None, line: str) -> None:
    with pytest.raises(RollsightError) as caught:
        check(name, kind, POINTS)
    assert str(caught.value).startswith(line)


def test_the_command_prints_a_line_a_rule_and_fails_where_one_is_broken() -> None:
    Path("mygreedy.py").write_text(
        "from rollsight.strategies.rules import Order\n\n\nclass Greedy:\n"
        "    def sells(self, session):\n        return []\n\n"
        "    def buys(self, session):\n"
        "        return [Order(buy.code, session.free) for buy in session.buys]\n\n\n"
        "greedy = Greedy()\n",
        encoding="utf-8",
    )
    called = CliRunner().invoke(main, ["check", "mygreedy:greedy"])
    told, *lines = called.stdout.splitlines()
    assert (called.exit_code, told) == (1, "mygreedy:greedy is a rule")
    assert [line[:8] for line in lines] == ["FAILED  "] * 4 + ["passed  "]
    assert lines[0].startswith(
        "FAILED  Its orders can be done, and its account agrees with them to the cent.: rule "
        "'Greedy' on 2022-07-12: its buys up to '"
    )
    refused = CliRunner().invoke(main, ["check", "mygreedy:greedy", "--as", "rul"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("Error: there is no extension point 'rul' (have [")
