"""A gate finds rows unlike those that it was fitted on, and knows nothing of the test span."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.architectures.mlp import MLPSpec
from rollsight.training.fitting.rows import Rows, standardised
from rollsight.training.fitting.store import load_model, model_digest, save_model
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.gate.decide import may_buy
from rollsight.training.gate.error import OutlierGate
from rollsight.training.gate.fit import (
    fit_gated,
    gate_key,
    learnt_samples,
    require_gate,
    usable,
    window_gate,
)
from rollsight.training.gate.model import gate_of
from rollsight.training.gate.spec import GateSpec
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples

WINDOW = Window(0, Span(8, 90), Span(90, 130), Span(130, 170))
PCA = GateSpec(model="pca", layers=(4,), quantile=0.95)
AUTO = GateSpec(model="autoencoder", layers=(16, 4), quantile=0.95, epochs=8)
BOTH = pytest.mark.parametrize("gate", [PCA, AUTO], ids=["pca", "autoencoder"])
TRAINING = TrainingSpec(epochs=1)


def smooth(seed: int = 0) -> SampleSet:
    """Return samples whose inputs are two slow waves, so that few numbers rebuild a window."""
    samples = random_samples(6, 175, lookback=8, seed=seed)
    rng, days = np.random.default_rng(seed), np.arange(175)
    waves = np.stack([np.sin(days / 6), np.cos(days / 9)], axis=1)  # (days, 2)
    stocks = rng.standard_normal((6, 1, 2)) * waves + 0.1 * rng.standard_normal((6, 175, 2))
    return replace(
        samples,
        stocks=(0.02 * stocks[..., :1]).astype(np.float32),
        indices=(0.01 * waves + 0.001 * rng.standard_normal(waves.shape)).astype(np.float32),
    )


SAMPLES = smooth()


def fitted(samples: SampleSet = SAMPLES, gate: GateSpec = PCA, window: Window = WINDOW,
           seed: int = 0) -> OutlierGate:  # fmt: skip
    return window_gate(samples, window, gate, seed=seed, clip=5.0)


def otherwise(samples: SampleSet, days: slice, seed: int = 1) -> SampleSet:
    """Return samples whose inputs of some sessions are noise."""
    rng, stocks, indices = (
        np.random.default_rng(seed),
        samples.stocks.copy(),
        samples.indices.copy(),
    )
    stocks[:, days] = 0.02 * rng.standard_normal(stocks[:, days].shape)
    indices[days] = 0.01 * rng.standard_normal(indices[days].shape)
    return replace(samples, stocks=stocks, indices=indices)


def same(one: OutlierGate, other: OutlierGate) -> bool:
    return one.facts == other.facts and all(
        np.array_equal(array, other.arrays[name]) for name, array in one.arrays.items()
    )


@BOTH
def test_a_block_of_days_with_other_inputs_is_found(gate: GateSpec) -> None:
    planted = otherwise(SAMPLES, slice(145, 155))
    rows = usable(planted, WINDOW.test)
    far = fitted(planted, gate).outlier(planted, rows)[0] > 1
    odd = (rows.day >= 149) & (rows.day < 158)  # most of their window is noise
    plain = (rows.day < 145) | (rows.day >= 162)
    assert far[odd].mean() > 0.95
    assert far[plain].mean() < 0.25


@BOTH
def test_the_quantile_is_of_the_validation_spans_errors(gate: GateSpec) -> None:
    found = fitted(gate=gate)
    error = found.outlier(SAMPLES, usable(SAMPLES, WINDOW.validation))
    assert (error > 1).mean(axis=1) == pytest.approx(1 - gate.quantile, abs=1 / error.shape[1])
    assert found.facts.validation_beyond == (error[0] > 1).sum()
    assert found.facts.validation_rows == error.shape[1]
    train = found.outlier(SAMPLES, usable(SAMPLES, WINDOW.train))[0]
    assert (found.facts.train_rows, found.facts.train_beyond) == (len(train), (train > 1).sum())


@BOTH
def test_nothing_of_the_test_span_is_in_a_gate(gate: GateSpec) -> None:
    cut = WINDOW.test.start
    ended = replace(
        SAMPLES,
        stocks=SAMPLES.stocks[:, :cut],
        indices=SAMPLES.indices[:cut],
        usable=SAMPLES.usable[:, :cut],
    )
    edited = otherwise(SAMPLES, slice(cut, None))
    for other in (ended, edited):
        # The key finds a gate that is fitted already, and must not be what makes them equal.
        assert key_of(other, gate) == key_of(SAMPLES, gate)
        assert same(fresh(other, gate), fresh(SAMPLES, gate))
    rows = usable(SAMPLES, WINDOW.validation)
    one = fresh(SAMPLES, gate).outlier(SAMPLES, rows)
    assert np.array_equal(one, fresh(ended, gate).outlier(ended, rows))


def key_of(samples: SampleSet, gate: GateSpec) -> str:
    return gate_key(samples, WINDOW, gate, seed=0, clip=5.0)


def fresh(samples: SampleSet, gate: GateSpec) -> OutlierGate:
    from rollsight.training.gate import fit

    fit._KEPT.clear()
    return fitted(samples, gate)


@BOTH
def test_a_gate_fitted_again_has_the_same_bytes_and_another_where_its_inputs_differ(
    gate: GateSpec,
) -> None:
    torch.manual_seed(77)
    assert same(fresh(SAMPLES, gate), fresh(SAMPLES, gate))
    for days in (slice(80, 81), slice(125, 126)):
        other = otherwise(SAMPLES, days)
        assert key_of(other, gate) != key_of(SAMPLES, gate)
        assert not same(fitted(other, gate), fitted(SAMPLES, gate))


def test_validation_changes_the_threshold_and_nothing_that_is_fitted() -> None:
    one, other = fitted(gate=AUTO), fitted(otherwise(SAMPLES, slice(100, 120)), AUTO)
    assert all(np.array_equal(a, other.arrays[name]) for name, a in one.arrays.items())
    assert other.facts.thresholds[0] > 1.5 * one.facts.thresholds[0]


def test_a_row_whose_window_begins_before_the_train_span_is_not_fitted_on() -> None:
    # Sessions before the span are in the windows of its first rows alone.
    before = otherwise(SAMPLES, slice(0, WINDOW.train.start))
    one, other = fitted(), fitted(before)
    assert all(np.array_equal(a, other.arrays[name]) for name, a in one.arrays.items())
    assert one.facts.thresholds == other.facts.thresholds


def test_a_seed_is_another_autoencoder_and_the_same_components() -> None:
    one, other = fitted(gate=AUTO), fitted(gate=AUTO, seed=1)
    differs = {n for n, a in one.arrays.items() if not np.array_equal(a, other.arrays[n])}
    assert {name.split(".")[0] for name in differs} == {"autoencoder"}


@BOTH
def test_a_rows_error_does_not_depend_on_other_rows(gate: GateSpec) -> None:
    found, rows = fitted(gate=gate), usable(SAMPLES, WINDOW.test)
    each = found.outlier(SAMPLES, rows)
    for at in (0, 7, len(rows) - 1):
        alone = found.outlier(SAMPLES, Rows(rows.stock[at : at + 1], rows.day[at : at + 1]))
        assert np.array_equal(alone[:, 0], each[:, at])


def test_the_gates_components_are_those_of_the_train_windows() -> None:
    found = fitted()
    rows = usable(SAMPLES, Span(WINDOW.train.start + 7, WINDOW.train.stop))
    x = standardised(SAMPLES, found.scaler, rows).reshape(len(rows), -1).astype(np.float64)
    _, _, v = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    own = standardised(SAMPLES, found.scaler, usable(SAMPLES, WINDOW.validation))
    off = own.reshape(len(own), -1) - x.mean(axis=0)
    error = ((off - off @ v[:4].T @ v[:4]) ** 2).mean(axis=1)
    assert found.facts.thresholds[0] == pytest.approx(np.quantile(error, 0.95), rel=1e-4)
    explained = 1 - error.sum() / (off**2).mean(axis=1).sum()
    assert found.facts.explained[0] == pytest.approx(explained, abs=1e-4)


@BOTH
def test_a_gate_is_stored_with_its_windows_model(gate: GateSpec, tmp_path: Path) -> None:
    model = fit_gated(
        SAMPLES, WINDOW, gate=gate, model=MLPSpec(name="mlp", hidden=(4,)), training=TRAINING,
        clip=5.0, seed=0, key="a key",
    )  # fmt: skip
    save_model(model, tmp_path / "model.pt")
    back = load_model(tmp_path / "model.pt")
    one, other = gate_of(model), gate_of(back)
    assert one is not None
    assert other is not None
    rows = usable(SAMPLES, WINDOW.test)
    assert np.array_equal(one.outlier(SAMPLES, rows), other.outlier(SAMPLES, rows))
    assert model_digest(back) == model_digest(model)
    moved = replace(one, facts=replace(one.facts, train_rows=1))
    assert model_digest(replace(back, gate=moved)) != model_digest(model)


def test_rows_beyond_the_train_spans_own_quantile_are_not_learnt() -> None:
    gate = PCA.model_copy(update={"action": "drop_train"})
    planted = otherwise(SAMPLES, slice(40, 46))
    found = fitted(planted, gate)
    kept = learnt_samples(planted, WINDOW, found, gate).usable
    gone = planted.usable & ~kept
    assert gone[:, : WINDOW.train.start].sum() + gone[:, WINDOW.train.stop :].sum() == 0
    share = gone.sum() / planted.usable[:, WINDOW.train.start : WINDOW.train.stop].sum()
    assert share == pytest.approx(0.05, abs=0.005)
    assert set(np.nonzero(gone)[1]) <= set(range(40, 54))
    assert learnt_samples(planted, WINDOW, found, PCA) is planted


def test_only_no_buy_forbids_a_row() -> None:
    far = np.array([[0.5, 1.5, 1.0]], dtype=np.float32)
    assert may_buy(far, 3, PCA.model_copy(update={"action": "no_buy"})).tolist() == [1, 0, 1]
    for action in ("report", "drop_train"):
        assert may_buy(far, 3, PCA.model_copy(update={"action": action})).all()
    assert may_buy(None, 3, GateSpec()).all()


def test_inputs_that_never_move_are_no_outliers() -> None:
    still = replace(
        SAMPLES, stocks=np.zeros_like(SAMPLES.stocks), indices=np.zeros_like(SAMPLES.indices)
    )
    assert (fitted(still).outlier(still, usable(still, WINDOW.test)) <= 1).all()


@pytest.mark.parametrize(
    ("gate", "window", "fault"),
    [
        (
            GateSpec(model="pca", layers=(24,)),
            WINDOW,
            r"gate\.layers ends with a code of 24 numbers, and a row has 24 inputs \(3 channels of "
            r"8 sessions\), .*: end it with fewer",
        ),
        (
            GateSpec(model="pca"),
            replace(WINDOW, train=Span(70, 90)),
            r"window 0 has 78 train rows whose 8 sessions all lie in its train span, and a gate "
            r"with a code of 8 needs 80: lengthen windows\.train_days=20",
        ),
        (
            GateSpec(model="pca", layers=(1,)),
            replace(WINDOW, train=Span(86, 90)),
            r"window 0 has 0 train rows .* needs 10",
        ),
    ],
)
def test_a_gate_that_cannot_be_fitted_is_refused(
    gate: GateSpec, window: Window, fault: str
) -> None:
    with pytest.raises(RollsightError, match=fault):
        require_gate(SAMPLES, [window], gate)
    require_gate(SAMPLES, [window], gate.model_copy(update={"model": "none"}))
