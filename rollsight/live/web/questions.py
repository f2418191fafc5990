"""What a client may say: one bare array, or one of a run by name."""

import json
import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from rollsight.base.errors import RollsightError, did_you_mean

LONGEST_MESSAGE = 4096  # bytes
LONGEST_NAME = 100
LONGEST_STEP = 10_000
FASTEST = 1_000.0  # sessions a second

Question = tuple[str | None, list[Any]]  # run and body


def question(text: str) -> Question:
    """Return the run, None where none is named, and the body of a client's message.

    Raises
    ------
    RollsightError
        If it is no message that a client may send.
    """
    said = _read(text)
    run = None
    if isinstance(said, dict):
        if set(said) != {"run", "m"}:
            raise RollsightError('a message of a run has the keys "run" and "m" alone')
        run, said = said["run"], said["m"]
        if not (run is None or _is_name(run)):
            raise RollsightError("the run of a message is the name of one")
    return run, _checked(said)


def is_day(value: Any) -> bool:
    """Return whether a value is the text of a day, as in 2025-12-17."""
    if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII)):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _read(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):  # malformed, a number of too many digits, nested too deep
        raise RollsightError(f"{_short(text)} is no JSON") from None


def _no_number(name: str) -> None:
    raise ValueError(name)


def _checked(said: Any) -> list[Any]:
    if not (isinstance(said, list) and said and isinstance(said[0], str)):
        raise RollsightError('a message is an array that begins with its kind, as in ["pause"]')
    kind, *values = said
    if any(isinstance(value, list | dict) for value in values):
        raise RollsightError("values of a message are texts and numbers, never arrays or objects")
    if kind not in KINDS:
        hint = did_you_mean(kind[:LONGEST_NAME], KINDS)
        raise RollsightError(f"no message of a client is called {_short(kind)} {hint}")
    form, checks = KINDS[kind]
    if len(values) != len(checks) or not all(c(v) for c, v in zip(checks, values, strict=True)):
        raise RollsightError(f"{_short(said)} is not of the form {form}")
    return said


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME


def _is_step(value: Any) -> bool:
    return type(value) is int and abs(value) <= LONGEST_STEP


def _is_speed(value: Any) -> bool:
    if type(value) not in {int, float} or not 0 < value <= FASTEST:
        return False
    return math.isfinite(value)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


Checks = tuple[Callable[[Any], bool], ...]

KINDS: dict[str, tuple[str, Checks]] = {
    "watch": ('["watch", code]', (_is_name,)),
    "unwatch": ('["unwatch"]', ()),
    "heatmap": ('["heatmap", code]', (_is_name,)),
    "detail": ('["detail", code]', (_is_name,)),
    "play": ('["play"]', ()),
    "pause": ('["pause"]', ()),
    "step": (f'["step", n], n whole and {LONGEST_STEP:,} at most', (_is_step,)),
    "seek": ('["seek", "2025-12-17"]', (is_day,)),
    "speed": (f'["speed", x], x above 0 and {FASTEST:,.0f} at most', (_is_speed,)),
}
