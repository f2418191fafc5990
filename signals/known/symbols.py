"""The one table of indices: what each is, when it becomes known, and where it is fetched from."""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.known.corrections import NO_CORRECTIONS, Corrections


@dataclass(frozen=True)
class Publication:
    """When a series' value dated ``d`` becomes known.

    With a ``calendar``, at that exchange's close of ``d``; otherwise at ``close`` local time in
    ``timezone``. ``lag_hours`` come on top.

    Attributes
    ----------
    unit
        ``price`` (day-over-day change as a fraction, between values above 0) or ``percent`` (a
        yield in per cent, its day-over-day difference in basis points; may be zero or negative)
    corrections
        of the ``calendar``
    verified
        where that time is documented, as market.toml states it; None where it does not
    """

    name: str
    timezone: str
    close: time
    calendar: str | None = None
    lag_hours: float = 0.0
    unit: Literal["price", "percent"] = "price"
    corrections: Corrections = NO_CORRECTIONS
    verified: str | None = None


@dataclass(frozen=True)
class Symbol:
    """An index under the name that this project gives it.

    Attributes
    ----------
    publication
        when its values become known, wherever they come from
    vendor
        what FinanceDataReader is asked for; None where it is not freely to be had
    fallback
        what it is asked for while the vendor cannot be reached
    aliases
        other names, those of the original work among them
    level
        lowest and highest value that can be right
    reference
        another symbol, and the least correlation of daily changes with it (the greatest,
        where it is negative)
    vendor_publication
        where the vendor's series becomes known at another time than
        ``publication`` says
    begins
        first date that the vendor has, where it is known and gaps are looked for
    note
        what the plain name would wrongly mean at the vendors, or why it cannot be had
    """

    publication: Publication
    vendor: str | None
    level: tuple[float, float]
    fallback: str | None = None
    aliases: tuple[str, ...] = ()
    reference: tuple[str, float] | None = None
    vendor_publication: Publication | None = None
    begins: date | None = None
    note: str | None = None

    @property
    def published(self) -> Publication:
        """When the vendor's values become known."""
        return self.vendor_publication or self.publication


def _on(calendar: str, name: str) -> Publication:
    timezone, close = {
        "XKRX": ("Asia/Seoul", time(15, 30)),
        "XNYS": ("America/New_York", time(16, 0)),
    }[calendar]
    return Publication(name, timezone, close, calendar)


def _new_york(name: str, close: time, lag_hours: float = 0.0) -> Publication:
    return Publication(name, "America/New_York", close, lag_hours=lag_hours)


def _us_yield(name: str) -> Publication:
    # The Treasury publishes its curve in the evening of the day itself.
    return Publication(name, "America/New_York", time(18, 0), unit="percent")


def _fred(name: str) -> Publication:
    # FRED repeats a day's curve on its next working day; four days cover a long weekend.
    return Publication(name, "America/New_York", time(18, 0), lag_hours=96, unit="percent")


SYMBOLS: dict[str, Symbol] = {
    "KS11": Symbol(
        _on("XKRX", "KOSPI"), "KS11", (200, 20_000),
        fallback="YAHOO:^KS11", aliases=("KOSPI",), begins=date(1995, 5, 2),
    ),
    "KQ11": Symbol(
        _on("XKRX", "KOSDAQ"), "KQ11", (200, 8_000),
        fallback="YAHOO:^KQ11", aliases=("KOSDAQ",), reference=("KS11", 0.15),
        begins=date(1996, 7, 1),
    ),
    "KS200": Symbol(
        _on("XKRX", "KOSPI 200"), "KS200", (20, 3_500),
        fallback="YAHOO:^KS200", aliases=("KPI200",), reference=("KS11", 0.8),
        begins=date(1990, 1, 3),
    ),
    "KS50": Symbol(
        _on("XKRX", "KOSPI 50"), None, (20, 20_000),
        note="the Korea Exchange gives it to its members only, since 2026, and Yahoo has none",
    ),
    "KS100": Symbol(
        _on("XKRX", "KOSPI 100"), None, (20, 20_000),
        note="the Korea Exchange gives it to its members only, since 2026, and Yahoo has none",
    ),
    "IXIC": Symbol(
        _on("XNYS", "Nasdaq Composite"), "YAHOO:^IXIC", (50, 200_000),
        aliases=("NASDAQ",), reference=("GSPC", 0.4),
    ),
    "GSPC": Symbol(
        _on("XNYS", "S&P 500"), "YAHOO:^GSPC", (30, 50_000), aliases=("S&P500", "US500"),
        note="the plain GSPC is no symbol at Yahoo: the index is ^GSPC",
    ),
    "DJI": Symbol(
        _on("XNYS", "Dow Jones"), "YAHOO:^DJI", (500, 300_000), reference=("GSPC", 0.4),
    ),
    "VIX": Symbol(
        _new_york("VIX", time(16, 15)), "YAHOO:^VIX", (5, 150), reference=("GSPC", -0.3),
    ),
    "US10Y": Symbol(
        _us_yield("US 10-year yield"), "FRED:DGS10", (-2, 20), aliases=("US10YT", "DGS10"),
        vendor_publication=_fred("US 10-year yield"),
    ),
    "US3M_TBILL": Symbol(
        _us_yield("US 3-month bill"), "FRED:DTB3", (-2, 20), aliases=("DTB3",),
        vendor_publication=_fred("US 3-month bill"),
    ),
    "US1MT": Symbol(
        _us_yield("US 1-month yield"), "FRED:DGS1MO", (-2, 20), aliases=("US1MT=X", "DGS1MO"),
        vendor_publication=_fred("US 1-month yield"),
        note="US1MT=X is no symbol at Yahoo any more: the yield is FRED's DGS1MO",
    ),
    "NG": Symbol(
        _new_york("Natural gas futures", time(17, 0)), "YAHOO:NG=F", (0.8, 20), aliases=("NG=F",),
        note="the plain NG is NovaGold's share at Yahoo: the future is NG=F",
    ),
    "GC": Symbol(
        _new_york("Gold futures", time(17, 0)), "YAHOO:GC=F", (200, 20_000),
        aliases=("ZG", "GC=F"),
        note="ZG is Zillow's share at Yahoo now: gold futures are GC=F",
    ),
    "CL": Symbol(
        _new_york("WTI futures", time(17, 0)), "YAHOO:CL=F", (-60, 300), aliases=("CL=F",),
        reference=("WTI_SPOT", 0.5),
        note="the plain CL is Colgate-Palmolive's share at Yahoo: the future is CL=F",
    ),
    "HG": Symbol(
        _new_york("Copper futures", time(17, 0)), "YAHOO:HG=F", (0.4, 20), aliases=("HG=F",),
    ),
    "SI": Symbol(
        _new_york("Silver futures", time(17, 0)), "YAHOO:SI=F", (2, 300), aliases=("SI=F",),
        reference=("GC", 0.3),
        note="the plain SI is another instrument at Yahoo: the future is SI=F",
    ),
    "DXY": Symbol(
        _new_york("US dollar index", time(17, 0)), "YAHOO:DX-Y.NYB", (50, 200),
        aliases=("DX-Y.NYB",), note="the plain DXY is no index at Yahoo: it is DX-Y.NYB",
    ),
    "USDKRW": Symbol(
        _new_york("US dollar in won", time(12, 0)), "YAHOO:KRW=X", (500, 5_000),
        aliases=("USD/KRW", "KRW=X"),
        # Yahoo's bar is a day in London, from midnight to midnight.
        vendor_publication=Publication("US dollar in won", "Europe/London", time(23, 59, 59)),
    ),
    "VCB": Symbol(
        Publication("Vietcombank", "Asia/Ho_Chi_Minh", time(14, 45)), "HOSE:VCB",
        (2_000, 1_000_000), aliases=("VCB.VN",),
        note="the plain VCB is not the Vietnamese share at Yahoo: that is VCB.VN",
    ),
    # Spot prices are dated days before the vendor publishes them.
    "NG_HH_SPOT": Symbol(
        _new_york("Henry Hub spot", time(17, 0), lag_hours=192), "FRED:DHHNGSP", (0.5, 60),
        aliases=("DHHNGSP",),
    ),
    "WTI_SPOT": Symbol(
        _new_york("WTI spot", time(17, 0), lag_hours=192), "FRED:DCOILWTICO", (-60, 300),
        aliases=("DCOILWTICO",),
    ),
    "GOLD_LBMA_PM": Symbol(
        Publication("Gold, LBMA PM", "Europe/London", time(15, 0), lag_hours=24), None,
        (100, 20_000), note="FRED no longer has the London fixing: take GC",
    ),
}  # fmt: skip

# What the Korean preset looks at.
KRX_INDICES = (
    "KS11", "KQ11", "KS200", "IXIC", "USDKRW", "NG", "GC", "VCB", "US1MT", "GSPC", "VIX",
)  # fmt: skip
# What a fetch of US stocks has beside them.
US_INDICES = ("GSPC", "IXIC", "VIX", "US10Y", "NG", "GC")


def find_symbol(name: str) -> str:
    """Return the symbol of a name or an alias.

    >>> find_symbol("ZG"), find_symbol("usd/krw"), find_symbol("KS11")
    ('GC', 'USDKRW', 'KS11')

    Raises
    ------
    RollsightError
        If no symbol has that name.
    """
    asked = name.strip().upper()
    for symbol, entry in SYMBOLS.items():
        if asked in {symbol, *entry.aliases}:
            return symbol
    have = [*SYMBOLS, *(a for entry in SYMBOLS.values() for a in entry.aliases)]
    raise RollsightError(f"no index is called {name!r} {did_you_mean(asked, have)}")
