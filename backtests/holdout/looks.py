"""Who has looked at the held-out sessions of a market folder: lines of a file beside it."""

import getpass
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from pathlib import Path

import numpy as np

from rollsight.base.digests import content_digest
from rollsight.base.errors import RollsightError
from rollsight.base.files import append_lines
from rollsight.signals.folder.reading import market_folder
from rollsight.signals.folder.tablefiles import find_table
from rollsight.signals.prices.market import Market

LOOKS = "holdout.jsonl"


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
        see `rows_digest`
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


def rows_digest(market: Market, start: date) -> str:
    """Return the digest of which stocks had a row in which session before a day.

    Neither later sessions nor prices that a vendor adjusts anew change it, nor does a spec.
    """
    before = market.sessions < np.datetime64(start, "D")
    has_bar = market.has_bar[:, before]
    own = np.flatnonzero(has_bar.any(axis=1))
    codes = [market.codes[stock] for stock in own]
    return content_digest([codes, market.sessions[before], np.packbits(has_bar[own])])


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
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return []
    except OSError as error:
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


def note_look(folder: str, look: Look) -> None:
    """Append a line, on disk when this returns.

    Raises
    ------
    RollsightError
        If it cannot be written.
    """
    path = looks_path(folder)
    try:
        append_lines(path, [json.dumps(asdict(look), ensure_ascii=False) + "\n"])
    except OSError as error:
        raise RollsightError(
            f"{path} cannot be written ({error.strerror}), so nothing was opened, since each look "
            "is counted there: make it writable, or copy the market folder to where you may write"
        ) from error


def looks_at(
    looks: Iterable[Look], *, market: str, rows: str | None, first: str, last: str
) -> list[Look]:
    """Return the looks at sessions of a market between two days.

    A market is known by its folder's name or by its rows: an update may change these, and a copy
    beside has another name.
    """
    return [
        look
        for look in looks
        if (look.market == market or look.rows == rows)
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
