"""The vendors' wire formats on loopback, behind an unmodified FinanceDataReader."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pandas as pd
import requests

from rollsight.signals.vendors.vendor import RequestPolicy
from tests.support.markets import sessions_between

FIRST, LAST = np.datetime64("2023-01-02"), np.datetime64("2024-01-12")
QUICK = RequestPolicy(rate=1e6, tries=3, backoff=0.0, timeout=2.0, give_up=5)
NOWHERE = 9  # the discard port: nothing listens there

LEVELS = {
    "KS11": 2500, "KQ11": 800, "KS200": 330, "^IXIC": 13_000, "^GSPC": 4300, "^VIX": 18,
    "KRW=X": 1300, "NG=F": 3, "GC=F": 1900, "SI=F": 24, "VCB.VN": 85_000, "DGS1MO": 5,
}  # fmt: skip
OPENS = {  # of a Yahoo bar: time zone and hour of its stamp
    "KRW=X": ("Europe/London", 0), "VCB.VN": ("Asia/Ho_Chi_Minh", 9),
    **dict.fromkeys(("NG=F", "GC=F", "SI=F"), ("America/New_York", 0)),
}  # fmt: skip
FACTORS = {"KQ11": 0.6, "KS11": 1.0, "KS200": 1.0, "^GSPC": 1.0, "^IXIC": 1.0, "^VIX": -2.0}
KRX_INDEX = ("KS11", "KQ11", "KS200")


@dataclass
class Vendors:
    """What the vendors hold, how they misbehave, and what they were asked.

    Attributes
    ----------
    bars
        of each stock's code or vendor symbol, its bars by true date
    pages
        of a request's key, what it answers to a query
    faults
        of a request's key, what its next answers are: 404, 429, 500, empty, truncated, hang
    down
        hosts that refuse the connection
    asked
        keys of the requests so far
    interrupt_at
        number of the request at which the user presses Ctrl-C
    """

    bars: dict[str, pd.DataFrame]
    listing: pd.DataFrame
    delisting: pd.DataFrame
    pages: dict[str, Callable[[dict[str, list[str]]], bytes]] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    interrupt_at: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def rewritten(self, url: str, port: int) -> str:
        """Return the loopback address of a request, and take note of it."""
        parts = urlsplit(url)
        self.asked.append(key_of(url))
        if len(self.asked) == self.interrupt_at:
            raise KeyboardInterrupt
        port = NOWHERE if "*" in self.down or parts.hostname in self.down else port
        return f"http://127.0.0.1:{port}/{parts.hostname}{parts.path}?{parts.query}"


def key_of(url: str) -> str:
    """Return what a request is about: a code, a vendor's symbol, ks11/2023, a list's name."""
    parts = urlsplit(url)
    query, path = parse_qs(parts.query), parts.path.rsplit("/", 2)
    if "symbol" in query or "id" in query:
        return query.get("symbol", query.get("id", []))[0]
    if path[-1].endswith(".csv"):
        year = f"/{path[-1][:4]}" if "year_" in path[-2] else ""
        return f"{path[-2].removeprefix('year_')}{year}"
    return "work date" if path[-1].endswith(".cmd") else unquote(path[-1])


def small_vendors(n_stocks: int = 4) -> Vendors:
    """Return vendors of some stocks, one delisted stock, and all that the preset looks at."""
    codes = [f"{10 * (i + 1):06d}" for i in range(n_stocks)]
    return Vendors(dict(_all_bars(tuple(codes))), _listing(codes), _delisting())


@cache
def _all_bars(codes: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(7)
    days = pd.bdate_range(FIRST, LAST)
    shocks = pd.Series(0.01 * rng.standard_normal(len(days)), index=days)
    bars = {}
    for symbol, level in LEVELS.items():
        noise = 0.004 * rng.standard_normal(len(dates := dates_of(symbol)))
        moves = FACTORS.get(symbol, 0.0) * shocks.reindex(dates).to_numpy() + noise
        bars[symbol] = bars_of(level * np.exp(np.cumsum(moves)), dates, rng).round(2)
    seoul = dates_of("KS11")
    for code in (*codes, "900010"):
        walk = 10_000 * np.exp(np.cumsum(0.02 * rng.standard_normal(len(seoul))))
        bars[code] = bars_of(walk, seoul, rng).round().astype("int64")
    bars["900010"] = bars["900010"][:"2023-09-15"]
    suspended = bars[codes[0]].index[40:45]
    bars[codes[0]].loc[suspended, ["Open", "High", "Low", "Volume"]] = 0
    return bars


@contextmanager
def replayed(vendors: Vendors) -> Iterator[Vendors]:
    """Serve the vendors on loopback to requests and urllib while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"of": vendors}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    port = server.server_address[1]
    adapter, opener = _adapter(vendors, port), urllib.request.build_opener(_https(vendors, port))
    plain, before = requests.Session.get_adapter, urllib.request._opener
    requests.Session.get_adapter = lambda *_, **__: adapter
    urllib.request.install_opener(opener)
    try:
        yield vendors
    finally:
        requests.Session.get_adapter = plain
        urllib.request.install_opener(before)
        vendors.closing.set()
        server.shutdown()
        server.server_close()
        adapter.close()


def _adapter(vendors: Vendors, port: int) -> requests.adapters.HTTPAdapter:
    class Loopback(requests.adapters.HTTPAdapter):
        def send(self, request: Any, **settings: Any) -> requests.Response:
            request.url = vendors.rewritten(request.url, port)
            return super().send(request, **{**settings, "proxies": {}})

    return Loopback()


def _https(vendors: Vendors, port: int) -> urllib.request.BaseHandler:
    class Loopback(urllib.request.HTTPSHandler):
        def https_open(self, request: urllib.request.Request) -> Any:
            plain = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            return plain.open(vendors.rewritten(request.full_url, port), timeout=request.timeout)

    return Loopback()


class _Handler(BaseHTTPRequestHandler):
    of: Vendors

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        host, _, rest = self.path[1:].partition("/")
        url = f"https://{host}/{rest}"
        waiting = self.of.faults.get(key_of(url), [])
        fault = waiting.pop(0) if waiting else ""
        if fault == "hang":
            self.of.closing.wait(5)
            return
        status, headers, body = 200, {}, b""
        if fault.isdigit():
            status, body = int(fault), b"no"
        elif fault != "empty":
            status, headers, body = _answer(self.of, host, url)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "truncated" else body)


def _answer(vendors: Vendors, host: str, url: str) -> tuple[int, dict[str, str], bytes]:
    key = key_of(url)
    query = parse_qs(urlsplit(url).query)
    if key == "work date":
        body = {"result": {"output": [{"max_work_dt": "20240112"}]}}
        return 200, {}, json.dumps(body).encode()
    if key in {"krx", "delisting"}:
        table = vendors.listing if key == "krx" else vendors.delisting
        return 200, {}, table.to_csv().encode("utf-8-sig")
    if key in vendors.pages:
        return 200, {}, vendors.pages[key](query)
    if "/" in key:
        return _cache(vendors, key)
    bars = vendors.bars.get(key)
    if host.startswith("fchart"):
        return 200, {}, _naver(key, bars)
    if bars is None:
        return (404, {}, b"{}") if "yahoo" in host else (200, {}, b"<html></html>")
    if "yahoo" in host:
        return 200, {}, _yahoo(key, bars, query)
    return 200, *_fred(key, bars, query)


def _naver(code: str, bars: pd.DataFrame | None) -> bytes:
    items = "" if bars is None else "\n".join(
        f'<item data="{day:%Y%m%d}|{r.Open}|{r.High}|{r.Low}|{r.Close}|{r.Volume}" />'
        for day, r in zip(bars.index, bars.itertuples(), strict=True)
    )  # fmt: skip
    text = f'<?xml version="1.0" encoding="EUC-KR" ?>\n<protocol>\n<chartdata symbol="{code}" '
    text += f'name="종목" count="6000" timeframe="day">\n{items}\n</chartdata>\n</protocol>'
    return text.encode("euc-kr")


def _yahoo(symbol: str, bars: pd.DataFrame, query: dict[str, list[str]]) -> bytes:
    zone, hour = OPENS.get(symbol, ("America/New_York", 9))
    zone = "Asia/Seoul" if symbol.endswith((".KS", ".KQ", "^KS11")) else zone
    stamps = (bars.index + pd.Timedelta(hours=hour)).tz_localize(zone)
    seconds = np.array([int(s.timestamp()) for s in stamps])
    inside = (seconds >= int(query["period1"][0])) & (seconds < int(query["period2"][0]))
    quote = {c.lower(): bars[c][inside].tolist() for c in bars}
    result: dict[str, Any] = {
        "meta": {"currency": "USD", "symbol": symbol},
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": quote["close"]}]},
    }
    if inside.any():
        result["timestamp"] = seconds[inside].tolist()
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def _fred(
    name: str, bars: pd.DataFrame, query: dict[str, list[str]]
) -> tuple[dict[str, str], bytes]:
    closes = bars["Close"][query["cosd"][0] : query["coed"][0]]
    lines = [f"observation_date,{name}", *(f"{d:%Y-%m-%d},{v}" for d, v in closes.items())]
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return headers, "\n".join(lines).encode()


def _cache(vendors: Vendors, key: str) -> tuple[int, dict[str, str], bytes]:
    name, year = key.upper().split("/")
    if name not in vendors.bars:
        return 404, {}, b""
    bars = vendors.bars[name].loc[year]
    table = bars.assign(UpDown=1, Comp=0.1, Change=0.01).rename_axis("Date")
    columns = ["Close", "UpDown", "Comp", "Change", "Open", "High", "Low", "Volume"]
    return (200 if len(table) else 404), {}, table[columns].to_csv().encode("utf-8-sig")


def dates_of(symbol: str) -> pd.DatetimeIndex:
    if symbol in {"KRW=X", "VCB.VN"}:
        return pd.bdate_range(FIRST, LAST)
    calendar = "XKRX" if symbol in KRX_INDEX else "XNYS"
    return pd.DatetimeIndex(sessions_between(FIRST, LAST, calendar=calendar)).as_unit("ns")


def bars_of(
    close: np.ndarray[Any, Any], dates: pd.DatetimeIndex, rng: np.random.Generator
) -> pd.DataFrame:
    opened = close * np.exp(0.005 * rng.standard_normal(len(close)))
    return pd.DataFrame(
        {
            "Open": opened,
            "High": 1.01 * np.maximum(opened, close),
            "Low": 0.99 * np.minimum(opened, close),
            "Close": close,
            "Volume": rng.integers(1_000, 100_000, len(close)),
        },
        index=dates,
    )


def _listing(codes: list[str]) -> pd.DataFrame:
    names = [f"회사{code}" for code in codes]
    segments = ["KOSPI", "KOSDAQ", "KOSDAQ GLOBAL"]
    rows = [
        (code, name, segments[i % 3], 1_000_000 - i)
        for i, (code, name) in enumerate(zip(codes, names, strict=True))
    ]
    # A preferred share, a SPAC and a KONEX share, all of great value: none is wanted.
    rows += [("000015", "회사우", "KOSPI", 10**9), ("800010", "하나1호스팩", "KOSDAQ", 10**9)]
    rows += [("800020", "작은회사", "KONEX", 10**9)]
    table = pd.DataFrame(rows, columns=["Code", "Name", "Market", "Marcap"])
    return table.assign(ISU_CD="KR7", Dept="", ChangeCode="1", Close=1, Stocks=1, MarketId="STK")


def _delisting() -> pd.DataFrame:
    rows = [
        ("900010", "떠난회사", "KOSPI", "주권", "보통주", "2000-01-04", "2023-09-18"),
        ("900020", "사라진회사", "KOSDAQ", "주권", "보통주", "2001-01-04", "2023-05-02"),
        ("900030", "옛회사", "KOSDAQ", "주권", "보통주", "2001-01-04", "2015-05-04"),
        ("900045", "떠난회사우", "KOSPI", "주권", "우선주", "2000-01-04", "2023-09-18"),
        ("900050", "한빛2호스팩", "KOSDAQ", "주권", "보통주", "2021-01-04", "2023-05-02"),
        ("000020", "옮긴회사", "KOSDAQ", "주권", "보통주", "2005-01-04", "2023-06-01"),
    ]
    columns = ["Symbol", "Name", "Market", "SecuGroup", "Kind", "ListingDate", "DelistingDate"]
    table = pd.DataFrame(rows, columns=columns)
    extra = ("ArrantEnforceDate", "ArrantEndDate", "ParValue", "ListingShares", "ToSymbol")
    return table.assign(**dict.fromkeys(extra, ""))
