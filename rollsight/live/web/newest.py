"""The newest message of every kind and run: all that a new client must be told."""

from dataclasses import replace
from typing import Any

from rollsight.live.messages import Message

Body = tuple[Any, ...]

# Of the same session they change the stocks that they name; the place of their column of codes.
BY_CODE = {"quote": 1, "confidence": 1, "score": 1, "baseline": 2}


class Newest:
    """Messages by kind and run, each under the number that it was sent with."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str | None, ...], tuple[int, Message]] = {}

    def add(self, number: int, message: Message) -> None:
        """Keep a message in place of the one before, or its stocks in place of theirs."""
        key = _key(message)
        before = self._kept.pop(key, (0, None))[1]
        if before is not None and message.kind in BY_CODE and message.session == before.session:
            message = replace(message, body=_merged(before.body, message.body))
        self._kept[key] = (number, message)

    def envelopes(self) -> list[dict[str, Any]]:
        """Return them in the order of their numbers, those that tell of a run itself first."""
        kept = sorted(self._kept.values(), key=lambda pair: pair[1].kind != "run")
        return [message.envelope(number) for number, message in kept]


def _key(message: Message) -> tuple[str | None, ...]:
    name = message.body[1:2] if message.kind == "baseline" else ()
    return (message.run, message.kind, *name)


def _merged(before: Body, now: Body) -> Body:
    rows = _rows(before) | _rows(now)
    if now[0] == "quote":
        return ("quote", list(rows.values()))
    first = BY_CODE[now[0]]
    columns = zip(*rows.values(), strict=True) if rows else now[first:]
    return (*now[:first], *(list(column) for column in columns))


def _rows(body: Body) -> dict[str, Any]:
    first = BY_CODE[body[0]]
    rows = body[first] if body[0] == "quote" else zip(*body[first:], strict=True)
    return {row[0]: row for row in rows}
