"""The tables of a run, in memory and in its directory."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rollsight.backtests.directory.claims import Claim, as_read, made_with, read_run_spec
from rollsight.backtests.directory.differences import spec_differences, told_differences
from rollsight.backtests.directory.directory import MANIFEST, SPEC, TABLES, is_run, write_spec
from rollsight.backtests.directory.swap import drop_others, settle, swap
from rollsight.backtests.owncode import require_known_code
from rollsight.backtests.spec import RunSpec
from rollsight.base.arithmetic import LIBRARIES, instructions
from rollsight.base.errors import RollsightError
from rollsight.base.files import write_file, write_text
from rollsight.training.fitting.keys import code_digest
from rollsight.training.fitting.paths import network_path
from rollsight.training.fitting.store import load_networks_of
from rollsight.training.models.model import FittedModel

T = TypeVar("T")

# Of the run directory: raised when a report needs what earlier directories do not hold.
FORMAT = 6
MANIFEST_KEYS = (
    "market", "impossible", "universe", "channels", "ledger", "losses", "equity_residual",
    "model_digests", "seeds", "baselines", "seed_accounts",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Result:
    """Tables of a walk-forward run.

    Attributes
    ----------
    manifest
        digests, versions and facts of the data, as written to manifest.json
    windows
        one row a window: spans, rows, threshold, curves and validation figures
    signals
        one row a stock and test day: probabilities, buy, label, what became of the buy
    trades
        one row a round trip; prices unslipped, in quote currency, returns as fractions;
        ``impossible_at`` is the first day on which it met a price that cannot be right
    orders
        one row an order, the unfilled ones with their reason
    equity
        one row a session; equity and cash at its close, beside the changes of the benchmark
        and of the equal-weight universe
    attribution
        one row a trade, channel and lag
    attribution_summary
        one row a period, outcome and channel
    closes
        one row a traded stock and session, quote currency; null without a price
    baselines
        one row a baseline and row of ``signals``: what it decided
    seeds
        one row a row of ``signals``: its window, and of each part of the networks, by their
        places, the score of that part alone
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
    closes: pd.DataFrame
    baselines: pd.DataFrame
    seeds: pd.DataFrame


def write_tables(result: Result, folder: Path) -> None:
    """Write spec and tables, each file atomically."""
    write_spec(result.spec, folder)
    for name in TABLES:
        table: pd.DataFrame = getattr(result, name)
        write_file(folder / f"{name}.parquet", partial(table.to_parquet, index=False))


def finish(claimed: Claim, manifest: dict[str, Any]) -> None:
    """Write the manifest of a run of which all else is written: from then on it has finished."""
    if claimed.folder == claimed.out:
        drop_others(claimed.out, manifest)
    write_json(claimed.folder / MANIFEST, manifest)
    if claimed.folder != claimed.out:
        swap(claimed.out)


def read_result(out: Path) -> Result:
    """Return the tables of a finished run.

    Raises
    ------
    RollsightError
        If the folder is no run, the run has not finished or is of another format, or a model is
        missing, damaged or not the one that the run was made with.
    """
    return of_one_run(out, partial(_read, out))


def of_one_run(out: Path, read: Callable[[dict[str, Any]], T]) -> T:
    """Return what is read of a finished run: nothing of another that takes its place meanwhile.

    Parameters
    ----------
    read
        takes the run's manifest

    Raises
    ------
    RollsightError
        If the folder is no run, or the run has not finished or is of another format.
    """
    manifest = read_manifest(out)
    try:
        found = read(manifest)
    except RollsightError:
        if read_manifest(out) == manifest:
            raise
        return of_one_run(out, read)
    return found if read_manifest(out) == manifest else of_one_run(out, read)


def read_table(out: Path, name: str) -> pd.DataFrame:
    """Return a table of a finished run.

    Raises
    ------
    RollsightError
        If it is damaged.
    """
    path = out / f"{name}.parquet"
    try:
        table, schema = pd.read_parquet(path), pq.read_schema(path)
    except (OSError, ValueError) as error:
        raise _damaged(out, error) from error
    # Lists of nothing but absent numbers are written without a type of number.
    for column in schema:
        if pa.types.is_list(column.type) and pa.types.is_null(column.type.value_type):
            table[column.name] = table[column.name].map(partial(np.array, dtype=np.float64))
    return table


def read_model(out: Path, manifest: dict[str, Any], number: int) -> FittedModel:
    """Return the networks of a window of a finished run as one model.

    Raises
    ------
    RollsightError
        If one is missing, damaged or not the one that the run was made with.
    """
    paths = [network_path(out / "models", number, seed) for seed in manifest["seeds"]]
    return load_networks_of(paths, manifest["model_digests"][number])


def _read(out: Path, manifest: dict[str, Any]) -> Result:
    missing = [f"{t}.parquet" for t in TABLES if not (out / f"{t}.parquet").is_file()]
    if missing:
        raise RollsightError(f"{out} lacks {missing}: call rollsight run again to finish the run")
    tables = {name: read_table(out, name) for name in TABLES}
    for number in range(len(manifest["model_digests"])):
        read_model(out, manifest, number)
    return Result(spec=read_own_spec(out, manifest), manifest=manifest, **tables)


def read_own_spec(out: Path, manifest: dict[str, Any]) -> RunSpec:
    """Return what run.toml says, where that is what the run was made with."""
    spec = as_read(read_run_spec(out), manifest)
    edited = spec_differences(made_with(out, manifest), spec)
    if edited:
        raise RollsightError(
            f"{out / SPEC} was edited after its run ({told_differences(edited, 'in the run')}): "
            f"put it back, or run it into another folder"
        )
    return spec


def read_manifest(out: Path) -> dict[str, Any]:
    """Return the manifest of a finished run of this format.

    Raises
    ------
    RollsightError
        If the folder is no run, the run has not finished or is of another format, or it names code
        that this user has not run.
    """
    if not is_run(out):
        raise _no_run(out)
    settle(out)
    path = out / MANIFEST
    if not path.is_file():
        settle(out)  # that of a swap which began meanwhile
    if not path.is_file():
        raise RollsightError(
            f"{out} lacks ['manifest.json']: call rollsight run again to finish the run"
        )
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        written = manifest.get("format", 1)
        for key in MANIFEST_KEYS if written == FORMAT else ():
            manifest[key]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(out, error) from error
    if written != FORMAT:
        raise RollsightError(
            f"{out} is of format {written}, this rollsight reads format {FORMAT}: call rollsight "
            f"run {out / 'run.toml'} --out {out} to make it again"
        )
    require_known_code(manifest.get("spec"), path)
    return manifest


def require_same_code(manifest: dict[str, Any], out: Path) -> None:
    """Raise where the code or the libraries of now would train other networks.

    Raises
    ------
    RollsightError
        If a run was trained by another version.
    """
    model = manifest["spec"]["model"]
    if manifest["code_digest"] != code_digest(model["name"], model.get("members", ())):
        raise RollsightError(
            f"{out} was trained by another version of rollsight, torch or numpy, or with other "
            f"instructions of a processor ({_used(manifest)}), which would train other networks: "
            f"make it again with rollsight run {out / SPEC} --out {out}, and in Python import "
            "rollsight before numpy and torch"
        )


def _used(manifest: dict[str, Any]) -> str:
    then = manifest.get("instructions", {})
    return ", ".join(
        f"{name}'s then {then.get(name, 'unknown')}, now {instructions(name)}" for name in LIBRARIES
    )


def _no_run(out: Path) -> RollsightError:
    """Return the error of a folder that is no run's; those of sweeps and zoos hold some."""
    inside = [f.parent for depth in ("*", "*/*") for f in out.glob(f"{depth}/{SPEC}")]
    runs = sorted(str(folder) for folder in inside if is_run(folder))
    way = f"one of the runs in it, as {runs[0]}" if runs else "the --out folder of an earlier run"
    return RollsightError(f"{out} is no run directory: name {way}")


def _damaged(out: Path, error: Exception) -> RollsightError:
    line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return RollsightError(f"{out} has a damaged file ({line}): call rollsight run again")


def write_json(path: Path, content: object) -> None:
    """Write JSON atomically; NaN is refused, absent numbers are null."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    write_text(path, text + "\n")
