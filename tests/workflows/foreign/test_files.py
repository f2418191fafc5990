"""What files of somebody else's can do to whoever opens them: nothing, whatever they hold."""

import hashlib
import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from rollsight.backtests.directory.directory import MANIFEST, SPEC, TABLES
from rollsight.backtests.directory.result import read_result
from rollsight.backtests.trials.arrays import DIGEST, read_arrays, write_arrays
from rollsight.base.errors import RollsightError
from rollsight.base.files import write_text
from rollsight.signals.folder.reading import read_folder
from rollsight.signals.vendors.parts import Parts
from rollsight.workflows.reading.report import report

TAG = "<img src=q onerror=alert(1)>"


class Bait:
    """What makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def theirs(run_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(run_folder, tmp_path / "theirs")


def contents(folder: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("file", ["models/000-0.pt", *(f"{table}.parquet" for table in TABLES)])
def test_a_pickle_in_the_place_of_a_file_is_not_unpickled(
    file: str, packed: bool, theirs: Path, tmp_path: Path
) -> None:
    bait = Bait(tmp_path / "run")
    if packed:
        torch.save({"metadata": {"classes": bait}, "digest": ""}, theirs / file)
    else:
        (theirs / file).write_bytes(pickle.dumps(bait))
    with pytest.raises(RollsightError, match="damaged"):
        read_result(theirs)
    assert not (tmp_path / "run").exists()


def test_a_pickle_in_a_market_folder_or_a_sweep_is_not_unpickled(tmp_path: Path) -> None:
    bait, market = Bait(tmp_path / "run"), tmp_path / "market"
    market.mkdir()
    (market / "prices.parquet").write_bytes(pickle.dumps(bait))
    (market / "prices.pkl").write_bytes(pickle.dumps(bait))
    with pytest.raises(RollsightError, match="no Parquet file"):
        read_folder(str(market))
    path = tmp_path / "one.arrays"
    write_arrays(path, {}, {"x": np.zeros(3)})
    head = path.read_bytes()[DIGEST:][: -len(np.zeros(3).tobytes()) - 128]
    with path.open("wb") as file:
        np.save(file, np.array([bait], dtype=object), allow_pickle=True)
    body = head + path.read_bytes()
    path.write_bytes(hashlib.sha256(body).hexdigest().encode() + body)
    assert read_arrays(path) is None
    assert not (tmp_path / "run").exists()


def test_names_that_lead_out_of_a_folder_lead_nowhere(theirs: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "000-0.pt").write_bytes(b"years of work")
    manifest = json.loads((theirs / MANIFEST).read_text(encoding="utf-8"))
    manifest["seeds"] = ["0/../../../victim/000-0"]
    (theirs / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    before = contents(tmp_path)
    with pytest.raises(RollsightError):
        read_result(theirs)
    assert contents(tmp_path) == before
    parts = Parts(tmp_path / "fetched")
    with pytest.raises(RollsightError, match="would lead elsewhere"):
        parts.mark_missing("../../victim/000-0", "gone")
    with pytest.raises(RollsightError, match="would lead elsewhere"):
        parts.read("prices", "..\\victim")
    assert contents(tmp_path) == before


def test_a_link_in_the_place_of_a_file_that_is_written_is_not_followed(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.write_bytes(b"years of it")
    for name in ("report.html", f".report.html.{os.getpid()}.partial"):
        (tmp_path / name).symlink_to(work)
    write_text(tmp_path / "report.html", "a page")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "a page"
    assert {p.name for p in tmp_path.iterdir()} == {"report.html", "work"}
    assert work.read_bytes() == b"years of it"


def test_a_link_does_not_have_another_run_moved_or_written_over(
    theirs: Path, run_folder: Path, tmp_path: Path
) -> None:
    mine = shutil.copytree(run_folder, tmp_path / "mine")
    before = contents(mine)
    (theirs / ".next").symlink_to(mine)
    read_result(theirs)
    assert contents(mine) == before
    (theirs / ".next").unlink()
    shutil.copytree(run_folder, theirs / ".next")
    shutil.rmtree(theirs / "models")
    (theirs / "models").symlink_to(mine / "models")
    (theirs / ".next/models/000-0.pt").write_bytes(b"torn")
    with pytest.raises(RollsightError, match="is a link"):
        read_result(theirs)
    (theirs / "models").unlink()
    (theirs / ".lock").unlink()
    (theirs / ".lock").symlink_to(mine / "run.toml")
    with pytest.raises(RollsightError, match="cannot be written"):
        read_result(theirs)
    assert contents(mine) == before


@pytest.mark.slow
def test_texts_of_every_file_are_text_on_the_page(theirs: Path) -> None:
    manifest = json.loads((theirs / MANIFEST).read_text(encoding="utf-8"))
    manifest["market"] |= {"currency": TAG, "exchange": TAG, "notes": [TAG]}
    manifest["channels"] = [c | {"title": TAG, "unit": TAG} for c in manifest["channels"]]
    manifest["ledger"] = [c | {"name": TAG, "known": TAG} for c in manifest["ledger"]]
    manifest["libraries"] = dict.fromkeys(manifest["libraries"], TAG)
    manifest["spec"]["name"] = TAG
    (theirs / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    lines = (theirs / SPEC).read_text("utf-8").split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("name ="))
    lines[at] = f"name = {json.dumps(TAG)}"
    (theirs / SPEC).write_text("\n".join(lines), encoding="utf-8")
    for name in TABLES:
        table = pd.read_parquet(theirs / f"{name}.parquet")
        for column in table.columns.intersection(["code", "name"]):
            table[column] = table[column].astype(str) + TAG
        table.to_parquet(theirs / f"{name}.parquet", index=False)
    found = report(theirs)
    assert "<img" not in found.html
    assert found.html.count("&lt;img src=q") > 3
    assert "<img" not in found._repr_html_()
