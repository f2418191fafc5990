"""Where a teacher is read from, and who may not be one."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from rollsight.backtests.baselines.specs import baseline_name, baseline_specs, without_others
from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.changes import placed
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.backtests.specs.unused import unused_notes
from rollsight.backtests.sweeps.reader import OtherDataError, Reader
from rollsight.base.errors import RollsightError
from rollsight.workflows.run import run
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), Recipe(n_stocks=4, n_days=240))


@pytest.fixture(scope="module")
def finished(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "teacher"
    run(spec_of(market), out=out, page=False)
    return out


def taught(market: Path, source: object, model: dict[str, object] | None = None) -> RunSpec:
    whole = spec_of(market).model_dump() | {"teacher": {"source": str(source)}}
    return check_spec(whole | ({} if model is None else {"model": model}), "test")


def refused(spec: RunSpec) -> str:
    with pytest.raises(RollsightError) as refusal:
        prepare(spec)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def soft_of(ready: Prepared) -> pd.DataFrame:
    soft = ready.samples.soft
    assert soft is not None
    assert soft.probability is not None
    return pd.DataFrame(soft.probability.reshape(-1, 3))


def test_a_run_and_a_file_of_its_signals_are_the_same_teacher(
    market: Path, finished: Path, tmp_path: Path
) -> None:
    signals = pd.read_parquet(finished / "signals.parquet")
    signals = signals.assign(known_at=signals["decided_at"])
    columns = ["decided_at", "code", "p_down", "p_hold", "p_up", "known_at"]
    signals[columns].to_parquet(tmp_path / "soft.parquet")
    one, other = (
        soft_of(prepare(taught(market, source))) for source in (finished, tmp_path / "soft.parquet")
    )
    pd.testing.assert_frame_equal(one, other)
    assert one.notna().any(axis=1).sum() == len(signals)


def test_what_is_no_teacher_is_refused_with_the_ways_out(market: Path, tmp_path: Path) -> None:
    said = refused(taught(market, tmp_path / "nowhere.csv"))
    assert "nowhere.csv' is neither a parquet or csv file nor a finished run's directory" in said
    assert said.endswith("or take one of random, smoothing and none")
    assert "neither" in refused(taught(market, tmp_path))
    (tmp_path / "soft.csv").write_text("decided_at,code\n2024-01-02,000010\n", encoding="utf-8")
    assert "has no column 'p_down'" in refused(taught(market, tmp_path / "soft.csv"))


def test_a_run_that_learnt_what_it_scores_is_refused_by_its_dates(
    market: Path, finished: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(finished, tmp_path / "late"))
    windows = pd.read_parquet(out / "windows.parquet")
    stop = windows["validation_stop"] + pd.Timedelta(days=20)
    windows.assign(validation_stop=stop).to_parquet(out / "windows.parquet")
    said = refused(taught(market, out))
    assert "what its window 0 was trained on, up to " in said
    assert "a teacher must have learnt before the rows that it scores" in said


@pytest.mark.parametrize(
    ("section", "key", "value", "told"),
    [
        (
            "market",
            "exchange",
            "XNYS",
            r"is a run on XNYS \(exchange\), and this market is of XKRX",
        ),
        ("market", "currency", "USD", r"is a run on USD \(currency\), and this market is of KRW"),
    ],
)
def test_a_run_on_another_market_is_refused(
    market: Path, finished: Path, tmp_path: Path, section: str, key: str, value: str, told: str
) -> None:
    out = Path(shutil.copytree(finished, tmp_path / "other"))
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    manifest[section][key] = value
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(RollsightError, match=told):
        prepare(taught(market, out))


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"horizon": 4}, "label.horizon=5, and this spec has 4"),
        ({"horizon": 5, "band": "volatility"}, "band='fixed', and this spec has 'volatility'"),
        ({"horizon": 5, "up": 0.01}, "label.up=0.02, and this spec has 0.01"),
        ({"horizon": 5, "down": -0.01}, "label.down=-0.02, and this spec has -0.01"),
    ],
)
def test_a_run_with_another_label_is_refused(
    market: Path, finished: Path, own: dict[str, object], told: str
) -> None:
    whole = taught(market, finished).model_dump() | {"label": own}
    said = refused(check_spec(whole, "test"))
    assert told in said
    assert said.endswith("name a run with the same [label] as teacher")
    like = {"source": "random", "like": str(finished)}
    assert told in refused(check_spec(whole | {"teacher": like}, "test"))


def test_keys_that_make_no_class_may_differ(market: Path, finished: Path) -> None:
    label = {"horizon": 5, "multiple": 0.7, "up_share": 0.2}
    whole = taught(market, finished).model_dump() | {"label": label}
    prepare(check_spec(whole, "test"))


def test_a_run_that_learnt_returns_is_refused(market: Path, finished: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(finished, tmp_path / "returns"))
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    manifest["spec"]["model"] = {"name": "mlp", "task": "regress"}
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    said = refused(taught(market, out))
    assert "is a run with model.task='regress' (model.name='mlp'), which learnt returns" in said


def test_a_run_with_joins_by_date_is_refused(market: Path, finished: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(finished, tmp_path / "leak"))
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    manifest["spec"]["features"]["join"] = "same-date"
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "shows it what came after its decisions" in refused(taught(market, out))


@pytest.mark.parametrize("name", ["logistic", "boosting", "ensemble"])
def test_a_family_that_learns_labels_alone_has_no_teacher(market: Path, name: str) -> None:
    said = refused(taught(market, "smoothing", {"name": name}))
    assert said == (
        f"teacher.source='smoothing': model.name='{name}' learns labels alone: take a network, "
        "such as model.name='resnet', or set teacher.source='none'"
    )


def test_a_network_of_returns_has_no_teacher(market: Path) -> None:
    said = refused(taught(market, "smoothing", {"name": "mlp", "task": "regress"}))
    assert "model.name='mlp' forecasts returns, and soft labels are of classes" in said


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("alpha", 1.5, "must be less than or equal to 1"),
        ("alpha", -0.1, "must be greater than or equal to 0"),
        ("temperature", 0, "must be greater than 0"),
        ("entropy", 1.2, "must be less than 1.0986"),
    ],
)
def test_a_share_or_temperature_out_of_range_is_refused(
    market: Path, key: str, value: float, told: str
) -> None:
    whole = spec_of(market).model_dump() | {"teacher": {"source": "random", key: value}}
    with pytest.raises(RollsightError, match=rf"teacher\.{key}={value} is not allowed: {told}"):
        check_spec(whole, "test")


def test_beside_a_teacher_the_control_is_the_same_model_and_other_baselines_have_none(
    market: Path,
) -> None:
    whole = taught(market, "soft.csv").model_dump() | {"baselines": ["logistic", "mlp"]}
    spec = check_spec(whole | {"training": {"seeds": 3, "mode": "warm-start"}}, "test")
    *others, control = baseline_specs(spec)
    assert [baseline_name(one) for one in others] == ["logistic", "mlp"]
    assert not any(one.teacher.is_set for one in others)
    assert baseline_name(control) == "control"
    assert (control.teacher.source, control.teacher.like) == ("smoothing", "soft.csv")
    assert (control.model, control.training) == (spec.model, spec.training)
    assert baseline_specs(without_others(spec)) == []
    for source in ("none", "random", "smoothing"):
        assert baseline_specs(taught(market, source)) == []


def test_keys_without_effect_are_named(market: Path) -> None:
    def notes(**teacher: object) -> str:
        whole = spec_of(market).model_dump() | {"teacher": teacher}
        return " ".join(note for note in unused_notes(check_spec(whole, "t")) if "teacher" in note)

    assert notes(source="soft.csv", alpha=0.2) == ""
    assert "teacher.alpha has no effect" in notes(alpha=0.2)
    assert "teacher.like has no effect" in notes(source="soft.csv", like="run")
    assert "teacher.entropy has no effect" in notes(source="random", like="run", entropy=0.5)
    assert "teacher.control has no effect" in notes(source="smoothing", control="random")
    assert "teacher.seed has no effect" in notes(source="smoothing", seed=3)


def test_workers_of_a_sweep_find_the_teacher_and_refuse_another(
    market: Path, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signals = pd.read_parquet(finished / "signals.parquet")
    signals.assign(known_at=signals["decided_at"]).to_parquet(tmp_path / "soft.parquet")
    monkeypatch.chdir(tmp_path)
    spec = placed(taught(market, "soft.parquet"))
    assert spec.teacher.source == str(tmp_path / "soft.parquet")
    planner, worker = Reader(), Reader()
    planner.prepare(spec)
    worker.prepare(spec, planner.digest)
    half = signals.assign(known_at=signals["decided_at"], p_up=1.0, p_hold=0.0, p_down=0.0)
    half.to_parquet(tmp_path / "soft.parquet")
    with pytest.raises(OtherDataError, match=r"soft\.parquet' holds other data"):
        Reader().prepare(spec, planner.digest)
    later = Reader()
    later.prepare(spec)
    assert worker.prepare(spec, later.digest).samples.soft is not None
