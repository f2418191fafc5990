"""Which of the exchange's delistings the data hold, and what those that are missing could cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from rollsight.reports.page.html import number, paragraph, percent, table
from rollsight.reports.page.language import Say
from rollsight.reports.run.data.listings import Listings, listings_of, listings_section
from rollsight.reports.run.headfacts import Headline
from rollsight.signals.rules.delistings import DELISTED, Delisted, listed_by


@dataclass(frozen=True)
class Deaths:
    """A year and board: what the exchange reported, and what the data hold.

    Attributes
    ----------
    exchange, source
        its delistings, and who reported them; None where no source has them
    held, reached
        delisted with prices, and of these with prices until shortly before
    missing_rate
        share of the board's companies that were delisted and are not held; None as ``exchange``
    tested
        the year has a test session
    listings
        new and listed companies; None where no source has either
    """

    year: int
    board: str
    exchange: int | None
    held: int
    reached: int
    missing_rate: float | None
    tested: bool
    source: str | None
    listings: Listings | None = None


def deaths_data(held: Sequence[Mapping[str, Any]], first: str) -> tuple[Deaths, ...]:
    """Return the years and boards for which a source has a number of the exchange.

    Parameters
    ----------
    held
        as `deaths_held` returns it
    first
        first test session
    """
    found = (_of_year(row, tested=row["year"] >= int(first[:4])) for row in held)
    return tuple(one for one in found if one.exchange is not None or one.listings is not None)


def _of_year(row: Mapping[str, Any], *, tested: bool) -> Deaths:
    year, board, held = row["year"], row["board"], row["held"]
    known = next((one for one in DELISTED if (one.year, one.board) == (year, board)), None)
    return Deaths(
        year=year,
        board=board,
        exchange=None if known is None else known.companies,
        held=held,
        reached=row["reached"],
        missing_rate=None if known is None else _missing(known, held),
        tested=tested,
        source=None if known is None else known.source,
        listings=listings_of(row),
    )


def _missing(known: Delisted, held: int) -> float:
    # Boards grow: an earlier count is the smaller one, and the rate the larger.
    listed = listed_by(known.year, known.board).companies
    return max(known.companies - held, 0) / listed


def worst_return(deaths: Sequence[Deaths], total: float, invested: float) -> float | None:
    """Return a run's total return had it held its share of the missing, and lost all of that.

    Each tested year costs the invested share of the account times the rate of the missing, of the
    board where that is the larger. None where no tested year is known.
    """
    rates: dict[int, float] = {}
    for one in deaths:
        if one.tested and one.missing_rate is not None:
            rates[one.year] = max(rates.get(one.year, 0.0), one.missing_rate)
    if not rates:
        return None
    kept = 1.0
    for rate in rates.values():
        kept *= 1 - invested * rate
    return (1 + total) * kept - 1


def deaths_section(deaths: Sequence[Deaths], head: Headline, say: Say) -> list[str]:
    """Return the tables and what they mean, nothing where no source covers a year of the data."""
    listings = [(d.year, d.board, d.listings) for d in deaths if d.listings is not None]
    return [*_deaths(deaths, head, say), *listings_section(listings, say)]


def _deaths(deaths: Sequence[Deaths], head: Headline, say: Say) -> list[str]:
    known = [(d, d.exchange) for d in deaths if d.exchange is not None]
    if not known:
        return []
    exchange, held = sum(n for _, n in known), sum(d.held for d, _ in known)
    said = say(
        "Of {exchange} delistings that the exchange reported for the years and boards below the "
        "data hold {held} ({share}); other years have no sourced number here.",
        exchange=number(exchange),
        held=number(held),
        share=percent(held / exchange),
    )
    heads = [say("Year"), say("Board"), say("Delisted by the exchange"), say("In the data"),
             say("Share"), say("With prices to the end"), say("Source")]  # fmt: skip
    rows = [
        [str(d.year), d.board, number(n), number(d.held), percent(d.held / n),
         number(d.reached), d.source or ""]
        for d, n in known
    ]  # fmt: skip
    return [
        f"<h3>{escape(say('Delistings that the data hold'))}</h3>",
        paragraph(" ".join([said, *_worst(deaths, head, say)])),
        table(heads, rows, texts=2),
    ]


def _worst(deaths: Sequence[Deaths], head: Headline, say: Say) -> list[str]:
    made = head.strategy.total_return
    worst = worst_return(deaths, made, head.invested or 0.0)
    if worst is None:
        return []
    years = sorted({d.year for d in deaths if d.tested and d.missing_rate is not None})
    return [
        say(
            "Had the account held its share of the missing in the {n} tested years that are known, "
            "and lost all of it each time, {made} would have been {worst}; that knows nothing of "
            "whether the model would have bought them.",
            n=number(len(years)),
            made=percent(made, sign=True),
            worst=percent(worst, sign=True),
        )
    ]
