"""Who has looked at the held-out sessions of a market: lines beside its folder, and kept."""

import errno
import getpass
import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path

import numpy as np

from rollsight.base.digests import content_digest
from rollsight.base.errors import RollsightError
from rollsight.base.files import append_lines
from rollsight.base.own.state import state_path
from rollsight.signals.folder.reading import market_folder
from rollsight.signals.folder.tablefiles import find_table
from rollsight.signals.prices.market import Market

LOOKS = "holdout.jsonl"
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
DIGITS = 12  # of a quarter's digest


@dataclass(frozen=True)
class Look:
    """A line of the file: one look at sessions that were held out.

    Attributes
    ----------
    when
        local time
    who
        user name
    spec_digest, data_digest
        of the run that held them out
    run
        directory of that run
    market
        name of the market folder
    rows
        see `rows_digests`
    start, last
        first and last session that was looked at
    """

    when: str
    who: str
    spec_digest: str
    data_digest: str
    run: str
    market: str
    rows: str
    start: str
    last: str


def real_folder(folder: str) -> Path:
    """Return where the prices of a market folder lie, whatever links lead there."""
    path = market_folder(folder)
    prices = find_table(path, "prices")
    return path.resolve() if prices is None else prices.resolve().parent


def looks_path(folder: str) -> Path:
    """Return the file of looks, which lies beside a market folder."""
    return real_folder(folder).parent / LOOKS


def rows_digests(market: Market, start: date | None) -> str:
    """Return which stocks had a row in which session before a day: a digest each quarter of a year.

    None takes all sessions.

    Neither later sessions, prices that a vendor adjusts anew nor a spec change them, and another
    day or a stock of few rows changes those of its own quarters alone.
    """
    before = market.sessions
    if start is not None:
        before = before[before < np.datetime64(start, "D")]
    quarters = before.astype("datetime64[M]").astype(np.int64) // 3
    found = []
    for quarter in np.unique(quarters):
        first, stop = np.searchsorted(quarters, [quarter, quarter + 1])
        has_bar = market.has_bar[:, first:stop]
        own = np.flatnonzero(has_bar.any(axis=1))
        if len(own):
            codes = [market.codes[stock] for stock in own]
            content = [codes, before[first:stop], np.packbits(has_bar[own])]
            found.append(content_digest(content)[:DIGITS])
    return " ".join(found)


def same_rows(one: str, other: str | None) -> bool:
    """Return whether half of the quarters of two markets, of the shorter one, are the same.

    >>> same_rows("a b c", "b c d"), same_rows("a b c", "c d e"), same_rows("a", None)
    (True, False, False)
    """
    first, second = set(one.split()), set((other or "").split())
    return bool(first and second) and 2 * len(first & second) >= min(len(first), len(second))


def known_looks(folder: str, *, market: str, rows: str | None, first: str, last: str) -> list[Look]:
    """Return the looks at sessions of a market between two days, as far as this user can know.

    They are those beside its folder, as `looks_at`, and in the user's state directory those at its
    rows, wherever that folder lay. A look that stands in both is one.

    Raises
    ------
    RollsightError
        If a file of looks is there and cannot be read.
    """
    span = {"first": first, "last": last}
    beside = looks_at(read_looks(folder), market=market, rows=rows, **span)
    kept = state_path(LOOKS)
    own = looks_at([] if kept is None else _read(kept), market=None, rows=rows, **span)
    return [*beside, *(Counter(own) - Counter(beside)).elements()]


def read_looks(folder: str) -> list[Look]:
    """Return all lines beside a market folder, other folders' too; a torn one is left out.

    None where the folder or the file is not there.

    Raises
    ------
    RollsightError
        If the file is there and cannot be read: looks that are not counted would flatter.
    """
    try:
        path = looks_path(folder)
    except RollsightError:
        return []
    return _read(path)


def _read(path: Path) -> list[Look]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        if not os.access(path.parent, os.X_OK):
            return []  # another user's home, in which this one has written nothing
        raise RollsightError(
            f"{path} cannot be read ({error.strerror}), and it counts the looks at what is held "
            "out: make it readable"
        ) from error
    return [look for line in lines if (look := _look(line)) is not None]


def _look(line: str) -> Look | None:
    try:
        found = json.loads(line)
        return Look(**{field.name: str(found[field.name]) for field in fields(Look)})
    except (ValueError, TypeError, KeyError):
        return None


def note_look(folder: str, look: Look) -> str:
    """Write a look down, on disk when this returns, and return a note where that is in one place.

    It is appended beside the market folder and in the user's state directory; where nobody may
    write beside the folder, there alone.

    Raises
    ------
    RollsightError
        If it cannot be written.
    """
    return _noted(look, looks_path(folder), state_path(LOOKS))


def _noted(look: Look, beside: Path, kept: Path | None) -> str:
    line = json.dumps(asdict(look), ensure_ascii=False) + "\n"
    fault = _appended(beside, line)
    if fault is not None and fault.errno not in FORBIDDEN:
        raise _unwritten(beside, fault) from fault
    own = OSError(errno.ENOENT, "no home") if kept is None else _appended(kept, line)
    if fault is None:
        return f"The look is counted in {beside} alone: {_told(kept, own)}" if own else ""
    if own is not None:
        raise _unwritten(beside, fault) from fault
    return f"The look is counted in {kept} alone, which only you read: {_told(beside, fault)}"


def _appended(path: Path, line: str) -> OSError | None:
    """Append a line to a file; return why that could not be done, or None."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        append_lines(path, [line])
    except OSError as error:
        return error
    return None


def _told(path: Path | None, fault: OSError) -> str:
    return f"{path or 'your state directory'} cannot be written ({fault.strerror})"


def _unwritten(path: Path, fault: OSError) -> RollsightError:
    return RollsightError(
        f"{_told(path, fault)}, so nothing was opened, since each look is counted there: make it "
        "writable, or copy the market folder to where you may write"
    )


def looks_at(
    looks: Iterable[Look], *, market: str | None, rows: str | None, first: str, last: str
) -> list[Look]:
    """Return the looks at sessions of a market between two days.

    A market is known by its folder's name, where that is given, or by its rows: an update may
    change these, and a copy has another name.
    """
    return [
        look
        for look in looks
        if (look.market == market or same_rows(look.rows, rows))
        and look.start <= last
        and look.last >= first
    ]


def user() -> str:
    """Return the name of the user, as the system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def now() -> str:
    """Return the local time, to the second."""
    return datetime.now().astimezone().isoformat(" ", "seconds")
