"""The command rollsight import."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rollsight.base.errors import RollsightError
from rollsight.commands.options import tell, tell_notes

if TYPE_CHECKING:
    from rollsight.signals.importing.told import AmbiguousError, Told
    from rollsight.signals.importing.understanding import Understood

FEWEST_SESSIONS = 160  # of a window: a third of it must hold four blocks of labels


@click.command("import")
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Market folder.")
@click.option("--calendar", help="Of the stocks' exchange, such as XKRX or XNYS.")
@click.option("--currency", help="Such as EUR. [default: that of XKRX or XNYS]")
@click.option(
    "--index",
    "indices",
    multiple=True,
    metavar="NAME=FILE",
    help="An index, such as GSPC=sp500.csv or COPPER:XNYS=copper.csv (by whose closing times); "
    "in place of FILE a code of the tables.",
)
@click.option(
    "--adjusted/--raw",
    default=None,
    help="Scale bars by Adj Close / Close, or keep them. [default: --adjusted]",
)
@click.option("--code", help="Of the stock of a single file whose name does not tell it.")
@click.option(
    "--dates", type=click.Choice(["dmy", "mdy"]), help="What 01/02/2024 is: day or month first."
)
@click.option(
    "--decimal",
    type=click.Choice(["point", "comma"]),
    help="What stands before decimals, where 1,234 and 1.234 may be over a thousand.",
)
@click.option("--encoding", help="Of text files, such as cp949. [default: as their bytes prove]")
@click.option("--dry-run", is_flag=True, help="Say what was understood, and write nothing.")
def importing(
    paths: tuple[Path, ...], out: Path, indices: tuple[str, ...], dry_run: bool, **told: Any
) -> None:
    """Turn tables that you have into a market folder; PATH is a file or a folder of files.

    CSV and other text, Excel, Parquet and Arrow; of yfinance, pykrx, FinanceDataReader, Stooq or
    your own. What was understood is told before anything is written; what is ambiguous is asked.
    """
    from rollsight.commands.data.telling import told_table
    from rollsight.signals.importing import writing
    from rollsight.signals.importing.told import Told

    writing.check_out(out)
    given = Told(**told, indices=tuple(_index(text) for text in indices))
    found = _understood(paths, given)
    click.echo(told_table(found))
    if dry_run:
        tell_notes(writing.checked(found, out))
        click.echo("Nothing is written (--dry-run)")
        return
    tell_notes(writing.write(found, out))
    n_stocks, n_indices = found.prices["Code"].nunique(), len(found.indices)
    click.echo(f"{out}: {n_stocks} stocks, {n_indices} indices")
    click.echo(next_step(found, out))


def _index(text: str) -> tuple[str, str]:
    name, mark, source = text.partition("=")
    if not (mark and name and source):
        raise RollsightError(f"--index {text!r} is not NAME=FILE: write it as in GSPC=sp500.csv")
    return name, source


def _understood(paths: tuple[Path, ...], told: "Told") -> "Understood":
    """Understand the files, asking whoever sits at a terminal what they do not prove."""
    from rollsight.signals.importing.files.grids import grids_of
    from rollsight.signals.importing.files.sources import files_of
    from rollsight.signals.importing.told import AmbiguousError
    from rollsight.signals.importing.understanding import understood

    sources = {source: [Path(source)] for _, source in told.indices if Path(source).is_file()}
    own = {path.resolve() for files in sources.values() for path in files}
    files, others = files_of(paths)
    for name in others:
        tell(f"Left out: {name} is no table")
    grids = [g for f in files if f.resolve() not in own for g in grids_of(f, told.encoding)]
    if not grids:
        raise RollsightError("no file is left beside those of --index: name files of stocks")
    beside = {s: [g for f in fs for g in grids_of(f, told.encoding)] for s, fs in sources.items()}
    while True:
        try:
            return understood(grids, beside, told)
        except AmbiguousError as error:
            if not sys.stdin.isatty():
                raise
            told = replace(told, **{error.key: _answer(error)})


def _answer(error: "AmbiguousError") -> Any:
    if error.choices is None:
        return click.prompt(error.question, type=str, err=True)
    return error.choices[
        click.prompt(error.question, type=click.Choice(list(error.choices)), err=True)
    ]


def next_step(found: "Understood", out: Path) -> str:
    """Return a line with a command that runs on the folder, or why none does."""
    from rollsight.backtests.spec import read_spec

    spec = read_spec("sample")
    days = spec.windows.train_days, spec.windows.validation_days, spec.windows.test_days
    # What fills inputs, and a label more, comes before and behind them.
    left = found.n_sessions - spec.features.lookback - 2 * spec.label.horizon
    changes = ["market.start=none"]
    if left < FEWEST_SESSIONS:
        return f"{found.n_sessions} sessions are too few for a window of the preset: add older ones"
    if left < sum(days):
        parts = (left * share // 10 for share in (5, 3, 1))
        names = ("train_days", "validation_days", "test_days")
        changes += [f"windows.{n}={d}" for n, d in zip(names, parts, strict=True)]
    # Without indices the universe is the benchmark by itself.
    changes += [f"market.benchmark={index.symbol}" for index in found.indices[:1]]
    words = ["rollsight", "run", "sample", "--market", str(out), "--out", f"runs/{out.name}"]
    return "Try: " + shlex.join([*words, *(w for c in changes for w in ("--set", c))])
