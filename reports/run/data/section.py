"""The section on the data: who was there at the time, and what was known when."""

from collections.abc import Sequence
from html import escape

from rollsight.reports.page.html import Cell, number, paragraph, percent, section, table
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import word
from rollsight.reports.run.data.datafacts import (
    DataFacts,
    LeakFigure,
    MarketFacts,
    UniverseFacts,
)
from rollsight.reports.run.data.deaths import deaths_section
from rollsight.reports.run.data.moves import moves
from rollsight.reports.run.numbers import RunNumbers

IN_PERCENT = ("precision", "edge", "crucial_fail", "net_return", "annual_return")


def data(numbers: RunNumbers, say: Say) -> str:
    """Return the universe, the ledger, and the size of the leak avoided where it was measured."""
    return section(
        "data",
        say("Data: who was there, and what was known when"),
        *_universe(numbers.data.universe, numbers.data.market, say),
        *deaths_section(numbers.deaths, numbers.headline, say),
        *moves(numbers.data.impossible, say),
        *_ledger(numbers.data, say),
        *_leak(numbers.leak or (), say),
    )


def data_notes(found: DataFacts) -> list[str]:
    """Return what a reader must know of a run's data, sentences."""
    return [*found.market.notes, *found.universe.notes]


def _universe(universe: UniverseFacts, market: MarketFacts, say: Say) -> list[str]:
    kinds = ", ".join(f"{n} {word(kind, say)}" for kind, n in universe.excluded.items())
    said = say(
        "{names} names from {first} to {last}, {delisted} of them delisted by now; left out for "
        "what they are: {kinds}; ever a member: {members}. A name that is not in the folder at all "
        "leaves no trace here: stocks chosen because they are known today carry survivor bias, "
        "which no backtest can remove.",
        names=number(universe.names),
        first=market.first_session,
        last=market.last_session,
        delisted=number(universe.delisted),
        kinds=kinds or say("none"),
        members=number(universe.members),
    )
    heads = [say("Year"), say("Alive"), say("Members"), say("Left out by kind"),
             say("Below the top"), say("Delisted")]  # fmt: skip
    rows = [
        [str(y.year), number(y.alive), number(y.members), number(y.excluded_by_kind),
         number(y.below_top), number(y.delisted)]
        for y in universe.years
    ]  # fmt: skip
    return [
        f"<h3>{escape(say('Universe'))}</h3>",
        paragraph(f"{said} {_repaired(list(universe.volumes_repaired), say)}".rstrip()),
        table(heads, rows),
    ]


def _repaired(codes: list[str], say: Say) -> str:
    if not codes:
        return ""
    named = ", ".join(codes[:20])
    if len(codes) > 20:
        return say(
            "Volumes that looked unadjusted for a split were repaired for the ranking, of {codes} "
            "and {more} more.",
            codes=named,
            more=number(len(codes) - 20),
        )
    return say(
        "Volumes that looked unadjusted for a split were repaired for the ranking, of {codes}.",
        codes=named,
    )


def _ledger(of: DataFacts, say: Say) -> list[str]:
    if not of.ledger:
        return []
    lost = {loss.series: loss for loss in of.losses}
    rows = [
        [s.symbol, s.name, word(s.known, say), word(s.unit, say),
         number(s.lag_hours), percent(lost[s.symbol].share)]
        for s in of.ledger
    ]  # fmt: skip
    if of.join == "same-date":
        said = say(
            "This run joins indices by date, known by then or not: it sees the future, and its "
            "figures mean nothing but the size of that mistake."
        )
    else:
        said = say(
            "A row is decided at the close of its session and sees only index values that were "
            "known by then: those dated d are known at the time below, plus the lag."
        )
    heads = [say("Index"), say("Name"), say("Known at"), say("Unit"), say("Lag, hours"),
             say("Rows lost")]  # fmt: skip
    return [
        f"<h3>{escape(say('Ledger'))}</h3>",
        paragraph(said),
        table(heads, rows, texts=4),
    ]


def _leak(leak: Sequence[LeakFigure], say: Say) -> list[str]:
    if not leak:
        return []
    rows = [
        [word(f.title, say), *(_value(f.key, value) for value in (f.honest, f.leaked))]
        for f in leak
    ]
    said = say(
        "The same run once more with every index joined by its date, as if a close in New York "
        "were known at the same day's close in Seoul. What the right column adds is fiction; "
        "where it adds nothing, the models made nothing of it, since by the open at which a buy "
        "fills most of such news is in the price."
    )
    return [
        f"<h3>{escape(say('The leak avoided'))}</h3>",
        paragraph(said),
        table([say("Figure"), say("As known"), say("Same date")], rows),
    ]


def _value(key: str, value: float | None) -> Cell | str:
    if key in IN_PERCENT:
        return percent(value, 2)
    return number(value, 4 if key == "log_loss_gain" else 2)
