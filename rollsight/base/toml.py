"""TOML as editors save it, and text that is TOML wherever a message or a file proposes some."""

import json
import re
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

from rollsight.base.errors import RollsightError

LONGEST = 80  # signs of a value or line that a message repeats


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file, with or without a byte order mark.

    Raises
    ------
    RollsightError
        If it is not UTF-8, or no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        if "\0" in text:
            raise UnicodeError("UTF-16 without a byte order mark")
        return tomllib.loads(text)
    except UnicodeError as error:
        raise RollsightError(f"{path} is not UTF-8: save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        own = isinstance(error, tomllib.TOMLDecodeError)
        fault = str(error) if own else "too many digits or brackets"
        raise RollsightError(f"{path} is not TOML ({fault}){_line(text, fault)}") from error


def _line(text: str, fault: str) -> str:
    place = re.search(r"at line (\d+), column (\d+)", fault)
    lines = text.splitlines()
    at = len(lines) if place is None else int(place[1])
    line = lines[at - 1].strip()[:LONGEST] if lines else ""
    return (
        f", in the line {line!r}: mend it; texts stand in quotes, true and false in small letters, "
        "numbers without commas or other signs"
    )


def toml_key(name: str) -> str:
    """Return a name as a key of TOML, quoted where it must be.

    >>> print(toml_key("KS11"), toml_key("^GSPC"), toml_key("BRK.B"))
    KS11 "^GSPC" "BRK.B"
    """
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_value(name)


def toml_value(value: object) -> str:
    """Return a text, number, date, time, list or mapping as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml_value(v) for v in value) + "]"
    if isinstance(value, dict):
        pairs = (f"{toml_key(str(k))} = {toml_value(v)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    # TOML's basic strings are JSON's, but for the delete character.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
