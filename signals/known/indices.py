"""The indices of a folder that a run uses: those asked for, dated and priced as they can be."""

from pathlib import Path

import pandas as pd

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.base.toml import toml_key
from rollsight.signals.folder.reading import Folder
from rollsight.signals.folder.settings import publication
from rollsight.signals.known.calendar import Calendar
from rollsight.signals.known.indexholes import frozen_notes
from rollsight.signals.known.indexsteps import step_notes
from rollsight.signals.known.indexvalues import usable_values
from rollsight.signals.known.sessions import with_corrections
from rollsight.signals.known.symbols import SYMBOLS, Publication
from rollsight.signals.spec import EQUAL_WEIGHT, MarketSpec

STOCK_CHANNEL = "close"  # name of the input that a stock's own closes give
NONE_USED = "market.indices=[] and no market.benchmark, which runs on the stocks' own inputs"


def indices_in_use(
    folder: Folder, spec: MarketSpec, calendar: Calendar
) -> tuple[pd.DataFrame, dict[str, Publication], list[str]]:
    """Return the index values in use, when each becomes known, and notes on what was left out.

    Parameters
    ----------
    calendar
        of the stocks' exchange, whose corrections hold for its indices too

    Raises
    ------
    RollsightError
        If an index is not there, not known, or holds what cannot be right.
    """
    _check_entries(folder)
    used, notes = _asked_for(folder, spec)
    said = {s: publication(s, folder.settings, folder.path) for s in used}
    publications = with_corrections(said, calendar.name, calendar.corrections)
    columns = {}
    for symbol in used:
        path = folder.table("indices")
        columns[symbol], own = usable_values(folder.indices[symbol], publications[symbol], path)
        held_against = symbol in spec.benchmarks
        notes += own + frozen_notes(columns[symbol], publications[symbol])
        notes += step_notes(columns[symbol], publications[symbol], benchmark=held_against)
    for benchmark in spec.benchmarks:
        if benchmark != EQUAL_WEIGHT:
            _check_benchmark(benchmark, folder.indices, publications)
    table = pd.DataFrame(columns, index=folder.indices.index, dtype="float64")
    # Dates on which none of these has a value are other columns' own.
    return table.dropna(how="all"), publications, notes


def _check_entries(folder: Folder) -> None:
    """Raise where market.toml has an entry for a column under another case, which gets none."""
    have = [str(c) for c in folder.indices.columns]
    cases = {column.lower(): column for column in have}
    for symbol in folder.settings.indices:
        column = cases.get(symbol.lower(), symbol)
        if symbol not in have and column not in folder.settings.indices:
            raise RollsightError(
                f"{folder.path / 'market.toml'}: [indices.{toml_key(symbol)}] is no column of "
                f"{folder.table('indices').name}; did you mean {column!r}? rename it"
            )


def _asked_for(folder: Folder, spec: MarketSpec) -> tuple[list[str], list[str]]:
    if not spec.indices:
        return [], []
    path = _table(folder)
    have = [str(c) for c in folder.indices.columns]
    wanted = have if spec.indices == "all" else list(spec.indices)
    if len(set(wanted)) < len(wanted):
        raise RollsightError(f"market.indices={wanted} names an index twice: keep each once")
    for name, of in ((STOCK_CHANNEL, "the stocks' own input"), (EQUAL_WEIGHT, "a benchmark")):
        if name in wanted:
            raise RollsightError(f"{path}: column {name!r} has the name of {of}: rename it")
    used = [s for s in wanted if s in have]
    absent = [s for s in wanted if s not in have]
    for symbol in absent:
        if symbol not in SYMBOLS:
            raise RollsightError(
                f"market.indices: {path} has no column {symbol!r} {did_you_mean(symbol, have)}"
            )
    if not used:
        raise RollsightError(
            f"market.indices={wanted}: {path} has none of them (have {have}): "
            f"name at least one that it has, or set {NONE_USED}"
        )
    # A note is part of a market's digest, which a market in memory shares with its folder.
    name = path.name if path.suffix else f"{path.name}.parquet"
    return used, [f"{name} has no {', '.join(absent)}: left out"] if absent else []


def _table(folder: Folder) -> Path:
    """Return the file of indices that a run asks for."""
    try:
        return folder.table("indices")
    except RollsightError as error:
        raise RollsightError(f"{error}, or set {NONE_USED}") from error


def _check_benchmark(
    benchmark: str, indices: pd.DataFrame, publications: dict[str, Publication]
) -> None:
    if benchmark not in publications:
        raise RollsightError(
            f"market.benchmark={benchmark!r} is not among the indices in use "
            f"{did_you_mean(benchmark, publications)}; name one of them, or none "
            "(--set market.benchmark=none)"
        )
    if publications[benchmark].unit == "percent":
        raise RollsightError(
            f"market.benchmark={benchmark!r} is a yield in per cent, which nobody can hold: choose "
            "a price index, or leave market.benchmark unset"
        )
    values = indices[benchmark].dropna()
    below = values[values <= 0]
    if len(below):
        raise RollsightError(
            f"market.benchmark={benchmark!r} is at {below.iloc[0]:g} on {below.index[0]:%Y-%m-%d}, "
            "from where no return can be counted: choose an index that stays above 0"
        )
