"""Write a market folder from a vendor: whole, or with the names of what is missing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.base.progress import Progress, silent
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.vendors import series
from rollsight.signals.vendors.asked import NamedVendor
from rollsight.signals.vendors.collected import Collected, is_ours, read_collected, write_collected
from rollsight.signals.vendors.members import vendor_of
from rollsight.signals.vendors.parts import FOLDER, Kind, Parts
from rollsight.signals.vendors.plan import (
    FetchPlan,
    Request,
    asked_for,
    check,
    plan_of,
    renamed,
    with_delistings,
)
from rollsight.signals.vendors.span import Span, span_of
from rollsight.signals.vendors.update import FetchSeries, appended
from rollsight.signals.vendors.vendor import (
    DEFAULT_POLICY,
    FetchError,
    MissingError,
    RequestPolicy,
    Stock,
)

SHOWN = 5  # reasons that one line names


@dataclass(frozen=True)
class Fetched:
    """What came.

    Attributes
    ----------
    missing
        a line for each series that did not come: its name and the reason
    remarks
        a line for each series that the vendor rewrote, or that was asked for by another name
    notes
        sentences that the folder's market.toml repeats
    """

    out: Path
    n_stocks: int
    n_indices: int
    missing: tuple[str, ...]
    remarks: tuple[str, ...]
    notes: tuple[str, ...]


def fetch(
    request: Request, policy: RequestPolicy = DEFAULT_POLICY, progress: Progress = silent
) -> Fetched:
    """Fetch a market folder, or go on with one that was interrupted.

    Raises
    ------
    RollsightError
        If the request cannot be right, or ``out`` holds something else.
    FetchError
        If nothing usable came; what came is kept for the next call.
    """
    parts, vendor = Parts(request.out), vendor_of(request.vendor, policy)
    check(request, vendor.venue)
    span_of(request.start, request.end or request.yesterday, venue=vendor.venue)
    _check_out(request.out)
    asked = asked_for(request)
    with _room(request.out):
        plan = _resumed(parts, asked, request)
        if plan is None or not plan.delistings_known:
            plan, troubles = plan_of(vendor, request, plan)
            parts.begin(asked, plan)
        else:
            troubles = []
        work = _Collection(vendor, parts, plan, None)
        return work.finish(request.out, troubles, renamed(request.indices), progress)


def update(
    out: Path, end: date, policy: RequestPolicy = DEFAULT_POLICY, progress: Progress = silent
) -> Fetched:
    """Append new sessions to a fetched folder, and fetch again what its vendor rewrote.

    Raises
    ------
    RollsightError
        If ``out`` is no folder that a fetch wrote.
    """
    parts = Parts(out)
    if not is_ours(out):
        began = (
            "holds an unfinished fetch" if parts.asked() else "was not written by rollsight fetch"
        )
        raise RollsightError(f"{out} {began}: call rollsight fetch without --update first")
    old = read_collected(out, end)
    newest = max(table["Date"].iloc[-1].date() for table in old.prices.values())
    if end < newest:
        raise RollsightError(
            f"end={end} lies before the newest row ({newest}) of {out}: give a later end, or fetch "
            "into a new folder"
        )
    asked, vendor = {"update": str(end)}, vendor_of(old.plan.vendor, policy)
    with _room(out):
        if parts.asked() == asked:
            plan, troubles = parts.plan(), list[str]()
        else:
            parts.remove()
            plan, troubles = with_delistings(vendor, old.plan)
            parts.begin(asked, plan)
        return _Collection(vendor, parts, plan, old).finish(out, troubles, [], progress)


class _Collection:
    """One fetch or update: asks for every series that is not there yet."""

    def __init__(
        self, vendor: NamedVendor, parts: Parts, plan: FetchPlan, old: Collected | None
    ) -> None:
        self.vendor, self.parts, self.plan, self.old = vendor, parts, plan, old
        self.span = span_of(plan.start, plan.end, plan.corrections, vendor.venue)
        self.missing: dict[str, str] = {}
        self.prices: dict[str, pd.DataFrame] = {}
        self.indices: dict[str, pd.DataFrame] = {}
        self.rewritten: list[str] = []

    def finish(
        self, out: Path, troubles: list[str], remarks: list[str], progress: Progress
    ) -> Fetched:
        """Ask, write the folder, and say what is missing."""
        self._ask_all(progress)
        lines = [*troubles, *(f"{name}: {reason}" for name, reason in self.missing.items())]
        if not self.prices or not self.indices:
            what = "no stock" if not self.prices else "no index"
            shown = "; ".join(lines[:SHOWN]) if lines else "none was asked for"
            more = f"; and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
            raise FetchError(f"{what} came of {out}: {shown}{more}")
        content = Collected(self.plan, self.prices, self.indices)
        notes = write_collected(out, content, tuple(self.missing), self.vendor)
        if not lines or self.old is not None:
            self.parts.remove()
        return Fetched(
            out, len(self.prices), len(self.indices), tuple(lines),
            (*remarks, *self.rewritten), notes,
        )  # fmt: skip

    def _ask_all(self, progress: Progress) -> None:
        # References come before the series that are held against them.
        indices = sorted(self.plan.indices, key=lambda s: (_depth(s), self.plan.indices.index(s)))
        for done, symbol in enumerate(indices, 1):
            self._take("indices", symbol, partial(self._index, symbol))
            progress("indices", done, len(indices))
        stocks = (*self.plan.stocks, *self.plan.gone)
        for done, stock in enumerate(stocks, 1):
            self._take_stock(stock)
            progress("stocks", done, len(stocks))

    def _take_stock(self, stock: Stock) -> None:
        if stock not in self.plan.gone:
            # In an update, the vendor may have forgotten a stock that has left the exchange.
            left = self.old is not None and stock.delisted is not None
            self._take("prices", stock.code, partial(self._stock, stock), gone=left)
        elif self.old is not None and stock.code not in self.plan.unreached:
            # A delisted stock's rows are final, and what no vendor had then is not had now.
            if stock.code in self.old.prices:
                self.prices[stock.code] = self.old.prices[stock.code]
        elif not self.parts.lacks(stock.code):
            self._take("prices", stock.code, partial(self._stock, stock), gone=True)

    def _take(
        self, kind: Kind, name: str, ask: Callable[[], pd.DataFrame], *, gone: bool = False
    ) -> None:
        table = self.parts.read(kind, name)
        if table is None:
            try:
                table = ask()
            except FetchError as error:
                if gone and isinstance(error, MissingError):
                    self.parts.mark_missing(name, str(error))
                else:
                    self.missing[name] = str(error)
                table = self._kept(kind, name)
            else:
                self.parts.write(kind, name, table)
        if table is not None:
            into = self.indices if kind == "indices" else self.prices
            self._note_rewritten(name, table)
            into[name] = table

    def _kept(self, kind: Kind, name: str) -> pd.DataFrame | None:
        if self.old is None:
            return None
        return (self.old.indices if kind == "indices" else self.old.prices).get(name)

    def _note_rewritten(self, name: str, table: pd.DataFrame) -> None:
        change = table.attrs.pop("rewritten", None)
        if change:
            self.rewritten.append(f"{name}: the vendor rewrote its history {change}: fetched anew")

    def _index(self, symbol: str) -> pd.DataFrame:
        def ask(span: Span, source: str | None) -> tuple[pd.DataFrame, str]:
            return series.index_series(self.vendor, symbol, span, source)

        table = self._renewed("indices", symbol, ask, self.vendor.sources(symbol)[0])
        references = {name: series.closes_of(t) for name, t in self.indices.items()}
        published = series.published(self.vendor, symbol)
        series.check_index(table, symbol, self.span, references, published)
        return table

    def _stock(self, stock: Stock) -> pd.DataFrame:
        def ask(span: Span, source: str | None) -> tuple[pd.DataFrame, str]:
            return series.stock_series(self.vendor, stock, span, source)

        table = self._renewed("prices", stock.code, ask, self.vendor.sources(stock)[0])
        series.check_stock(table, stock, self.span)
        return table

    def _renewed(self, kind: Kind, name: str, ask: FetchSeries, usual: str) -> pd.DataFrame:
        """Return a series, new or appended to, with what a folder keeps of its origin."""
        old, change = self._kept(kind, name), None
        if old is None:
            table, vendor = ask(self.span, None)
            count = len(table.attrs.get("dropped", []))
        else:
            start = old.copy()
            start.attrs = {"source": old.attrs.get("vendor") or usual, "dropped": []}
            table, change = appended(start, ask, self.span)
            vendor = table.attrs["source"]
            count = len(table.attrs.get("dropped", []))
            count += 0 if change else old.attrs.get("dropped", 0)
        capped = bool(table.attrs.get("capped") or (old is not None and old.attrs.get("capped")))
        table.attrs = {"vendor": "" if vendor == usual else vendor, "dropped": count}
        table.attrs |= {"capped": capped} | ({"rewritten": change} if change else {})
        return table


def _depth(symbol: str) -> int:
    reference = SYMBOLS[symbol].reference
    return 0 if reference is None else 1 + _depth(reference[0])


def _resumed(parts: Parts, asked: dict[str, Any], request: Request) -> FetchPlan | None:
    before = parts.asked()
    if before is None:
        return None
    if "update" in before:
        raise RollsightError(f"{request.out} holds an unfinished update: call with --update")
    different = [k for k in {**asked, **before} if asked.get(k) != before.get(k)]
    if different:
        key = different[0]
        raise RollsightError(
            f"{request.out} holds an unfinished fetch with {key}={before.get(key)!r}, not "
            f"{asked.get(key)!r}: repeat that call, or delete {parts.folder}"
        )
    return parts.plan()


def _check_out(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise RollsightError(f"{out} is a file: name a folder")
    began = (out / FOLDER / "plan.json").is_file()
    if is_ours(out) and not began:
        raise RollsightError(
            f"{out} is fetched already: append new sessions with --update, or name another folder"
        )
    foreign = [] if began or not out.is_dir() else sorted(p.name for p in out.iterdir())
    if [name for name in foreign if name != FOLDER]:
        raise RollsightError(
            f"{out} holds {foreign[0]!r} and was not written by rollsight fetch: name a new folder"
        )


@contextmanager
def _room(out: Path) -> Iterator[None]:
    """Turn a failing disk into one line; a folder that nothing came into is not left behind."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise FetchError(
            f"{out} cannot be written ({error.strerror or error}): what came is kept; "
            "make room and call again"
        ) from error
    finally:
        if out.is_dir() and not any(out.iterdir()):
            out.rmdir()
