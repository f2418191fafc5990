"""The tables of a run, in memory and in its directory."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.backtests.directory import TABLES, is_run, own_files, write_spec
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.signals.errors import RollsightError
from rollsight.signals.files import whole_name, write_file, write_text
from rollsight.training.store import check_networks, network_path

# Of the run directory: raised when a report needs what earlier directories do not hold.
FORMAT = 3
MANIFEST_KEYS = (
    "market", "universe", "channels", "ledger", "losses", "equity_residual", "model_digests",
    "seeds",
)  # fmt: skip


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
    closes : one row a traded stock and session, quote currency; null without a price
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


def write_tables(result: Result, out: Path) -> None:
    """Write spec and tables, each file atomically, and drop what is not of this run."""
    # The manifest is written last: without it a run has not finished.
    (out / "manifest.json").unlink(missing_ok=True)
    write_spec(result.spec, out)
    for name in TABLES:
        table: pd.DataFrame = getattr(result, name)
        write_file(out / f"{name}.parquet", partial(table.to_parquet, index=False))
    kept = {
        network_path(out / "models", number, seed)
        for number in result.windows["number"]
        for seed in result.manifest["seeds"]
    }
    for path in own_files(out):
        torn = path.name != whole_name(path)
        if torn or (path.suffix == ".pt" and path not in kept):
            path.unlink()
    _drop_stale_audit(out, result.manifest)


def _drop_stale_audit(out: Path, manifest: dict[str, Any]) -> None:
    """Remove an audit that was made of another spec, other data, or with other code."""
    path, of = out / "audit.json", ("spec_digest", "data_digest", "chain_digest")
    if path.is_file():
        try:
            audited = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            audited = {}
        if any(audited.get(key) != manifest[key] for key in of):
            path.unlink()


def read_result(out: Path) -> Result:
    """Return the tables of a finished run.

    Raises
    ------
    RollsightError
        If the folder is no run, the run has not finished or is of another format, or a model is
        missing, damaged or not the one that the run was made with.
    """
    manifest = read_manifest(out)
    missing = [f"{t}.parquet" for t in TABLES if not (out / f"{t}.parquet").is_file()]
    if missing:
        raise RollsightError(f"{out} lacks {missing}: call rollsight run again to finish the run")
    try:
        tables = {name: pd.read_parquet(out / f"{name}.parquet") for name in TABLES}
    except (OSError, ValueError) as error:
        raise _damaged(out, error) from error
    for number, digest in enumerate(manifest["model_digests"]):
        check_networks(
            [network_path(out / "models", number, seed) for seed in manifest["seeds"]], digest
        )
    return Result(spec=read_spec(str(out / "run.toml")), manifest=manifest, **tables)


def read_manifest(out: Path) -> dict[str, Any]:
    """Return the manifest of a finished run of this format.

    Raises
    ------
    RollsightError
        If the folder is no run, or the run has not finished or is of another format.
    """
    if not is_run(out):
        raise RollsightError(
            f"{out} is no run directory: name the --out folder of an earlier rollsight run"
        )
    path = out / "manifest.json"
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
    return manifest


def _damaged(out: Path, error: Exception) -> RollsightError:
    line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return RollsightError(f"{out} has a damaged file ({line}): call rollsight run again")


def write_json(path: Path, content: object) -> None:
    """Write JSON atomically; NaN is refused, absent numbers are null."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    write_text(path, text + "\n")
