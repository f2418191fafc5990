"""Rows that a gate keeps from being learnt are not learnt of a teacher either."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.softtargets import soft_targets, taught_rows
from rollsight.training.fitting.store import model_digest
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.training.gate.fit import fit_gated, learnt_samples, window_gate
from rollsight.training.gate.spec import GateSpec
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.support.audits import own_index_market, spec_of
from tests.support.simulated.teachers import planted_samples, soft

WINDOW = Window(0, train=Span(15, 50), validation=Span(50, 65), test=Span(65, 80))
GATE = GateSpec(model="pca", layers=(2,), quantile=0.7, action="drop_train")
SAMPLES, TRUTH = planted_samples(4, 80)


def fitted(samples: SampleSet) -> str:
    training = TrainingSpec(epochs=2, stretch=8, batch=4, learning_rate=0.01)
    model = NetworkSpec(width=4, blocks=1)
    return model_digest(
        fit_gated(samples, WINDOW, gate=GATE, model=model, training=training, clip=5.0, seed=0)
    )


def learnt(samples: SampleSet) -> SampleSet:
    gate = window_gate(samples, WINDOW, GATE, seed=0, clip=5.0)
    return learnt_samples(samples, WINDOW, gate, GATE)


def taught(probability: np.ndarray, **how: object) -> SampleSet:
    return replace(SAMPLES, soft=soft(probability, **how))  # type: ignore[arg-type]


def test_soft_labels_of_dropped_rows_change_no_weight_and_those_of_others_do() -> None:
    known = known_rows(SAMPLES, WINDOW.train, WINDOW.validation.start)
    kept = known_rows(learnt(SAMPLES), WINDOW.train, WINDOW.validation.start)
    assert 0 < (known & ~kept).sum() < kept.sum()
    turned = []
    for rows in (known & ~kept, kept):
        other = TRUTH.copy()
        other[:, 15:50][rows] = other[:, 15:50][rows][:, ::-1]
        turned.append(fitted(taught(other)))
    assert turned[0] == fitted(taught(TRUTH)) != turned[1]


@pytest.mark.parametrize("targets", ["teacher", "smoothing", "random"])
def test_a_teacher_and_its_controls_have_the_rows_that_are_kept(targets: str) -> None:
    found = soft_targets(learnt(taught(TRUTH, targets=targets)), WINDOW)
    assert found is not None
    kept = known_rows(learnt(SAMPLES), WINDOW.train, WINDOW.validation.start)
    assert ((found.probability.sum(axis=2) > 0) == kept).all()
    assert len(taught_rows(learnt(taught(TRUTH)), WINDOW)) == kept.sum()


def test_a_run_counts_the_rows_that_were_learnt(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = own_index_market(tmp_path_factory.mktemp("market"))
    own = ("gate.model=pca", "gate.quantile=0.8", "teacher.source=smoothing",
           "threshold.min_buys=20")  # fmt: skip
    counted = {}
    for action in ("report", "drop_train"):
        spec = spec_of(folder, *own, f"gate.action={action}")
        ready, kept = prepare(spec), set()
        for window in ready.windows:
            gate = window_gate(ready.samples, window, spec.gate, seed=0, clip=spec.features.clip)
            rows = taught_rows(learnt_samples(ready.samples, window, gate, spec.gate), window)
            kept |= set(zip(rows.stock.tolist(), rows.day.tolist(), strict=True))
        facts = walk_forward(spec).manifest["teacher"]
        assert facts["taught"] == facts["train_rows"] == len(kept)
        counted[action] = len(kept)
    assert counted["drop_train"] < counted["report"]
