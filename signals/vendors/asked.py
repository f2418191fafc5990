"""A vendor asked, and its answers held to what a table of it has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.known.symbols import Publication
from rollsight.signals.rules.venue import KRX, VENUES, Venue
from rollsight.signals.vendors.span import Span
from rollsight.signals.vendors.vendor import (
    FetchError,
    MissingError,
    Stock,
    UnreachableError,
    Vendor,
)

T = TypeVar("T")
LISTED = ("Code", "Name", "Market")


@dataclass(frozen=True, eq=False)
class NamedVendor:
    """A vendor with its name, of which each fault is one line.

    Attributes
    ----------
    name
        a key of VENDORS, or "package.module:name" of a user's own
    """

    name: str
    vendor: Vendor

    @property
    def publications(self) -> Mapping[str, Publication]:
        """When the values of its usual sources become known, where that differs."""
        found: Mapping[str, Publication] = getattr(self.vendor, "publications", {})
        return found

    @property
    def venue(self) -> Venue:
        """Where its stocks are traded.

        Raises
        ------
        RollsightError
            If it names none that is known.
        """
        name = getattr(self.vendor, "venue", KRX.name)
        if name not in VENUES:
            raise RollsightError(
                f"vendor {self.name!r} has venue={name!r} {did_you_mean(str(name), VENUES)}"
            )
        return VENUES[name]

    def listed(self) -> pd.DataFrame:
        """Return today's stocks: Code, Name, Market."""
        return self._list(self.vendor.listed, LISTED)

    def delisted(self) -> pd.DataFrame:
        """Return the stocks that are gone: Code, Name, Market, DelistingDate."""
        return self._list(self.vendor.delisted, (*LISTED, "DelistingDate"))

    def sources(self, of: Stock | str) -> tuple[str, ...]:
        """Return by which names it has a stock or an index, one at least.

        Raises
        ------
        MissingError, UnreachableError
            If it has none.
        """
        found = self._asked(lambda: self.vendor.sources(of))
        names = tuple(found) if isinstance(found, list | tuple) else ()
        if not names or not all(isinstance(name, str) and name for name in names):
            raise MissingError(f"vendor {self.name!r} has no source of it (it says {found!r})")
        return names

    def rows(self, source: str, span: Span) -> pd.DataFrame:
        """Return the rows of a source, by date without a time of day.

        Raises
        ------
        MissingError, UnreachableError
            If none came, or what came are no rows by date.
        """
        found = self._table(lambda: self.vendor.rows(source, span))
        if not len(found):
            raise MissingError(f"vendor {self.name!r} answers {source!r} without a row")
        table = found.set_axis(self._dates(found))
        table.attrs = {"capped": bool(found.attrs.get("capped"))}
        return table

    def _dates(self, table: pd.DataFrame) -> pd.DatetimeIndex:
        given = table.index
        try:
            if pd.api.types.is_numeric_dtype(given):
                raise TypeError
            days = pd.to_datetime(
                given, format=None if isinstance(given, pd.DatetimeIndex) else "ISO8601"
            )
            dates = pd.DatetimeIndex(days)
        except (ValueError, TypeError) as error:
            raise MissingError(
                f"refused: the rows of vendor {self.name!r} begin with {given[0]!r}, which is no "
                "date"
            ) from error
        if dates.tz is not None or dates.hasnans:
            what = "lack one" if dates.hasnans else f"are in the time zone {dates.tz}"
            raise MissingError(f"refused: the dates of vendor {self.name!r} {what}")
        return dates.normalize().as_unit("ns")

    def _list(self, ask: Callable[[], pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
        found = self._table(ask)
        absent = [column for column in columns if column not in found]
        if absent:
            raise UnreachableError(f"the list of stocks has no column {absent[0]!r}")
        return found[list(columns)]

    def _table(self, ask: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        found = self._asked(ask)
        if not isinstance(found, pd.DataFrame):
            raise UnreachableError(
                f"vendor {self.name!r} answers a {type(found).__name__}, and no DataFrame"
            )
        return found

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except FetchError:
            raise
        except Exception as error:  # whatever a user's own may raise
            text = " ".join(str(error).split())
            raise UnreachableError(
                f"vendor {self.name!r} failed with {type(error).__name__}: {text}"
            ) from error
