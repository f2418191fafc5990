"""Baselines: another family in the model's place, all else the run's own."""

from pathlib import Path

import pandas as pd
import pytest

from rollsight.backtests.account.statistics import total_return
from rollsight.backtests.baselines.specs import baseline_specs
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.directory.result import Result
from rollsight.backtests.owncode import run_digest
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.base.errors import RollsightError
from rollsight.training.fitting.store import Store
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market

CENTROIDS = "tests.support.toys.families:centroids"
DECIDED = ["decided_at", "code", "window", "p_down", "p_hold", "p_up", "score", "threshold", "buy"]


def spec(folder: Path, baselines: list[str], **model: object) -> RunSpec:
    whole = spec_of(folder).model_dump() | {"baselines": baselines}
    return check_spec(whole | ({"model": model} if model else {}), "test")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), Recipe(n_stocks=4, n_days=218))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("run") / "models")


@pytest.fixture(scope="module")
def result(folder: Path, store: Store) -> Result:
    return walk_forward(spec(folder, ["logistic", CENTROIDS]), store=store)


@pytest.mark.parametrize("name", ["logistic", CENTROIDS])
def test_a_baseline_decides_and_earns_what_a_run_of_its_family_does(
    folder: Path, result: Result, name: str
) -> None:
    alone = walk_forward(spec(folder, [], name=name))
    table = result.baselines[result.baselines["baseline"] == name].reset_index(drop=True)
    pd.testing.assert_frame_equal(table[DECIDED], alone.signals[DECIDED], check_exact=True)
    (facts,) = (f for f in result.manifest["baselines"] if f["name"] == name)
    assert (facts["trades"], facts["seeds"]) == (len(alone.trades), [0])
    assert facts["total_return"] == total_return(alone.equity["return"].to_numpy()) != 0
    for key in ("model_digests", "model_keys"):
        assert facts[key] == alone.manifest[key]


def test_the_run_itself_is_the_same_with_baselines_and_without(
    folder: Path, result: Result
) -> None:
    alone = walk_forward(spec_of(folder))
    assert alone.manifest["baselines"] == [] == alone.baselines.to_dict("records")
    assert list(alone.baselines.columns) == list(result.baselines.columns)
    for table in ("signals", "windows", "trades", "equity"):
        pd.testing.assert_frame_equal(getattr(alone, table), getattr(result, table))


def test_networks_of_baselines_lie_beside_the_runs_own_and_are_read_again(
    folder: Path, store: Store, result: Result
) -> None:
    assert store.own is not None
    names = {path.name for path in store.own.iterdir()}
    families = ("", "-logistic", "-tests.support.toys.families.centroids")
    assert names == {f"{n:03d}{family}-0.pt" for n in range(2) for family in families}
    written = {path: path.stat().st_mtime_ns for path in store.own.iterdir()}
    again = walk_forward(spec(folder, ["logistic", CENTROIDS]), store=store)
    assert written == {path: path.stat().st_mtime_ns for path in store.own.iterdir()}
    pd.testing.assert_frame_equal(again.baselines, result.baselines, check_exact=True)


def test_a_baseline_has_one_network_a_window_however_the_runs_own_are_trained(
    folder: Path,
) -> None:
    whole = spec_of(folder, "warm-start").model_dump() | {"baselines": ["logistic"]}
    training = whole["training"] | {"seeds": 3, "class_weights": "balanced"}
    (own,) = baseline_specs(check_spec(whole | {"training": training}, "test"))
    assert (own.training.mode, own.training.seeds) == ("retrain", 1)
    assert own.training.class_weights == "balanced"
    assert (own.model.name, own.baselines) == ("logistic", ())


def test_a_model_is_no_baseline_of_itself(folder: Path) -> None:
    assert baseline_specs(spec(folder, ["logistic"], name="logistic")) == []
    # With other keys it is another model.
    other = baseline_specs(spec(folder, ["logistic"], name="logistic", l2=[0.5]))
    assert [one.model.name for one in other] == ["logistic"]


@pytest.mark.parametrize(
    ("baselines", "fault"),
    [
        (["logistics"], r"no family is called 'logistics' .*did you mean 'logistic'\?"),
        (["logistic", "logistic"], r"'logistic' is named twice: name each baseline once$"),
    ],
)
def test_a_baseline_is_a_known_family_named_once(
    folder: Path, baselines: list[str], fault: str
) -> None:
    with pytest.raises(RollsightError, match=f"^test: baselines: {fault}"):
        spec(folder, baselines)


def test_a_baseline_of_a_users_own_is_part_of_the_runs_digest(folder: Path, result: Result) -> None:
    assert list(result.manifest["own_sources"]) == [f"family {CENTROIDS!r}"]
    alone, beside = (run_digest(spec(folder, own)) for own in (["logistic"], [CENTROIDS]))
    assert alone != beside
    assert result.manifest["chain_digest"] == beside


def test_a_baseline_that_cannot_be_trained_is_refused_before_anything_is(folder: Path) -> None:
    with pytest.raises(RollsightError, match=r"family 'nowhere:model': there is no module"):
        walk_forward(spec(folder, ["nowhere:model"]))
