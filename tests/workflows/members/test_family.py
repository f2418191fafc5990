"""Other families of models from a market folder to the page: what they cannot do is left out."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.changes import changed
from rollsight.backtests.directory.result import read_result
from rollsight.backtests.spec import RunSpec, check_spec, read_spec, to_toml
from rollsight.base.errors import RollsightError
from rollsight.training.models.baselines.logistic import LogisticSpec
from rollsight.training.spec import NetworkSpec
from rollsight.workflows.audit import audit
from rollsight.workflows.run import run
from rollsight.workflows.sweep import sweep
from rollsight.workflows.update import update
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market

# Fewer than 60 sessions are tested: QuantStats, which knows nothing of families, draws no sheet.
RECIPE = Recipe(n_stocks=4, n_days=218)
CENTROIDS = "tests.support.toys.families:centroids"
LEFT_OUT = "which index drove its trades is left out"


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), RECIPE)


def contents(out: Path) -> dict[str, bytes]:
    files = [p for p in out.rglob("*") if p.is_file()]
    return {p.name: p.read_bytes() for p in files if p.name not in ("timings.json", "report.html")}


def spec(market: Path, name: str, **options: object) -> RunSpec:
    whole = spec_of(market)
    content = whole.model_dump() | {"model": {"name": name, **options}}
    return check_spec(content, "test")


@pytest.fixture(scope="module", params=["logistic", CENTROIDS])
def out(
    market: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "out"
    run(spec(market, request.param), out=folder)
    return folder


def test_a_run_has_thresholds_signals_and_a_page(out: Path) -> None:
    result = read_result(out)
    assert result.windows["threshold"].notna().any()
    p = result.signals[["p_down", "p_hold", "p_up"]].to_numpy()
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert p.std(axis=0).min() > 0
    page = (out / "report.html").read_text(encoding="utf-8")
    explained = result.spec.model.name == "logistic"
    assert (LEFT_OUT in page) != explained
    assert (len(result.attribution) > 0) == explained
    assert len(result.trades) > 0
    # What needs no gradient is there of both: how much worse forecasts get without a channel.
    assert np.isfinite(np.stack(result.windows["importance"])).all()


def test_the_same_call_trains_nothing_and_writes_the_same_bytes(out: Path) -> None:
    before = contents(out)
    models = {p: p.stat().st_mtime_ns for p in (out / "models").iterdir()}
    run(read_spec(str(out / "run.toml")), out=out, page=False)
    assert contents(out) == before
    assert models == {p: p.stat().st_mtime_ns for p in (out / "models").iterdir()}


def test_an_update_is_the_run_of_the_whole(out: Path, market: Path, tmp_path: Path) -> None:
    name = read_result(out).spec.model.name
    own = shutil.copytree(market, tmp_path / "market")
    for file in ("prices.parquet", "indices.parquet"):
        table = pd.read_parquet(own / file)
        table[table["Date"] <= np.unique(table["Date"])[-8]].to_parquet(own / file, index=False)
    run(spec(own, name), out=tmp_path / "short", page=False)
    shutil.copytree(market, own, dirs_exist_ok=True)
    update(tmp_path / "short", page=False)
    run(spec(own, name), out=tmp_path / "whole", page=False)
    for file in ("signals", "trades", "windows", "attribution_summary"):
        short, whole = (
            pd.read_parquet(tmp_path / n / f"{file}.parquet") for n in ("short", "whole")
        )
        pd.testing.assert_frame_equal(short, whole)


def test_an_audit_passes(market: Path) -> None:
    checks = audit(spec(market, CENTROIDS), trials=4)
    assert [check for check in checks if not check.passed] == []
    assert len(checks) == 8


def test_a_sweep_takes_families_beside_each_other(market: Path, tmp_path: Path) -> None:
    grid = {"model.name": ["resnet", "logistic", CENTROIDS], "strategy.max_positions": [1, 3]}
    done = sweep(spec_of(market), grid, out=tmp_path / "sweep", keep=0)
    assert done.metrics["counts"]["done"] == 6
    assert len(list((tmp_path / "sweep" / "networks").glob("*"))) >= 3
    keys = {"model.l2": [(1.0,), (0.1,)], "model.name": ["logistic"]}
    done = sweep(spec_of(market), keys, out=tmp_path / "keys", keep=0)
    assert done.metrics["counts"]["done"] == 2


def test_each_family_has_keys_of_its_own(market: Path) -> None:
    assert spec(market, "logistic", l2=[0.5]).model == LogisticSpec(name="logistic", l2=(0.5,))
    with pytest.raises(
        RollsightError, match=r"\[model\] has no key 'width' \(have \['l2', 'name'\]\)"
    ):
        spec(market, "logistic", width=4)
    with pytest.raises(RollsightError, match=r"model.l2: \[0.1, 1.0\] does not fall"):
        spec(market, "logistic", l2=[0.1, 1.0])
    with pytest.raises(
        RollsightError, match=r"no family is called 'logistics'.*did you mean 'logistic'"
    ):
        spec(market, "logistics")
    with pytest.raises(RollsightError, match=r"\[model\] has no key 'l2'"):
        changed(spec_of(market), {"model.l2": (1.0,)})


def test_another_family_leaves_the_keys_of_the_one_before_behind(market: Path) -> None:
    other = changed(spec_of(market), {"model.name": "logistic"})
    assert other.model == LogisticSpec(name="logistic")
    assert changed(other, {"model.name": "resnet"}).model == NetworkSpec()


def test_a_file_written_out_is_read_again(market: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(to_toml(spec(market, "logistic", l2=[0.5])), encoding="utf-8")
    assert "\nl2 = [0.5]" in path.read_text(encoding="utf-8")
    assert read_spec(str(path)) == spec(market, "logistic", l2=[0.5])
    # The file's keys of the family that is left go with it; those that are asked for do not.
    assert read_spec(str(path), ["model.name=resnet", "model.width=8"]).model == NetworkSpec(
        width=8
    )
    with pytest.raises(RollsightError, match=r"\[model\] has no key 'l2'"):
        read_spec(str(path), ["model.name=resnet", "model.l2=[0.1]"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"training.seeds": 3}, "model.name='logistic' fits the same model with every seed"),
        ({"training.mode": "fine-tune"}, "cannot move model.name='logistic'"),
        ({"attribution.methods": ("grad_cam",)}, "has no layer for Grad-CAM"),
        ({"attribution.methods": ("occlusion",), "model.name": CENTROIDS}, "no gradient flows"),
    ],
)
def test_what_a_family_cannot_do_is_refused(
    market: Path, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(RollsightError, match=said):
        run(changed(spec(market, "logistic"), changes))
