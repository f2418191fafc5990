"""A finished run stays whole until the new one is, whenever a process is killed."""

import json
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.changes import changed
from rollsight.backtests.directory.claims import claim, refuse_another_spec
from rollsight.backtests.directory.result import finish, read_manifest, read_result, write_tables
from rollsight.backtests.directory.swap import NEXT, settle
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.base.errors import RollsightError
from rollsight.training.fitting.store import Store
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market
from tests.support.processes.forks import killed_at

RECIPE = Recipe(n_stocks=4, n_days=240)
OTHER = {"training.seeds": 2, "label.horizon": 3, "windows.test_days": 40}
Files = dict[str, bytes]


def made(spec: RunSpec, out: Path, *, fresh: bool = False) -> Path:
    """Make a run without its page."""
    with claim(out, spec, fresh=fresh) as claimed:
        result = walk_forward(spec, store=Store(claimed.models, earlier=claimed.earlier))
        write_tables(result, claimed.folder)
        finish(claimed, result.manifest)
    return out


def contents(folder: Path) -> Files:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return spec_of(write_market(tmp_path_factory.mktemp("market"), RECIPE))


@pytest.fixture(scope="module")
def old(spec: RunSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(spec, tmp_path_factory.mktemp("runs") / "old")


@pytest.fixture(scope="module")
def new(spec: RunSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of fewer windows, with more networks each."""
    return made(changed(spec, OTHER), tmp_path_factory.mktemp("runs") / "new")


def waiting(old: Path, new: Path, out: Path) -> Path:
    """Return a copy of the old run in which the new one, with all its networks, is whole."""
    shutil.copytree(old, out)
    shutil.copytree(new, out / NEXT, ignore=shutil.ignore_patterns(".lock"))
    (out / "audit.json").write_text("{}")
    (out / "models" / ".002-0.pt.77.partial").write_bytes(b"torn")
    (out / NEXT / "models" / ".001-0.pt.77.partial").write_bytes(b"torn")
    return out


@pytest.mark.skipif(sys.platform == "win32", reason="forks are POSIX's")
def test_a_swap_that_is_killed_at_any_step_is_ended_by_whoever_reads_next(
    spec: RunSpec, old: Path, new: Path, tmp_path: Path
) -> None:
    expected, step, killed = contents(new), 0, True
    seeds = read_manifest(new)["seeds"]
    while killed:
        out = waiting(old, new, tmp_path / str(step))
        killed = killed_at(step, lambda out=out: settle(out))  # type: ignore[misc]
        assert read_manifest(out)["seeds"] == seeds, step
        left = {n: c for n, c in contents(out).items() if n in expected}
        assert left == expected, step
        with claim(out, changed(spec, OTHER)):
            pass
        assert contents(out) == expected, step
        shutil.rmtree(out)
        step += 1
    # Ten tables and spec, six networks, what is not of the run, and the folders.
    assert step > 20


def test_the_finished_run_is_what_is_read_until_the_new_one_is_whole(
    old: Path, new: Path, tmp_path: Path
) -> None:
    out = waiting(old, new, tmp_path / "out")
    (out / NEXT / "manifest.json").unlink()
    before = contents(out)
    assert read_result(out).spec.training.seeds == 1
    assert contents(out) == before


def test_a_finished_run_of_another_spec_is_refused_by_the_keys_that_differ(
    spec: RunSpec, old: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(old, tmp_path / "out")
    before = contents(out)
    stopped = changed(spec, {"strategy.stop_loss": 0.05, "label.horizon": 3})
    with pytest.raises(RollsightError) as caught:
        made(stopped, out)
    assert str(caught.value) == (
        f"--out {out} holds a finished run of another spec (label.horizon is 5 there and 3 here, "
        "strategy.stop_loss is none there and 0.05 here): name another folder, or start over in "
        "this one with --fresh"
    )
    assert contents(out) == before
    with pytest.raises(RollsightError, match="name is 'run' there and 'mine' here"):
        refuse_another_spec(out, spec.model_copy(update={"name": "mine"}))


def test_many_keys_are_counted(spec: RunSpec, old: Path) -> None:
    training = {"epochs": 9, "patience": 9, "seed": 9, "dropout": 0.5} | {"l1": 0.5, "batch": 9}
    known = {f"training.{k}": v for k, v in training.items() if hasattr(spec.training, k)}
    windows = {"windows.train_days": 99, "windows.validation_days": 41, "windows.test_days": 31}
    label = {"label.horizon": 9, "label.up": 0.5, "label.down": -0.5}
    several = known | windows | label | {"features.clip": 9.0, "strategy.stop_loss": 0.5}
    with pytest.raises(RollsightError, match=rf", and {len(several) - 10} more\): name another"):
        refuse_another_spec(old, changed(spec, several))


def test_a_folder_that_was_moved_is_no_other_spec(spec: RunSpec, old: Path) -> None:
    moved = spec.market.model_copy(update={"folder": "elsewhere"})
    refuse_another_spec(old, spec.model_copy(update={"market": moved}))


def test_an_unfinished_run_of_another_spec_is_gone_on_from(
    spec: RunSpec, old: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(old, tmp_path / "out")
    (out / "manifest.json").unlink()
    with claim(out, changed(spec, OTHER)) as claimed:
        assert (claimed.folder, claimed.earlier) == (out, None)
    assert "horizon = 3" in (out / "run.toml").read_text()


def test_a_finished_run_whose_spec_is_not_known_is_not_lost(
    spec: RunSpec, old: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(old, tmp_path / "out")
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["spec"]["lable"] = manifest["spec"].pop("label")
    (out / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RollsightError, match=r"whose spec cannot be read .*'lable'.*--fresh"):
        refuse_another_spec(out, spec)
    del manifest["spec"]  # as in earlier versions
    (out / "manifest.json").write_text(json.dumps(manifest))
    refuse_another_spec(out, spec)
    with pytest.raises(RollsightError, match=r"label.horizon is 5 there"):
        refuse_another_spec(out, changed(spec, {"label.horizon": 3}))


def test_a_spec_that_was_edited_in_place_is_another_one(
    spec: RunSpec, old: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(old, tmp_path / "out")
    text = (out / "run.toml").read_text(encoding="utf-8")
    (out / "run.toml").write_text(text.replace("horizon = 5", "horizon = 3"), encoding="utf-8")
    with pytest.raises(RollsightError, match=r"label.horizon is 5 there and 3 here"):
        refuse_another_spec(out, read_spec(str(out / "run.toml")))
    with pytest.raises(RollsightError) as caught:
        read_result(out)
    assert str(caught.value) == (
        f"{out / 'run.toml'} was edited after its run (label.horizon is 5 in the run and 3 here): "
        "put it back, or run it into another folder"
    )
    # Where the market lies is no part of it.
    (out / "run.toml").write_text(text.replace(spec.market.folder, "moved"), encoding="utf-8")
    assert read_result(out).spec.market.folder == "moved"


def test_starting_over_leaves_the_finished_run_until_the_new_one_is_whole(
    spec: RunSpec, old: Path, new: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(old, tmp_path / "out")
    other, before = changed(spec, OTHER), read_result(out).manifest
    with claim(out, other, fresh=True) as claimed:
        assert claimed.earlier is None
        shutil.copy(new / "models" / "000-0.pt", claimed.models)
        assert read_result(out).manifest == before
    # As after a kill: the network is kept, and the call goes on without fresh.
    assert read_result(out).manifest == before
    assert (out / NEXT / "models" / "000-0.pt").is_file()
    with pytest.raises(RollsightError, match=r"name another folder"):
        refuse_another_spec(out, changed(spec, {"label.horizon": 2}))
    with claim(out, other) as claimed:
        assert (claimed.models / "000-0.pt").is_file()
    with claim(out, other, fresh=True) as claimed:
        assert not list(claimed.models.iterdir())
    assert contents(out) == contents(old)
    assert not (out / NEXT).exists()
    assert contents(made(other, out, fresh=True)) == contents(new)


def test_networks_of_other_data_do_not_take_the_place_of_the_finished_runs(
    spec: RunSpec, old: Path, new: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(old, tmp_path / "out")
    with claim(out, spec) as claimed:
        # As a call on other data left it, which was killed.
        shutil.copy(old / "models" / "001-0.pt", claimed.models / "000-0.pt")
    assert (out / NEXT).is_dir()
    times = {p: p.stat().st_mtime_ns for p in (out / "models").iterdir()}
    assert contents(made(spec, out)) == contents(old)
    assert {p: p.stat().st_mtime_ns for p in (out / "models").iterdir()} == times


def test_a_run_on_other_data_replaces_what_the_data_changed(old: Path, tmp_path: Path) -> None:
    market = write_market(tmp_path / "market", RECIPE)
    out = shutil.copytree(old, tmp_path / "out")
    prices = pd.read_parquet(market / "prices.parquet")
    last = prices["Date"] == prices["Date"].max()
    prices.loc[last, ["Open", "High", "Low", "Close"]] *= 1.01
    prices.to_parquet(market / "prices.parquet", index=False)
    models = {p: p.stat().st_mtime_ns for p in (out / "models").iterdir()}
    made(spec_of(market), out)
    fresh = made(spec_of(market), tmp_path / "fresh")
    assert contents(out) == contents(fresh)
    assert {p: p.stat().st_mtime_ns for p in (out / "models").iterdir()} == models
    was, now = (json.loads((d / "manifest.json").read_text()) for d in (old, out))
    assert was["data_digest"] != now["data_digest"]
