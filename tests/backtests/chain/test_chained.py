"""Runs whose networks start from those before: the same bytes, resumed or not, and audited."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rollsight.backtests.audit.causality import Subject, future_edit, retrained
from rollsight.backtests.chain.networks import networks
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.directory.result import Result
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.backtests.workers.executors import Backend, executor
from rollsight.base.errors import RollsightError
from rollsight.base.progress import silent
from rollsight.training.fitting.store import Store, model_digest
from rollsight.training.models.model import FittedModel
from tests.support.audits import TINY, subject_of
from tests.support.planted import planted_market

CHAINED = [*TINY, "training.seeds=2", "training.distillation=0.5"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted_market(
        tmp_path_factory.mktemp("market"), seed=6, strength=0.4, n_stocks=4, n_days=300
    )


def spec_of(folder: Path, mode: str = "fine-tune", *changes: str) -> RunSpec:
    return read_spec("krx", [*CHAINED, f"training.mode={mode}", *changes], str(folder))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "models"


@pytest.fixture(scope="module")
def result(folder: Path, store: Path) -> Result:
    return walk_forward(spec_of(folder), store=Store(store))


def bytes_of(store: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(store.iterdir())}


def trained(
    spec: RunSpec,
    store: Path | None = None,
    jobs: int = 1,
    seeds: list[int] | None = None,
    backend: Backend = "loky",
) -> list[FittedModel]:
    ready = prepare(spec)
    with executor(backend, jobs=jobs) as running:
        found = networks(
            ready.samples, ready.windows, spec, store=Store(store), running=running,
            progress=silent, seeds=seeds,
        )  # fmt: skip
    return [model for model, _ in found]


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.slow)])
def test_two_jobs_write_the_same_bytes(
    folder: Path, store: Path, result: Result, tmp_path: Path, backend: Backend
) -> None:
    assert len(bytes_of(store)) == 6
    trained(spec_of(folder), tmp_path, jobs=2, backend=backend)
    assert bytes_of(tmp_path) == bytes_of(store)


@pytest.mark.parametrize("lost", [["001-1.pt"], ["000-0.pt", "001-0.pt"], ["002-0.pt"]])
def test_a_run_that_lost_networks_goes_on_from_those_it_has(
    folder: Path, store: Path, result: Result, tmp_path: Path, lost: list[str]
) -> None:
    for name, content in bytes_of(store).items():
        if name not in lost:
            (tmp_path / name).write_bytes(content)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    trained(spec_of(folder), tmp_path)
    assert bytes_of(tmp_path) == bytes_of(store)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_each_seed_is_a_chain_of_its_own(folder: Path, result: Result) -> None:
    second = trained(spec_of(folder), seeds=[1])
    both = trained(spec_of(folder))
    for one, two in zip(second, both, strict=True):
        assert one.keys == two.keys[1:]
        for name, weight in one.weights[0].items():
            np.testing.assert_array_equal(weight, two.weights[1][name])


def test_the_modes_share_their_first_network_and_no_other(folder: Path, result: Result) -> None:
    found = [trained(spec_of(folder, m)) for m in ("retrain", "warm-start", "fine-tune")]
    for number in range(3):
        assert len({key for models in found for key in models[number].keys}) == (
            2 if number == 0 else 6
        )
    first = [[w["last.weight"].tobytes() for w in models[0].weights] for models in found]
    assert first[0] == first[1] == first[2]
    last = {models[2].weights[0]["last.weight"].tobytes() for models in found}
    assert len(last) > 1


def test_a_padded_network_is_refused_before_anything_is_trained(folder: Path) -> None:
    with pytest.raises(RollsightError, match=r"take model\.name='resnet'"):
        prepare(spec_of(folder, "fine-tune", "model.name=resnet18"))
    prepare(spec_of(folder, "retrain", "model.name=resnet18"))


@pytest.fixture(scope="module")
def subject(folder: Path) -> Subject:
    return subject_of(spec_of(folder))


def test_the_audit_finds_nothing_in_an_honest_chain(subject: Subject) -> None:
    assert [fault for seed in range(4) for fault in future_edit(subject, seed)] == []
    assert [retrained(subject, 2, 0, another=a) for a in (True, False)] == [[], []]


def test_the_audit_trains_the_chain_up_to_the_window(subject: Subject, folder: Path) -> None:
    # The last window, trained from scratch as a window alone would be, is another model.
    alone = trained(spec_of(folder, "retrain"))[2]
    assert model_digest(alone) != model_digest(subject.folds[2].model)
    folds = (*subject.folds[:2], replace(subject.folds[2], model=alone))
    subject = replace(subject, folds=folds)
    for another, what in ((True, "with another future"), (False, "with none")):
        faults = retrained(subject, 2, 0, another=another)
        assert [fault.what for fault in faults] == [f"{what} its model differs"]
