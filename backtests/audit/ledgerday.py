"""What the decisions of one day knew of each index, and when it had become known."""

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from rollsight.backtests.holdout.market import market_of
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import ledger_of
from rollsight.signals.known.calendar import exchange_calendar
from rollsight.signals.known.ledger import entries
from rollsight.signals.prices.sessions import session_at


@dataclass(frozen=True, eq=False, repr=False)
class LedgerDay:
    """The ledger of one session's decisions.

    Attributes
    ----------
    decided_at
        the session's close, wall-clock time in ``timezone``
    entries
        as `rollsight.signals.known.ledger.entries` returns them
    """

    exchange: str
    timezone: str
    decided_at: datetime
    entries: pd.DataFrame

    def __repr__(self) -> str:
        return "\n".join(ledger_lines(self))


def ledger_day(spec: RunSpec, day: date | str | None = None) -> LedgerDay:
    """Return the ledger of a session, the market's last one where none is named.

    Raises
    ------
    RollsightError
        If the market cannot be read or no index of it is in use, or the day is no session of it.
    """
    market = market_of(spec)
    if not market.publications:
        raise RollsightError(
            "market.indices=[] uses no index, and a ledger has a line for each: name some that the "
            "folder has"
        )
    at = len(market.sessions) - 1
    if day is not None:
        at = session_at(market, day, folder=spec.market.folder, name="--day")
    timezone = exchange_calendar(market.exchange, market.sessions[0], market.sessions[-1]).timezone
    table = entries(
        ledger_of(market, spec.features), market.indices, market.publications, at, timezone
    )
    closed = pd.Timestamp(market.closes[at], tz="UTC").tz_convert(timezone)
    return LedgerDay(market.exchange, timezone, closed.to_pydatetime(), table)


def ledger_lines(found: LedgerDay) -> list[str]:
    """Return the ledger as lines of text, one an index."""
    minute = "%Y-%m-%d %H:%M"
    rows = [["Index", "Value", "Dated", "Known at", "Age", "Next dated", "Next known at"]]
    for row in found.entries.to_dict("records"):
        absent = pd.isna(row["dated"])
        late = pd.isna(row["next_dated"])
        rows.append(
            [
                row["symbol"],
                "none" if absent else f"{row['value']:,.6g}",
                "" if absent else f"{row['dated']:%Y-%m-%d}",
                "" if absent else f"{row['known_at']:{minute}}",
                "" if absent else str(row["age"]),
                "" if late else f"{row['next_dated']:%Y-%m-%d}",
                "" if late else f"{row['next_known_at']:{minute}}",
            ]
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    decided = pd.Timestamp(found.decided_at).tz_localize(None)
    head = (
        f"Decided at {found.decided_at:{minute}} ({found.timezone}), the close of "
        f"{found.exchange}; all times are wall-clock times there, ages in sessions."
    )
    lines = [
        line + ("  after the decision: a leak" if late else "")
        for line, late in zip(lines, [False, *(found.entries["known_at"] > decided)], strict=True)
    ]
    return [head, "", *lines]
