"""A fetched market folder: written from the parts, and read again for an update."""

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.base.errors import RollsightError, counted
from rollsight.base.files import write_bytes, write_file
from rollsight.base.own.ran import require_ran
from rollsight.base.toml import toml_key, toml_value
from rollsight.signals.folder.checks.dividends import DIVIDEND
from rollsight.signals.folder.settings import read_settings
from rollsight.signals.known.symbols import Publication
from rollsight.signals.rules.venue import Venue
from rollsight.signals.vendors.asked import NamedVendor
from rollsight.signals.vendors.closures import closures
from rollsight.signals.vendors.plan import FetchPlan, named
from rollsight.signals.vendors.vendor import USUAL, Stock

MARKER = "# Written by rollsight fetch, which appends new sessions when called with --update."
ASKED = "# Asked for: "
LISTING_COLUMNS = ("Code", "Name", "Market", "First", "Last", "Delisted", "DelistingDate")

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Collected:
    """What a fetched folder holds.

    Attributes
    ----------
    prices, indices
        of each code or symbol its rows, with vendor and dropped rows in ``attrs``
    """

    plan: FetchPlan
    prices: Tables
    indices: Tables


def is_ours(out: Path) -> bool:
    """Say whether a folder was written by a fetch."""
    path = out / "market.toml"
    return path.is_file() and path.read_text("utf-8-sig", errors="replace").startswith(MARKER)


def write_collected(
    out: Path,
    content: Collected,
    missing: tuple[str, ...],
    vendor: NamedVendor,
) -> tuple[str, ...]:
    """Write a market folder, each file in one step, and return its notes.

    Parameters
    ----------
    missing
        names of the stocks and indices that did not come
    vendor
        whose they are
    """
    venue, known = vendor.venue, content.plan.corrections
    closed = closures(content.prices, content.indices, venue.calendar, known)
    content = replace(content, plan=replace(content.plan, closed=closed))
    notes = _notes(content, missing, venue)
    write_table(_price_table(content), out / "prices.parquet")
    write_table(_index_table(content), out / "indices.parquet")
    listings = _listing_table(content).to_csv(index=False, lineterminator="\n")
    write_bytes(out / "listings.csv", listings.encode())
    write_bytes(out / "market.toml", _settings(content, notes, missing, vendor).encode())
    return notes


def read_collected(out: Path, end: date) -> Collected:
    """Return what a fetched folder holds, its plan set to an update up to ``end``.

    Raises
    ------
    RollsightError
        If its files were changed so that an update cannot tell what they are, or it is of a vendor
        of somebody's own that this user has not run.
    """
    settings = read_settings(out)
    try:
        text = (out / "market.toml").read_text("utf-8-sig")
        asked = json.loads(text.split("\n")[1][len(ASKED) :])
        require_ran(asked.get("vendor"), out / "market.toml")
        plan = replace(
            _read_plan(out, asked, end),
            closed=settings.closed,
            opened=settings.open,
            verified={s: e.verified for s, e in settings.indices.items() if e.verified},
        )
        prices = pd.read_parquet(out / "prices.parquet")
        _require_no_dividends(prices, out)
        indices = pd.read_parquet(out / "indices.parquet").set_index("Date")
        return Collected(
            plan,
            {str(c): _part(t, prices.attrs, str(c)) for c, t in prices.groupby("Code")},
            {
                str(s): _part(
                    indices[s].dropna().rename("Close").reset_index(), indices.attrs, str(s)
                )
                for s in indices
            },
        )
    except RollsightError:
        raise
    except (OSError, LookupError, ValueError, TypeError) as error:
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RollsightError(
            f"{out} was changed after it was fetched ({line}): fetch into a new folder"
        ) from error


def _require_no_dividends(prices: pd.DataFrame, out: Path) -> None:
    if DIVIDEND in prices:
        raise RollsightError(
            f"{out} has a column {DIVIDEND!r}, which no vendor gives: new sessions would have none "
            "of them; add sessions and their dividends to its table yourself, or delete the column"
        )


def _read_plan(out: Path, asked: dict[str, Any], end: date) -> FetchPlan:
    table = pd.read_csv(out / "listings.csv", dtype=str, keep_default_na=False)
    rows = zip(*(table[c] for c in ("Code", "Name", "Market", "DelistingDate")), strict=True)
    stocks = [Stock(c, n, m, date.fromisoformat(day) if day else None) for c, n, m, day in rows]
    wanted = set(asked["codes"])
    return FetchPlan(
        start=date.fromisoformat(asked["start"]),
        end=end,
        indices=tuple(asked["indices"]),
        stocks=tuple(s for s in stocks if s.code in wanted),
        gone=tuple(s for s in stocks if s.code not in wanted),
        top=asked["top"],
        market=asked["market"],
        delistings_known=asked["delistings_known"],
        update=True,
        unreached=tuple(asked["unreached"]),
        vendor=asked.get("vendor", USUAL),
    )


def _part(rows: pd.DataFrame, attrs: Mapping[Any, Any], name: str) -> pd.DataFrame:
    table = rows.reset_index(drop=True)
    table.attrs = dict(attrs.get(name, {}))
    return table


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table of a market folder in one step."""
    write_file(path, lambda beside: table.to_parquet(beside, index=False))


def _price_table(content: Collected) -> pd.DataFrame:
    table = pd.concat([content.prices[c] for c in sorted(content.prices)], ignore_index=True)
    table.attrs = _facts(content.prices)
    return table


def _index_table(content: Collected) -> pd.DataFrame:
    columns = {s: content.indices[s].set_index("Date")["Close"] for s in _came(content)}
    table = pd.DataFrame(columns).sort_index().rename_axis("Date").reset_index()
    table.attrs = _facts(content.indices)
    return table


def _came(content: Collected) -> list[str]:
    return [s for s in content.plan.indices if s in content.indices]


def _facts(tables: Tables) -> dict[Hashable | None, Any]:
    return {name: tables[name].attrs for name in sorted(tables) if any(tables[name].attrs.values())}


def _listing_table(content: Collected) -> pd.DataFrame:
    stocks = sorted({s.code: s for s in (*content.plan.gone, *content.plan.stocks)}.values(),
                    key=lambda s: s.code)  # fmt: skip
    rows = []
    for stock in stocks:
        dates = content.prices[stock.code]["Date"] if stock.code in content.prices else None
        first, last = ("", "") if dates is None else (dates.min().date(), dates.max().date())
        gone = stock.delisted is not None
        rows.append((stock.code, stock.name, stock.market, first, last, gone, stock.delisted or ""))
    return pd.DataFrame(rows, columns=list(LISTING_COLUMNS))


def _settings(
    content: Collected,
    notes: tuple[str, ...],
    missing: tuple[str, ...],
    vendor: NamedVendor,
) -> str:
    plan, venue = content.plan, vendor.venue
    unreached = [s.code for s in plan.gone if s.code in missing]
    asked = {
        "start": str(plan.start), "top": plan.top, "market": plan.market,
        "indices": plan.indices, "delistings_known": plan.delistings_known,
        "codes": [s.code for s in plan.stocks], "unreached": unreached,
    } | named(plan.vendor)  # fmt: skip
    lines = [MARKER, ASKED + json.dumps(asked), f'calendar = "{venue.calendar}"']
    lines += [f'currency = "{venue.currency}"', f'book = "{venue.book}"', *_corrections(plan)]
    lines += ["notes = [", *(f"  {toml_value(note)}," for note in notes), "]"]
    for symbol in _came(content):
        second = content.indices[symbol].attrs.get("vendor", "")
        published = None if second else vendor.publications.get(symbol)
        lines += entry_lines(symbol, published, plan.verified.get(symbol))
    return "\n".join(lines) + "\n"


def _corrections(plan: FetchPlan) -> list[str]:
    written = (("closed", plan.closed), ("open", plan.opened))
    return [f"{key} = {toml_value(days)}" for key, days in written if days]


def entry_lines(symbol: str, published: Publication | None, verified: str | None) -> list[str]:
    """Return what market.toml says of an index beside what its symbol is known for."""
    lines = []
    if published is not None:
        lines += [f"name = {toml_value(published.name)}"]
        lines += [f"timezone = {toml_value(published.timezone)}"]
        lines += [f"close = {published.close:%H:%M:%S}", f"lag_hours = {published.lag_hours:g}"]
        lines += [f"unit = {toml_value(published.unit)}"]
    if verified is not None:
        lines += [f"verified = {toml_value(verified)}"]
    return ["", f"[indices.{toml_key(symbol)}]", *lines] if lines else []


def _notes(content: Collected, missing: tuple[str, ...], venue: Venue) -> tuple[str, ...]:
    notes = [_chosen(content.plan, venue), _survivors(content, venue)]
    if content.plan.closed:
        days = ", ".join(str(day) for day in content.plan.closed)
        notes.append(
            "Sessions of the calendar without a row of any stock and a value of any index of the "
            f"exchange are taken for closed: {days}."
        )
    if missing:
        notes.append(f"Asked for and not had: {', '.join(missing)}.")
    for tables in (content.prices, content.indices):
        notes += _peculiar(tables)
    return tuple(n for n in notes if n)


def _chosen(plan: FetchPlan, venue: Venue) -> str:
    if plan.top is None:
        return "The stocks were named by the user: whoever knows today which did well is flattered."
    return venue.chosen.format(n=len(plan.stocks))


def _survivors(content: Collected, venue: Venue) -> str:
    plan = content.plan
    if venue.survivors and not plan.gone:
        return venue.survivors
    if not plan.delistings_known:
        return (
            "The list of delisted stocks could not be had: how many are missing is unknown, and "
            "results suffer from survivorship bias."
        )
    if plan.top is None:
        return ""
    absent = sum(s.code not in content.prices for s in plan.gone)
    return (
        f"Of {counted(len(plan.gone), 'common stock')} delisted since {plan.start}, {absent} could "
        "not be had: results suffer from survivorship bias to that extent."
    )


def _peculiar(tables: Tables) -> list[str]:
    notes = []
    other = [
        f"{n} ({t.attrs['vendor']})" for n, t in sorted(tables.items()) if t.attrs.get("vendor")
    ]
    if other:
        notes.append(
            f"From a second vendor, as the first could not be reached: {', '.join(other)}."
        )
    dropped = [t.attrs["dropped"] for t in tables.values() if t.attrs.get("dropped")]
    if dropped:
        notes.append(
            f"{counted(sum(dropped), 'row')} of {counted(len(dropped), 'stock')} lay on dates that "
            "are no session, or were no bars, and were dropped."
        )
    capped = [n for n, t in sorted(tables.items()) if t.attrs.get("capped")]
    if capped:
        notes.append(f"The vendor gives 6000 sessions at most; cut short: {', '.join(capped)}.")
    return notes
