"""A market folder's tables as they stand, read once and validated."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.base.toml import toml_key, toml_value
from rollsight.signals.folder import tables
from rollsight.signals.folder.listings import check_listings
from rollsight.signals.folder.settings import MarketToml, read_settings
from rollsight.signals.folder.tablefiles import find_table
from rollsight.signals.folder.volumes import check_volumes
from rollsight.signals.known.calendar import SHOWN
from rollsight.signals.rules.venue import VENUES

EMBEDDED = {"sample": "sample_market", "planted": "planted_market"}  # folders of the package
MEMORY = "<memory>"  # market.folder of a run whose market was in memory
NO_INDICES = pd.DataFrame(index=pd.DatetimeIndex([], name="Date"))


@dataclass(frozen=True, eq=False)
class Folder:
    """What a market folder holds, not yet laid on the sessions of an exchange.

    Attributes
    ----------
    prices
        one row a stock and session, as `tables.read_prices` returns it
    indices
        one column a symbol, by own date; none where the folder has no such file
    listings
        one row a code; empty where the folder has none
    settings
        what market.toml says
    going_on
        codes that have rows behind the day at which the tables were cut off
    """

    path: Path
    prices: pd.DataFrame
    indices: pd.DataFrame
    listings: pd.DataFrame
    settings: MarketToml
    going_on: frozenset[str] = frozenset()

    def table(self, stem: str) -> Path:
        """Return the path of a table, by which messages name it.

        Raises
        ------
        RollsightError
            If there is none such.
        """
        return table_path(self.path, stem)

    def opened(self, days: Sequence[date]) -> str:
        """Return how to say that the exchange was open on some days."""
        if self.path == Path(MEMORY):
            listed = [str(day) for day in days] if len(days) <= SHOWN else "[...] with those days"
            return f"give rollsight.market open={listed}"
        some = f"write open = {toml_value(days)}" if len(days) <= SHOWN else "add them to open"
        return f"{some} in market.toml"


def entry_of(symbol: str, path: Path) -> str:
    """Return where a market says when values of an index become known, by the path of a table."""
    if not path.suffix:  # a table in memory has no file
        return f"published[{symbol!r}] of rollsight.market"
    return f"[indices.{toml_key(symbol)}] of market.toml"


def market_folder(folder: str) -> Path:
    """Return the path of a market folder; ``sample`` and ``planted`` are embedded.

    Raises
    ------
    RollsightError
        If there is no such folder.
    """
    if folder in EMBEDDED:
        return Path(str(resources.files("rollsight.signals") / EMBEDDED[folder]))
    if folder == MEMORY:
        raise RollsightError(
            f"market.folder={MEMORY!r}: the market of this run was in memory: have "
            "market.write(DIR) write it as a folder, and make the run again with --market DIR, "
            "which keeps its networks; in Python, give the market itself as market="
        )
    path = Path(folder)
    if not path.is_dir():
        venue = path.name if path.name in VENUES else "krx (or us)"
        raise RollsightError(
            f"market.folder={folder!r} is no folder: rollsight fetch {venue} --out {folder} writes "
            f"it, rollsight import FILES --out {folder} makes it of your own files; or name "
            "another (--market DIR), such as 'sample'"
        )
    return path


def read_folder(name: str) -> Folder:
    """Read a market folder.

    Raises
    ------
    RollsightError
        If a file is missing, holds what cannot be right, or is written while it is read.
    """
    path = market_folder(name)
    with _undisturbed(path):
        prices = tables.read_prices(table_path(path, "prices"))
        check_volumes(prices, table_path(path, "prices"))
        listed, indices = find_table(path, "listings"), find_table(path, "indices")
        listings = tables.read_listings(listed)
        if listed is not None:
            check_listings(listings, prices, listed)
        return Folder(
            path=path,
            prices=prices,
            indices=NO_INDICES if indices is None else tables.read_indices(indices),
            listings=listings,
            settings=read_settings(path),
        )


def table_path(folder: Path, stem: str) -> Path:
    """Return the folder's table of that name, or raise where it has none."""
    path = find_table(folder, stem)
    if path is None:
        have = sorted(p.name for p in folder.iterdir())[:10]
        raise RollsightError(
            f"{folder} has no {stem}.parquet or {stem}.csv (have {have}): write one of them"
        )
    return path


@contextmanager
def _undisturbed(folder: Path) -> Iterator[None]:
    before = _state(folder)
    try:
        yield
    finally:
        # Half of one version and half of another may look right, or fail for no reason to be seen.
        now = _state(folder)
        if now != before:
            names = sorted({name for name, *_ in set(now) ^ set(before)})
            raise RollsightError(
                f"{folder}: {', '.join(names)} changed while it was read: wait until the writing "
                "is done, and run again"
            )


def _state(folder: Path) -> list[tuple[str, int, int]]:
    stems = ("prices", "indices", "listings", "market")
    files = [folder / f"{s}{e}" for s in stems for e in (".parquet", ".csv", ".toml")]
    states = [(p.name, p.stat()) for p in files if p.is_file()]
    return [(name, state.st_size, state.st_mtime_ns) for name, state in states]
