"""What an import understood, as one table for the console."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from rollsight.base.errors import counted

if TYPE_CHECKING:
    from rollsight.signals.importing.shapes import Part
    from rollsight.signals.importing.understanding import Understood

SHOWN = 6  # names that a line lists
WIDTH = 100  # of the table where there is no terminal


def told_table(found: "Understood") -> str:
    """Return the table of what was understood, a fact a row."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for fact, what in facts(found):
        table.add_row(fact, Text(what))
    console = Console(width=None if Console().is_terminal else WIDTH)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip("\n")


def facts(found: "Understood") -> list[tuple[str, str]]:
    """Return each fact and what was understood of it."""
    prices = found.prices
    codes = prices["Code"].unique().tolist()
    span = f"{_day(prices['Date'].min())} to {_day(prices['Date'].max())}"
    sessions = f"{counted(found.n_sessions, 'session')} of {found.calendar}"
    return [
        ("Files", "\n".join(_files(found.parts))),
        ("Columns", "\n".join(_ways(_columns(part) for part in found.parts))),
        ("Left out", "\n".join(_left_out(found.parts)) or "nothing"),
        ("Codes", f"{len(codes)}: {_few(codes)}"),
        ("Dates", f"{span}, {sessions}; {_few(_ways(p.dates for p in found.parts))}"),
        ("Numbers", _few(_ways(part.numbers or "plain" for part in found.parts))),
        ("Adjusted", found.adjusting),
        ("Currency", f"{found.currency}; rule book {found.book}"),
        ("Holes", _holes(found.holes)),
        ("Indices", "\n".join(_indices(found)) or "none"),
    ]


def _day(stamp: pd.Timestamp) -> str:
    return f"{stamp:%Y-%m-%d}"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _ways(texts: Iterable[str]) -> list[str]:
    """Return each text once, with how many tables it is of where they differ."""
    ways = Counter(texts)
    if len(ways) < 2:
        return list(ways)
    lines = [f"{way} ({counted(n, 'table')})" for way, n in ways.most_common(SHOWN)]
    return lines + ([f"and {len(ways) - SHOWN} other ways"] if len(ways) > SHOWN else [])


def _files(parts: "Sequence[Part]") -> list[str]:
    alike: dict[str, list[str]] = {}
    for part in parts:
        alike.setdefault(f"{part.shape} ({part.grid.kind})", []).append(part.grid.path.name)
    return [f"{_few(names)}: {how}" for how, names in alike.items()]


def _columns(part: "Part") -> str:
    return ", ".join(f"{meant} = {name}" for meant, name in part.columns.items())


def _left_out(parts: "Sequence[Part]") -> list[str]:
    return _ways(", ".join(part.left_out) for part in parts if part.left_out)


def _holes(holes: Mapping[str, int]) -> str:
    if not holes:
        return "none: every stock has a row in every session from its first to its last"
    worst = sorted(holes.items(), key=lambda item: (-item[1], item[0]))
    named = _few([f"{code} ({n})" for code, n in worst])
    return f"{counted(sum(holes.values()), 'session')} without a row within the rows of {named}"


def _indices(found: "Understood") -> list[str]:
    lines = []
    for index in found.indices:
        days = index.closes.index
        span = f"{counted(len(days), 'value')}, {_day(days[0])} to {_day(days[-1])}"
        keeps = f"those of {index.calendar}" if index.calendar else "as the symbol is known for"
        lines.append(f"{index.symbol} from {index.source}: {span}; closing times {keeps}")
    return lines
