"""What is said of prices that cannot be right."""

from collections.abc import Sequence
from pathlib import Path

from rollsight.base.errors import RollsightError, counted
from rollsight.signals.prices.moves import FALL, RISE, Move, Moves
from rollsight.signals.rules.rulebook import RuleBook

SHOWN = 4  # that a note names


def refuse_moves(moves: Moves, path: Path) -> None:
    """Raise, naming the price that is furthest off, where there is one.

    Raises
    ------
    RollsightError
        If a price cannot be right.
    """
    if not moves.found:
        return
    first, more = moves.found[0], len(moves.found) - 1
    where = f"{path}: {first.price} of {first.code!r} on {first.day}"
    if first.allowed is None:
        said = f"{where} lies {abs(first.move):.2%} outside its own bar's High and Low"
    else:
        said = (
            f"{where} is {1 + first.move:.3g} times the close before, beyond the "
            f"{first.allowed:.0%} that can be right"
        )
    others = f" (and {counted(more, 'such price')} more)" if more else ""
    raise RollsightError(
        f"{said}{others}: adjust the prices before it for the corporate action, mend the row, or "
        "set market.impossible='note'"
    )


def move_notes(moves: Moves, book: RuleBook, name: str) -> list[str]:
    """Return what a reader must know of such prices, one sentence a kind."""
    notes = []
    beside = [m for m in moves.found if m.kind not in {"bar", "halt"}]
    if beside:
        rule, right = (
            f"the {name} book's daily band allows",
            "trading without a band as before a delisting",
        )
        if not any(board.band for board in book.boards.values()):
            up, down = f"{100 * RISE:.0f} %", f"{100 * FALL:.0f} %"
            rule, right = f"{up} up or {down} down, which stand in for a daily band", "news"
        notes.append(
            f"{_of_stocks(beside, 'price')} went further from the close before than {rule}: "
            f"{_named(beside)}; such a price is an unadjusted corporate action, a slip, or "
            f"{right}, and no label spans it"
        )
    bars = [m for m in moves.found if m.kind == "bar"]
    if bars:
        notes.append(
            f"{_of_stocks(bars, 'bar')} had open or close outside high and low, or low above "
            f"high: {_named(bars)}; no label spans such a bar"
        )
    idle = [m for m in moves.found if m.kind == "halt"]
    if idle:
        notes.append(
            f"{_of_stocks(idle, 'close')} without trade went beyond three times the close "
            f"before, or below a third of it: {_named(idle)}; the close before stands in there"
        )
    return notes


def fall_notes(falls: Sequence[Move]) -> list[str]:
    """Return a note on falls behind halts, which stay in labels and account."""
    if not falls:
        return []
    return [
        f"After sessions without trade {_of_stocks(falls, 'close')} fell below a third of the "
        f"close before: {_named(falls)}; so does a split that was not adjusted for, and "
        "trading before a delisting: labels and account take the loss as it is"
    ]


def _of_stocks(moves: Sequence[Move], noun: str) -> str:
    stocks = len({move.code for move in moves})
    return f"{counted(len(moves), noun)} of {counted(stocks, 'stock')}"


def _named(moves: Sequence[Move]) -> str:
    named = ", ".join(f"{m.code!r} on {m.day} (x{1 + m.move:.3g})" for m in moves[:SHOWN])
    return named + (", ..." if len(moves) > SHOWN else "")
