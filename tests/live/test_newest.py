"""What a new client is told: the newest of every kind and run, stocks merged within a session."""

from typing import Any

from rollsight.live.messages import Message
from rollsight.live.web.newest import Newest


def message(*body: Any, run: str | None = "one", session: str = "2025-01-02") -> Message:
    return Message(run, session, None, None, body)


def told(*messages: Message) -> list[tuple[int, str | None, list[Any]]]:
    newest = Newest()
    for number, each in enumerate(messages, start=1):
        newest.add(number, each)
    return [(e["n"], e["run"], e["m"]) for e in newest.envelopes()]


def test_the_newest_of_a_kind_and_run_replaces_the_one_before() -> None:
    assert told(
        message("buy", "A", "B"),
        message("buy", "C", run="two"),
        message("status", {"state": "live"}, run=None),
        message("buy", "D"),
    ) == [
        (2, "two", ["buy", "C"]),
        (3, None, ["status", {"state": "live"}]),
        (4, "one", ["buy", "D"]),
    ]


def test_stocks_of_one_session_are_merged_by_code() -> None:
    assert told(
        message("quote", [["A", 1, 1, 1, 1, 10], ["B", 2, 2, 2, 2, 20]]),
        message("confidence", ["A", "B"], [[0.2, 0.3, 0.5], None]),
        message("score", ["A", "B"], [0.1, 0.2]),
        message("quote", [["B", 3, 3, 3, 3, 30]]),
        message("confidence", ["B", "C"], [[0.1, 0.1, 0.8], [0.6, 0.3, 0.1]]),
        message("score", ["A"], [0.9]),
    ) == [
        (4, "one", ["quote", [["A", 1, 1, 1, 1, 10], ["B", 3, 3, 3, 3, 30]]]),
        (5, "one", ["confidence", ["A", "B", "C"],
                    [[0.2, 0.3, 0.5], [0.1, 0.1, 0.8], [0.6, 0.3, 0.1]]]),
        (6, "one", ["score", ["A", "B"], [0.9, 0.2]]),
    ]  # fmt: skip


def test_another_session_leaves_nothing_of_the_one_before() -> None:
    # A had its bar on the first day alone: its confidence is none of the second's.
    assert told(
        message("confidence", ["A", "B"], [[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]]),
        message("confidence", ["B"], [[0.3, 0.3, 0.4]], session="2025-01-03"),
    ) == [(2, "one", ["confidence", ["B"], [[0.3, 0.3, 0.4]]])]


def test_baselines_are_kept_by_name() -> None:
    assert told(
        message("baseline", "logistic", ["A"], [0.4], [False]),
        message("baseline", "momentum", ["A"], [0.6], [True]),
        message("baseline", "logistic", ["B"], [0.7], [True]),
    ) == [
        (2, "one", ["baseline", "momentum", ["A"], [0.6], [True]]),
        (3, "one", ["baseline", "logistic", ["A", "B"], [0.4, 0.7], [False, True]]),
    ]


def test_a_message_without_stocks_changes_none() -> None:
    empty = message("confidence", [], [])
    one = message("confidence", ["A"], [[0.2, 0.3, 0.5]])
    assert told(empty, empty) == [(2, "one", ["confidence", [], []])]
    assert told(one, empty) == [(2, "one", ["confidence", ["A"], [[0.2, 0.3, 0.5]]])]


def test_runs_are_named_before_what_is_said_of_them() -> None:
    found = told(message("buy"), message("run", {}, run="two"), message("run", {}))
    assert [m[0] for _, _, m in found] == ["run", "run", "buy"]
