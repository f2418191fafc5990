"""The ledger of a sweep's directory: every trial that was ever begun there, and how it ended."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from rollsight.base.files import append_lines

LEDGER = "ledger.jsonl"
State = Literal["done", "failed", "abandoned"]


@dataclass(frozen=True)
class Entry:
    """A line of the ledger.

    Attributes
    ----------
    key
        of the trial
    spec_digest
        of its spec, by which a try is told from another
    settings
        what was swept, and its values
    at
        local time at which it ended, or was found to have been abandoned
    seconds
        of its own backtests; None where they are not known
    error
        why it failed, one line
    """

    key: str
    spec_digest: str
    settings: dict[str, Any]
    state: State
    at: str
    seconds: float | None = None
    error: str | None = None


def now() -> str:
    """Return the local time, to the second."""
    return datetime.now().astimezone().isoformat(" ", "seconds")


def note(out: Path, entries: Iterable[Entry]) -> None:
    """Append lines to the ledger, each on disk when this returns."""
    lines = [line_of(e) for e in entries]
    if lines:
        append_lines(out / LEDGER, lines)


def line_of(entry: Entry) -> str:
    """Return a line of the ledger."""
    return json.dumps(asdict(entry), ensure_ascii=False, default=str) + "\n"


def read_ledger(out: Path) -> list[Entry]:
    """Return the ledger of a directory in the order in which it was written."""
    return read_entries(out / LEDGER)


def read_entries(path: Path) -> list[Entry]:
    """Return the whole lines of a file; a torn one is left out."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(Entry(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def last_words(entries: Iterable[Entry]) -> list[Entry]:
    """Return the last word on each spec that was ever tried, in the order of their first tries.

    On newer data, or with newer code, a spec is the same try.
    """
    found: dict[str, Entry] = {}
    for entry in entries:
        found[entry.spec_digest] = entry
    return list(found.values())
