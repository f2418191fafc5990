"""How many companies the exchange listed, and how many of them the data hold, by year and board."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from rollsight.reports.page.html import Cell, number, paragraph, percent, table
from rollsight.reports.page.language import Say
from rollsight.signals.rules.delistings import LISTED, NEW, Listed, NewlyListed


@dataclass(frozen=True)
class Reported:
    """A number that the exchange reported, that of the data, and who reported the first."""

    exchange: int
    held: int
    source: str


@dataclass(frozen=True)
class Listings:
    """Companies of a year and board; None where no source has the exchange's number.

    Attributes
    ----------
    listed
        at the year's end, the exchange's perhaps on the day that the source is of
    new
        listed in the year
    """

    listed: Reported | None
    new: Reported | None


def listings_of(row: Mapping[str, Any]) -> Listings | None:
    """Return what is known of a row of `deaths_held`; None without a source for either number."""
    found = Listings(listed=_reported(LISTED, row, "listed"), new=_reported(NEW, row, "new"))
    return found if found.listed or found.new else None


def _reported(
    known: Sequence[Listed | NewlyListed], row: Mapping[str, Any], key: str
) -> Reported | None:
    if key not in row:  # a run of before
        return None
    own = (one for one in known if (one.year, one.board) == (row["year"], row["board"]))
    one = next(own, None)
    return None if one is None else Reported(one.companies, row[key], one.source)


def listings_section(rows: Sequence[tuple[int, str, Listings]], say: Say) -> list[str]:
    """Return the table of years and boards, nothing without a row."""
    if not rows:
        return []
    new = [own.new for _, _, own in rows if own.new is not None]
    said = [
        say(
            "Companies that the exchange reported as listed at the end of a year, or on the day of "
            "the source, and as newly listed in it, beside those of the data: preferred shares and "
            "funds are not counted, and boards are those of today. A dash is a number that no "
            "dated source was found for; years without any are left out."
        )
    ]
    if new:
        exchange, held = sum(one.exchange for one in new), sum(one.held for one in new)
        said.append(
            say(
                "Of {exchange} new listings of these years and boards the data hold {held} "
                "({share}).",
                exchange=number(exchange),
                held=number(held),
                share=percent(held / exchange),
            )
        )
    heads = [say("Year"), say("Board"), say("Listed"), say("In the data"), say("Share"),
             say("Newly listed"), say("In the data"), say("Share"), say("Source")]  # fmt: skip
    return [
        f"<h3>{escape(say('Listings that the data hold'))}</h3>",
        paragraph(" ".join(said)),
        table(heads, [_row(*row) for row in rows], texts=2),
    ]


def _row(year: int, board: str, own: Listings) -> list[Cell | str]:
    sources = dict.fromkeys(one.source for one in (own.listed, own.new) if one is not None)
    return [str(year), board, *_cells(own.listed), *_cells(own.new), "; ".join(sources)]


def _cells(one: Reported | None) -> list[Cell | str]:
    if one is None:
        return [number(None), number(None), percent(None)]
    return [number(one.exchange), number(one.held), percent(one.held / one.exchange)]
