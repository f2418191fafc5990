"""What a fetch is asked for, and which series that means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from rollsight.base.errors import RollsightError
from rollsight.signals.known.corrections import Corrections
from rollsight.signals.known.symbols import KRX_INDICES, SYMBOLS, find_symbol
from rollsight.signals.rules.venue import Venue
from rollsight.signals.vendors.asked import NamedVendor
from rollsight.signals.vendors.stocks import MarketName, delistings, gone, listed, top
from rollsight.signals.vendors.vendor import USUAL, FetchError, Stock

DEFAULT_TOP = 200


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    codes
        exactly these stocks; empty: the ``top`` most valuable ones, and those delisted since
    end
        last session; None: that of an interrupted fetch, or ``yesterday``
    indices
        names or aliases of the symbol table
    vendor
        a key of VENDORS, or "package.module:name" of a user's own
    """

    out: Path
    yesterday: date
    start: date = date(2010, 1, 1)
    end: date | None = None
    top: int | None = None
    codes: tuple[str, ...] = ()
    market: MarketName | None = None
    indices: tuple[str, ...] = KRX_INDICES
    vendor: str = USUAL


@dataclass(frozen=True)
class FetchPlan:
    """Exactly which series make up a folder.

    Attributes
    ----------
    top
        how many were chosen by today's market value; None where codes were named
    stocks
        asked for; one that does not come is missing
    gone
        delisted stocks that are tried; vendors no longer have most of them
    delistings_known
        the list of delisted stocks came
    update
        the folder exists, and new sessions are appended
    unreached
        codes of ``gone`` that no vendor answered for, to be asked for by an update
    closed, opened
        corrections of the exchange's calendar that the folder has
    verified
        by symbol, where the folder says that the time of its publication is documented
    """

    start: date
    end: date
    indices: tuple[str, ...]
    stocks: tuple[Stock, ...]
    gone: tuple[Stock, ...] = ()
    top: int | None = None
    market: MarketName | None = None
    delistings_known: bool = True
    update: bool = False
    unreached: tuple[str, ...] = ()
    closed: tuple[date, ...] = ()
    opened: tuple[date, ...] = ()
    verified: Mapping[str, str] = field(default_factory=dict)
    vendor: str = USUAL

    @property
    def corrections(self) -> Corrections:
        """The corrections as the calendar takes them."""
        return Corrections(self.closed, self.opened)


def check(request: Request, venue: Venue) -> None:
    """Raise RollsightError unless a request can be right."""
    for name in request.indices:
        find_symbol(name)
    end = request.end or request.yesterday
    if end > request.yesterday:
        raise RollsightError(
            f"end={end} is not over: give {request.yesterday} (yesterday in {venue.city}) at the "
            "latest"
        )
    if request.start > end:
        raise RollsightError(f"start={request.start} lies after end={end}: give an earlier start")
    if request.market is not None and request.market.upper() not in venue.markets:
        raise RollsightError(
            f"market={request.market!r} is none of {', '.join(venue.markets)}: leave it out"
        )


def asked_for(request: Request) -> dict[str, Any]:
    """Return a request as it was made, to know it again."""
    return {
        "start": str(request.start), "end": str(request.end) if request.end else None,
        "top": request.top, "codes": list(request.codes), "market": request.market,
        "indices": list(request.indices),
    } | named(request.vendor)  # fmt: skip


def named(vendor: str) -> dict[str, str]:
    """Return what is written of a vendor: nothing of the usual one."""
    return {} if vendor == USUAL else {"vendor": vendor}


def renamed(names: tuple[str, ...]) -> list[str]:
    """Return a line for each index that was asked for by another name."""
    found = [(name, find_symbol(name)) for name in names]
    return [
        f"{name} is {symbol} here" + (f": {note}" if (note := SYMBOLS[symbol].note) else "")
        for name, symbol in found
        if name != symbol
    ]


def plan_of(
    vendor: NamedVendor, request: Request, known: FetchPlan | None
) -> tuple[FetchPlan, list[str]]:
    """Return the plan of a request, and which lists did not come.

    Parameters
    ----------
    known
        the plan of an interrupted fetch, made without the list of delistings

    Raises
    ------
    FetchError
        If the stocks were to be chosen and cannot be.
    """
    troubles: list[str] = []
    today = _listing("stocks", listed, vendor, troubles)
    if not today and not request.codes and known is None:
        raise FetchError(f"{troubles[0]}, or name the stocks by --codes")
    left = _listing("delisted stocks", delistings, vendor, troubles)
    end = request.end or (known.end if known else request.yesterday)
    stocks, n_top = known.stocks if known else (), None
    if request.codes:
        stocks = _named(request.codes, today, left)
    else:
        n_top = request.top or DEFAULT_TOP
        stocks = stocks or top(today, n_top, request.market)
    departed = () if request.codes else gone(left, today, request.start, end, request.market)
    indices = tuple(dict.fromkeys(find_symbol(name) for name in request.indices))
    plan = FetchPlan(
        request.start,
        end,
        indices,
        stocks,
        departed,
        n_top,
        request.market,
        bool(today and (left or vendor.venue.survivors)),
        vendor=request.vendor,
    )
    return plan, troubles


def _listing(
    what: str,
    read: Callable[[NamedVendor], tuple[Stock, ...]],
    vendor: NamedVendor,
    troubles: list[str],
) -> tuple[Stock, ...]:
    try:
        return read(vendor)
    except FetchError as error:
        troubles.append(f"the list of {what}: {error}")
        return ()


def _named(
    codes: tuple[str, ...], today: tuple[Stock, ...], left: tuple[Stock, ...]
) -> tuple[Stock, ...]:
    known = {s.code: s for s in (*left, *today)}
    return tuple(known.get(code, Stock(code)) for code in dict.fromkeys(codes))


def with_delistings(vendor: NamedVendor, plan: FetchPlan) -> tuple[FetchPlan, list[str]]:
    """Return a plan whose stocks know that they were delisted, and which lists did not come."""
    troubles: list[str] = []
    today, left = (
        _listing("stocks", listed, vendor, troubles),
        _listing("delisted stocks", delistings, vendor, troubles),
    )
    if not today or not left:
        return plan, troubles
    days = {s.code: s.delisted for s in gone(left, today, plan.start, plan.end, None)}
    stocks = tuple(replace(s, delisted=days.get(s.code, s.delisted)) for s in plan.stocks)
    return replace(plan, stocks=stocks), troubles
