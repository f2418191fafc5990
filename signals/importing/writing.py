"""What was understood, written as a market folder that its own reader has read."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.base.files import write_bytes
from rollsight.base.toml import toml_key, toml_value
from rollsight.signals.importing.indices import Index
from rollsight.signals.importing.understanding import Understood
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import MarketSpec
from rollsight.signals.vendors.collected import entry_lines, write_table


def check_out(out: Path) -> None:
    """Raise unless a folder is not there yet, or holds nothing."""
    if out.exists() and not out.is_dir():
        raise RollsightError(f"--out {out} is a file: name a new folder")
    if out.is_dir() and any(out.iterdir()):
        have = sorted(p.name for p in out.iterdir())[0]
        raise RollsightError(f"--out {out} holds {have!r}: name a new folder, or an empty one")


def checked(found: Understood, out: Path) -> tuple[str, ...]:
    """Return what the reader of market folders notes of what would be written; write nothing.

    Raises
    ------
    RollsightError
        If it refuses what was understood.
    """
    with tempfile.TemporaryDirectory() as beside:
        return _filled(found, Path(beside), out)


def write(found: Understood, out: Path) -> tuple[str, ...]:
    """Write a market folder, whole or not at all, and return what its reader notes of it.

    Raises
    ------
    RollsightError
        If ``out`` holds something, cannot be written, or the reader refuses what was understood.
    """
    check_out(out)
    with _room(out) as beside:
        notes = _filled(found, beside, out)
        if out.is_dir():
            out.rmdir()
        beside.rename(out)
    return notes


@contextmanager
def _room(out: Path) -> Iterator[Path]:
    beside = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
        beside.chmod(0o755)
        yield beside
    except OSError as error:
        raise RollsightError(f"{out} cannot be written ({error.strerror or error})") from error
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def _filled(found: Understood, folder: Path, out: Path) -> tuple[str, ...]:
    write_table(found.prices, folder / "prices.parquet")
    if found.indices:
        closes = pd.DataFrame({index.symbol: index.closes for index in found.indices})
        write_table(
            closes.sort_index().rename_axis("Date").reset_index(), folder / "indices.parquet"
        )
    if len(found.listings):
        text = found.listings.to_csv(index=False, lineterminator="\n")
        write_bytes(folder / "listings.csv", text.encode())
    write_bytes(folder / "market.toml", _settings(found).encode())
    try:
        spec = MarketSpec(folder=str(folder), indices="all" if found.indices else ())
        notes = read_market(spec, fewest_rows=1).notes
    except RollsightError as error:
        line = str(error).replace(str(folder / "prices.parquet"), found.source)
        raise RollsightError(line.replace(str(folder), str(out))) from error
    return tuple(note for note in notes if note != found.note)


def _settings(found: Understood) -> str:
    lines = [
        f"calendar = {toml_value(found.calendar)}",
        f"currency = {toml_value(found.currency)}",
        f"book = {toml_value(found.book)}",
        f"notes = [{toml_value(found.note)}]",
    ]
    for index in found.indices:
        lines += _entry(index)
    return "\n".join(lines) + "\n"


def _entry(index: Index) -> list[str]:
    if index.calendar is not None:
        name, calendar = toml_value(index.symbol), toml_value(index.calendar)
        head = f"[indices.{toml_key(index.symbol)}]"
        return ["", head, f"name = {name}", f"calendar = {calendar}"]
    # Whose file it is nobody says; a vendor's later time can look ahead nowhere.
    return entry_lines(index.symbol, SYMBOLS[index.symbol].vendor_publication, None)
