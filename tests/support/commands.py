"""The command line in this process: what it says, and how it refuses."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from rollsight.commands import main

TINY = [
    "--set", "market.benchmark=KS11", "--set", "market.indices=all",
    "--set", "features.lookback=20", "--set", "model.blocks=1", "--set", "model.width=4",
    "--set", "training.epochs=2",
    "--set", "training.shrink=false", "--set", "training.averaging=0.5",
    "--set", "training.seeds=1", "--set", "windows.train_days=150",
    "--set", "windows.validation_days=60", "--set", "windows.test_days=60",
    "--set", "label.horizon=3",
]  # fmt: skip
NO_BUY = ["--set", "threshold.min_score=1.5"]


def called(market: Path, out: Path) -> list[str]:
    return ["run", "krx", "--market", str(market), "--out", str(out), *TINY]


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str) -> str:
    """Return the one line with which a command refuses."""
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 2
    return error_line(result.stderr)


def parsed(words: Sequence[str]) -> dict[str, Any]:
    """Return the parameters of a call as the program reads them.

    A command asks the first context that it has what its help is called: it must be the program's.
    """
    whole = main.make_context("rollsight", list(words))
    name, command, rest = main.resolve_command(whole, list(words))
    assert command is not None
    return command.make_context(name, rest, parent=whole).params


def error_line(stderr: str) -> str:
    """Return the one line that stderr has beside those of the stages."""
    stage = re.compile(r"[a-z ]+: (\d+ done in [\d:]+|\d+ of \d+(, [\d:]+ left)?)")
    (line,) = [line for line in stderr.splitlines() if not stage.fullmatch(line)]
    assert line.startswith("Error: ")
    return line


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "timings.json"
    }
