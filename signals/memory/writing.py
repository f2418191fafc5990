"""A market in memory written as a market folder."""

import os
import shutil
from pathlib import Path

from rollsight.base.digests import content_digest
from rollsight.base.errors import RollsightError
from rollsight.base.toml import toml_key, toml_value
from rollsight.signals.folder.reading import Folder, read_folder


def write_folder(market: Folder, out: Path) -> Path:
    """Write tables and settings of a market, and return the folder.

    Raises
    ------
    RollsightError
        If something else is there, or it cannot be written.
    """
    if out.exists():
        _require_same(market, out)
        return out
    beside = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        beside.mkdir(parents=True)
        _fill(beside, market)
        beside.rename(out)
    except OSError as error:
        raise RollsightError(
            f"{out} cannot be written ({error.strerror or error}): name another folder"
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return out


def _fill(folder: Path, market: Folder) -> None:
    tables = {
        "prices": market.prices,
        "indices": market.indices.reset_index(),
        "listings": market.listings.reset_index(),
    }
    for name, table in tables.items():
        if len(table):
            table.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / "market.toml").write_text(_toml(market), encoding="utf-8")


def _require_same(market: Folder, out: Path) -> None:
    try:
        there = read_folder(str(out))
    except RollsightError as error:
        raise RollsightError(f"{out} is there, and is no such market: name a new folder") from error
    if _digest(there) != _digest(market):
        raise RollsightError(f"{out} holds another market: name a new folder")


def _digest(market: Folder) -> str:
    listed = market.listings.reset_index()
    rows = [listed[name].astype(object).where(listed[name].notna(), None) for name in listed]
    said = market.settings.model_dump(mode="json")
    return content_digest(
        [market.prices, market.indices, *([str(v) for v in row] for row in rows), said]
    )


def _toml(market: Folder) -> str:
    said = market.settings.model_dump(exclude_none=True, exclude_defaults=True)
    entries = said.pop("indices", {})
    lines = [f"{key} = {toml_value(value)}" for key, value in said.items()]
    for symbol, entry in entries.items():
        lines += ["", f"[indices.{toml_key(symbol)}]"]
        lines += [f"{key} = {toml_value(value)}" for key, value in entry.items()]
    return "\n".join([*lines, ""])
