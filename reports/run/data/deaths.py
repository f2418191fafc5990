"""Which of the exchange's delistings the data hold, and what those that are missing could cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from rollsight.reports.page.html import number, paragraph, percent, table
from rollsight.reports.page.language import Say
from rollsight.reports.run.headfacts import Headline
from rollsight.signals.rules.delistings import DELISTED, listed_by


@dataclass(frozen=True)
class Deaths:
    """Delistings of a year and board: the exchange's, and those that the data hold.

    Attributes
    ----------
    held, reached
        with prices, and of these with prices until shortly before
    missing_rate
        share of the board's companies that were delisted and are not held
    tested
        the year has a test session
    source
        of the exchange's number
    """

    year: int
    board: str
    exchange: int
    held: int
    reached: int
    missing_rate: float
    tested: bool
    source: str


def deaths_data(held: Sequence[Mapping[str, Any]], first: str) -> tuple[Deaths, ...]:
    """Return the years and boards for which a source has the exchange's number.

    Parameters
    ----------
    held
        as `deaths_held` returns it
    first
        first test session
    """
    own = {(row["year"], row["board"]): row for row in held}
    found = []
    for one in DELISTED:
        row = own.get((one.year, one.board))
        if row is None:
            continue
        missing = max(one.companies - row["held"], 0)
        found.append(
            Deaths(
                year=one.year,
                board=one.board,
                exchange=one.companies,
                held=row["held"],
                reached=row["reached"],
                # Boards grow: an earlier count is the smaller one, and the rate the larger.
                missing_rate=missing / listed_by(one.year, one.board).companies,
                tested=one.year >= int(first[:4]),
                source=one.source,
            )
        )
    return tuple(found)


def worst_return(deaths: Sequence[Deaths], total: float, invested: float) -> float | None:
    """Return a run's total return had it held its share of the missing, and lost all of that.

    Each tested year costs the invested share of the account times the rate of the missing, of the
    board where that is the larger. None where no tested year is known.
    """
    rates: dict[int, float] = {}
    for one in deaths:
        if one.tested:
            rates[one.year] = max(rates.get(one.year, 0.0), one.missing_rate)
    if not rates:
        return None
    kept = 1.0
    for rate in rates.values():
        kept *= 1 - invested * rate
    return (1 + total) * kept - 1


def deaths_section(deaths: Sequence[Deaths], head: Headline, say: Say) -> list[str]:
    """Return the table and what it means, nothing where no source covers a year of the data."""
    if not deaths:
        return []
    exchange, held = (sum(getattr(d, key) for d in deaths) for key in ("exchange", "held"))
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
        [str(d.year), d.board, number(d.exchange), number(d.held), percent(d.held / d.exchange),
         number(d.reached), d.source]
        for d in deaths
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
    years = sorted({d.year for d in deaths if d.tested})
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
