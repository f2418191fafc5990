"""The one table of auxiliary indices: what each is and when its value becomes known."""

from dataclasses import dataclass
from datetime import time
from typing import Literal


@dataclass(frozen=True)
class Publication:
    """When a series' value dated ``d`` becomes known.

    With a ``calendar``, at that exchange's close of ``d``; otherwise at ``close`` local time in
    ``timezone``. ``lag_hours`` come on top.

    Attributes
    ----------
    unit : ``price`` (day-over-day change as a fraction) or ``percent`` (a yield in per cent, its
        day-over-day difference in basis points; may be zero or negative)
    """

    name: str
    timezone: str
    close: time
    calendar: str | None = None
    lag_hours: float = 0.0
    unit: Literal["price", "percent"] = "price"


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


SYMBOLS: dict[str, Publication] = {
    "KS11": _on("XKRX", "KOSPI"),
    "KQ11": _on("XKRX", "KOSDAQ"),
    "KS200": _on("XKRX", "KOSPI 200"),
    "KS50": _on("XKRX", "KOSPI 50"),
    "KS100": _on("XKRX", "KOSPI 100"),
    "IXIC": _on("XNYS", "Nasdaq Composite"),
    "GSPC": _on("XNYS", "S&P 500"),
    "DJI": _on("XNYS", "Dow Jones"),
    "VIX": _new_york("VIX", time(16, 15)),
    "US10Y": _us_yield("US 10-year yield"),
    "US3M_TBILL": _us_yield("US 3-month bill"),
    "US1MT": _us_yield("US 1-month yield"),
    "NG": _new_york("Natural gas futures", time(17, 0)),
    "GC": _new_york("Gold futures", time(17, 0)),
    "CL": _new_york("WTI futures", time(17, 0)),
    "HG": _new_york("Copper futures", time(17, 0)),
    "SI": _new_york("Silver futures", time(17, 0)),
    "DXY": _new_york("US dollar index", time(17, 0)),
    "USDKRW": _new_york("US dollar in won", time(12, 0)),
    "VCB": Publication("Vietcombank", "Asia/Ho_Chi_Minh", time(14, 45)),
    # Spot prices are dated days before the vendor publishes them.
    "NG_HH_SPOT": _new_york("Henry Hub spot", time(17, 0), lag_hours=192),
    "WTI_SPOT": _new_york("WTI spot", time(17, 0), lag_hours=192),
    "GOLD_LBMA_PM": Publication("Gold, LBMA PM", "Europe/London", time(15, 0), lag_hours=24),
}
