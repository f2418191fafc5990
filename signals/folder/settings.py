"""What a market folder says of itself in market.toml."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.base.faults import rule_of, value_text
from rollsight.base.toml import read_toml, toml_key
from rollsight.signals.known.corrections import Corrections
from rollsight.signals.known.symbols import SYMBOLS, Publication
from rollsight.signals.rules.rulebook import BookName
from rollsight.signals.spec import Spec


class IndexEntry(Spec):
    """When the values of one index become known; what is unset is as the symbol is known for."""

    name: str | None = None
    calendar: str | None = None
    timezone: str | None = None
    close: time | None = None
    lag_hours: float | None = Field(None, ge=-72, le=2400)  # below 0 where values are dated late
    unit: Literal["price", "percent"] | None = None
    # Where that time is documented, in one line.
    verified: str | None = Field(None, pattern=r"^[^\r\n]*\S[^\r\n]*$")

    @property
    def clock(self) -> bool:
        """The entry says itself by which clock values become known."""
        return not (self.calendar is None and self.timezone is None and self.close is None)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            return value if value is None else ZoneInfo(value).key
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("is no time zone; write one such as Asia/Seoul") from error


class MarketToml(Spec):
    """What a folder says of itself."""

    notes: tuple[str, ...] = ()
    calendar: str | None = None
    currency: str | None = None
    book: BookName | None = None
    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()
    indices: dict[str, IndexEntry] = Field(default_factory=dict)

    @property
    def corrections(self) -> Corrections:
        """The days on which the stocks' exchange was closed or open against its calendar."""
        return Corrections(self.closed, self.open)

    @model_validator(mode="after")
    def _not_both(self) -> "MarketToml":
        both = sorted({*self.closed} & {*self.open})
        if both:
            raise ValueError(f"{both[0]} stands in closed and in open: delete it from either")
        return self


def read_settings(folder: Path) -> MarketToml:
    """Return what the folder's market.toml says; without one, nothing.

    Raises
    ------
    RollsightError
        If it is no TOML in UTF-8, or has a key or value that is not allowed.
    """
    path = folder / "market.toml"
    return settings_of(read_toml(path), str(path)) if path.is_file() else MarketToml()


def settings_of(content: Mapping[str, Any], where: str, *, entries: str = "indices") -> MarketToml:
    """Return what settings say.

    Parameters
    ----------
    where, entries
        what messages call them, and their part about indices

    Raises
    ------
    RollsightError
        If there is a key or value that is not allowed.
    """
    try:
        return MarketToml.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        parts = [str(part) for part in first["loc"]]
        key = ".".join([entries if part == "indices" else part for part in parts[:1]] + parts[1:])
        if first["type"] == "extra_forbidden":
            entry = len(first["loc"]) > 1
            have = (IndexEntry if entry else MarketToml).model_fields
            leaf = key.split(".")[-1]
            hint = did_you_mean(leaf, have)
            if entry and leaf in MarketToml.model_fields:
                hint = "there: write it above the first [indices...] of the file"
            raise RollsightError(f"{where} has a key {key!r} that is not known {hint}") from error
        message = rule_of(error)
        if not key:
            raise RollsightError(f"{where}: {message}") from error
        raise RollsightError(f"{where}: {key}={value_text(first['input'])}: {message}") from error


def publication(symbol: str, settings: MarketToml, folder: Path) -> Publication:
    """Return when an index becomes known: as market.toml says, or as the symbol is known for.

    Raises
    ------
    RollsightError
        If neither says it.
    """
    entry = settings.indices.get(symbol)
    if entry is None:
        if symbol in SYMBOLS:
            return SYMBOLS[symbol].publication
        raise RollsightError(
            f"index {symbol!r} is unknown: say in {folder / 'market.toml'} when its values become "
            f'known, on lines of their own: [indices.{toml_key(symbol)}] then calendar = "XNYS", '
            'or both timezone = "America/New_York" and close = 16:00:00; where they are '
            'a yield, unit = "percent"'
        )
    known = SYMBOLS[symbol].publication if symbol in SYMBOLS else None
    if known is None or entry.clock:
        known = _own_clock(symbol, entry, folder, known)
    given = ("name", "lag_hours", "unit", "verified")
    return replace(known, **{k: v for k in given if (v := getattr(entry, k)) is not None})


def _own_clock(
    symbol: str, entry: IndexEntry, folder: Path, known: Publication | None
) -> Publication:
    """Return an entry's clock without a lag, with name and unit that the symbol is known for."""
    if entry.calendar is None and (entry.timezone is None or entry.close is None):
        raise RollsightError(
            f"{folder / 'market.toml'}: [indices.{toml_key(symbol)}] needs calendar, or timezone "
            "and close"
        )
    return Publication(
        name=symbol if known is None else known.name,
        timezone=entry.timezone or "UTC",
        close=entry.close or time(23, 59, 59),
        calendar=entry.calendar,
        unit="price" if known is None else known.unit,
    )
