"""Trades are explained and windows judged whatever there is of either."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.directory.result import Result
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.base.errors import RollsightError
from rollsight.reports.page.language import speak
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.saliency.section import saliency
from rollsight.training.explaining.methods import METHODS
from rollsight.training.fitting.store import Store
from tests.support.markets import Recipe, write_market

RECIPE = Recipe(n_stocks=4, n_days=190)
CHECKS = ["gate_seeds", "gate_randomised", "gate_deletion", "gate_methods"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), RECIPE)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "models"


def spec_of(folder: Path, **sections: dict[str, Any]) -> RunSpec:
    given: dict[str, dict[str, Any]] = {
        "market": {"folder": str(folder), "book": "krx"},
        "features": {"lookback": 20},
        "label": {"horizon": 3},
        "windows": {"train_days": 90, "validation_days": 40, "test_days": 20},
        "model": {"width": 4, "blocks": 1},
        "training": {"epochs": 2, "seeds": 3, "shrink": False},
        "threshold": {"min_buys": 10},
    }
    return check_spec({k: given.get(k, {}) | sections.get(k, {}) for k in {*given, *sections}}, "")


def assert_whole(result: Result) -> None:
    """Raise unless every table is there, and the page's section can be made of them."""
    windows = result.windows
    assert windows["gate_passed"].dtype == bool
    assert ((windows["gate_reason"] == "") == windows["gate_passed"]).all()
    assert all(len(v) == len(result.manifest["channels"]) for v in windows["importance"])
    numbers = build_metrics(result)
    assert numbers.attribution.left_out.windows == len(windows)
    assert "<section" in saliency(numbers, speak("en"))


@pytest.mark.slow
def test_further_methods_stand_beside_the_gradient_and_train_nothing(
    folder: Path, store: Path
) -> None:
    plain = walk_forward(spec_of(folder), store=Store(store))
    every = walk_forward(
        spec_of(folder, attribution={"methods": list(METHODS)}), store=Store(store)
    )
    assert every.manifest["model_digests"] == plain.manifest["model_digests"]
    own = ["trade", "channel", "lag", "gradient", "contribution"]
    assert list(plain.attribution.columns) == own
    assert list(every.attribution.columns) == [*own, *METHODS]
    assert set(every.attribution.dtypes[5:]) == {np.dtype("float32")}
    assert set(every.attribution_summary["method"]) == {"gradient", *METHODS}
    assert every.attribution[own].equals(plain.attribution)
    assert np.isfinite(every.attribution[list(METHODS)].to_numpy()).all()
    assert_whole(every)


@pytest.mark.slow  # two more processes; test_cli.py compares what they write with the gradient
def test_two_jobs_draw_the_same_maps_with_every_method(folder: Path, store: Path) -> None:
    every = walk_forward(
        spec_of(folder, attribution={"methods": list(METHODS)}), store=Store(store)
    )
    both = walk_forward(
        spec_of(folder, attribution={"methods": list(METHODS)}), store=Store(store), jobs=2
    )
    assert both.attribution.equals(every.attribution)
    assert both.windows.equals(every.windows)


def test_another_target_gives_another_map_of_the_same_models(folder: Path, store: Path) -> None:
    plain = walk_forward(spec_of(folder), store=Store(store))
    other = walk_forward(spec_of(folder, attribution={"target": "up_logit"}), store=Store(store))
    assert other.manifest["model_digests"] == plain.manifest["model_digests"]
    assert not np.allclose(other.attribution["gradient"], plain.attribution["gradient"])


def test_no_trades_leave_the_windows_judged(folder: Path, store: Path) -> None:
    result = walk_forward(spec_of(folder, threshold={"min_score": 1.5}), store=Store(store))
    assert len(result.trades) == len(result.attribution) == len(result.attribution_summary) == 0
    assert result.windows[CHECKS].notna().all().all()
    assert_whole(result)


def test_one_window_one_index_and_one_seed_are_whole(folder: Path) -> None:
    result = walk_forward(
        spec_of(
            folder,
            market={"indices": ["KS11"]},
            windows={"test_days": 100},
            training={"seeds": 1},
        )
    )
    assert len(result.windows) == 1
    assert not result.windows["gate_passed"].any()
    assert result.windows["gate_seeds"].isna().all()
    assert "set training.seeds=3" in result.windows["gate_reason"].iloc[0]
    assert set(result.attribution_summary["period"]) <= {"window 000"}
    assert_whole(result)


def test_a_method_that_cannot_be_had_is_refused_before_training(folder: Path) -> None:
    spec = spec_of(
        folder, model={"activation": "tanh"}, attribution={"methods": ["guided_grad_cam"]}
    )
    with pytest.raises(RollsightError, match="needs ReLU"):
        prepare(spec)


@pytest.mark.parametrize(
    ("methods", "said"),
    [
        (["occlusion", "occlusion"], "attribution.methods: 'occlusion' is named twice"),
        (["lime"], "attribution.methods='lime' is not allowed"),
    ],
)
def test_methods_that_are_none_are_refused(folder: Path, methods: list[str], said: str) -> None:
    with pytest.raises(RollsightError, match=said):
        spec_of(folder, attribution={"methods": methods})


def test_a_family_that_attends_has_its_weights_beside_the_gate(folder: Path) -> None:
    given = spec_of(folder).model_dump(mode="json")
    result = walk_forward(check_spec(given | {"model": {"name": "attention", "hidden": 4}}, ""))
    traded = set(result.trades["window"])
    for window in result.windows.itertuples():
        weights = np.array(list(window.attention))
        assert weights.shape == ((1, 20) if window.number in traded else (0,))
        assert len(window.attention_occlusion) == (20 if window.number in traded else 0)
    assert traded
    assert_whole(result)
