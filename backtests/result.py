"""The tables of a run, in memory and in its directory."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.backtests.spec import RunSpec, read_spec, to_toml
from rollsight.signals.errors import RollsightError
from rollsight.signals.files import write_file

MARKER = "# A rollsight run; the keys below are all that it depends on beside its data."
MANIFEST_KEYS = (
    "market", "universe", "channels", "ledger", "losses", "equity_residual", "model_digests",
)  # fmt: skip
TABLES = (
    "windows",
    "signals",
    "trades",
    "orders",
    "equity",
    "attribution",
    "attribution_summary",
)


@dataclass(frozen=True, eq=False)
class Result:
    """Tables of a walk-forward run.

    Attributes
    ----------
    manifest : digests, versions and facts of the data, as written to manifest.json
    windows : one row a window: spans, rows, threshold, curves and validation figures
    signals : one row a stock and test day: probabilities, buy, label, what became of the buy
    trades : one row a round trip; prices unslipped, in quote currency, returns as fractions
    orders : one row an order, the unfilled ones with their reason
    equity : one row a session; equity and cash at its close, beside the changes of the benchmark
        and of the equal-weight universe
    attribution : one row a trade, channel and lag
    attribution_summary : one row a period, outcome and channel
    """

    spec: RunSpec
    manifest: dict[str, Any]
    windows: pd.DataFrame
    signals: pd.DataFrame
    trades: pd.DataFrame
    orders: pd.DataFrame
    equity: pd.DataFrame
    attribution: pd.DataFrame
    attribution_summary: pd.DataFrame


def claim(out: Path, spec: RunSpec) -> None:
    """Make ``out`` a run's directory; an earlier run's files stay until the new ones are written.

    Raises
    ------
    RollsightError
        If it is a file, or a folder that holds something else than a run.
    """
    if out.exists() and not out.is_dir():
        raise RollsightError(f"--out {out} is a file: name a new folder, or one of an earlier run")
    if out.is_dir() and any(out.iterdir()) and not is_run(out):
        have = sorted(p.name for p in out.iterdir())[:5]
        raise RollsightError(
            f"--out {out} holds {have} but no run of rollsight: name a new folder, or one of an "
            "earlier run"
        )
    try:
        (out / "models").mkdir(parents=True, exist_ok=True)
        if not is_run(out):
            write_spec(spec, out)
    except OSError as error:
        raise RollsightError(f"--out {out} cannot be written ({error.strerror})") from error


def is_run(folder: Path) -> bool:
    """Return whether a folder holds a run of ours."""
    path = folder / "run.toml"
    return path.is_file() and path.read_bytes().startswith(MARKER.encode())


def write_spec(spec: RunSpec, out: Path) -> None:
    """Write the whole spec, with the line by which a run's directory is known."""
    write_text(out / "run.toml", f"{MARKER}\n{to_toml(spec)}")


def write_tables(result: Result, out: Path) -> None:
    """Write spec and tables, each file atomically, and drop what is not of this run."""
    # The manifest is written last: without it a run has not finished.
    (out / "manifest.json").unlink(missing_ok=True)
    write_spec(result.spec, out)
    for name in TABLES:
        table: pd.DataFrame = getattr(result, name)
        write_file(out / f"{name}.parquet", partial(table.to_parquet, index=False))
    for stale in sorted((out / "models").glob("*.pt"))[len(result.windows) :]:
        stale.unlink()
    for torn in [*out.glob(".*.partial"), *out.glob("models/.*.partial")]:
        torn.unlink()


def read_result(out: Path) -> Result:
    """Return the tables of a finished run.

    Raises
    ------
    RollsightError
        If the folder is no run, or the run has not finished.
    """
    if not is_run(out):
        raise RollsightError(
            f"{out} is no run directory: name the --out folder of an earlier rollsight run"
        )
    missing = [n for n in (*(f"{t}.parquet" for t in TABLES), "manifest.json")
               if not (out / n).is_file()]  # fmt: skip
    if missing:
        raise RollsightError(f"{out} lacks {missing}: call rollsight run again to finish the run")
    try:
        tables = {name: pd.read_parquet(out / f"{name}.parquet") for name in TABLES}
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        for key in MANIFEST_KEYS:
            manifest[key]
    except (OSError, ValueError, KeyError, TypeError) as error:
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RollsightError(
            f"{out} has a damaged file ({line}): call rollsight run again"
        ) from error
    return Result(spec=read_spec(str(out / "run.toml")), manifest=manifest, **tables)


def write_text(path: Path, text: str) -> None:
    """Write text atomically, as UTF-8."""
    write_file(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def write_json(path: Path, content: object) -> None:
    """Write JSON atomically; NaN is refused, absent numbers are null."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    write_text(path, text + "\n")
