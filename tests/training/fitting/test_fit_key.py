"""A window's key changes with all that its fit sees, and with nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.signals.inputs.labels import Labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.keys import fit_key, fit_keys
from rollsight.training.fitting.scaler import Scaling
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.support.markets import random_samples

# Lookback 12: the inputs are those of sessions 9 to 64. Horizon 3: a label settles 4 sessions on.
SAMPLES = random_samples(4, 80, lookback=12)
WINDOW = Window(2, train=Span(20, 50), validation=Span(50, 65), test=Span(65, 75))
MODEL, TRAINING = NetworkSpec(width=4, blocks=1), TrainingSpec(epochs=2)


def key(
    samples: SampleSet = SAMPLES,
    window: Window = WINDOW,
    *,
    model: NetworkSpec = MODEL,
    training: TrainingSpec = TRAINING,
    clip: float = 5.0,
    scaling: Scaling = "standard",
    seed: int = 0,
) -> str:
    return fit_key(
        samples, window, model=model, training=training, clip=clip, scaling=scaling, seed=seed
    )


def with_label(stock: int, day: int) -> SampleSet:
    labels = SAMPLES.labels
    label = labels.label.copy()
    label[stock, day] = (label[stock, day] + 1) % 3
    return replace(SAMPLES, labels=replace(labels, label=label))


def longer(samples: SampleSet, more: int) -> SampleSet:
    """Return the samples with further sessions, in which the open labels settle."""
    n, rng = samples.stocks.shape[1], np.random.default_rng(more)
    labels = samples.labels
    wide = ((0, 0), (0, more))
    label, settled_at = np.pad(labels.label, wide), np.pad(labels.settled_at, wide)
    still_open = np.pad(labels.label < 0, wide, constant_values=True)
    label[still_open] = rng.integers(0, 3, still_open.sum())
    settled_at[still_open] = n
    return replace(
        samples,
        stocks=np.pad(samples.stocks, (*wide, (0, 0)), constant_values=0.5),
        indices=np.pad(samples.indices, ((0, more), (0, 0)), constant_values=0.5),
        usable=np.pad(samples.usable, wide, constant_values=True),
        labels=Labels(label, np.pad(labels.label_return, wide), settled_at),
    )


@given(more=st.integers(1, 30))
def test_sessions_after_the_window_change_no_key(more: int) -> None:
    assert key(longer(SAMPLES, more)) == key()


@given(stock=st.integers(0, 3), day=st.integers(0, 79))
def test_a_stocks_change_matters_where_a_row_of_the_window_sees_it(stock: int, day: int) -> None:
    stocks = SAMPLES.stocks.copy()
    stocks[stock, day] += 0.01
    assert (key(replace(SAMPLES, stocks=stocks)) != key()) == (9 <= day < 65)


@given(k=st.integers(0, 1), day=st.integers(0, 79))
def test_an_indexs_change_matters_where_a_row_of_the_window_sees_it(k: int, day: int) -> None:
    indices = SAMPLES.indices.copy()
    indices[day, k] += 0.01
    assert (key(replace(SAMPLES, indices=indices)) != key()) == (9 <= day < 65)


@given(stock=st.integers(0, 3), day=st.integers(0, 75))
def test_a_label_matters_where_the_window_may_learn_it(stock: int, day: int) -> None:
    # Train: settled before 50; validation: settled before 65.
    learnt = 20 <= day < 46 or 50 <= day < 61
    assert (key(with_label(stock, day)) != key()) == learnt


@given(stock=st.integers(0, 3), day=st.integers(12, 79))
def test_a_usable_row_matters_where_the_scaler_or_the_loop_sees_it(stock: int, day: int) -> None:
    usable = SAMPLES.usable.copy()
    usable[stock, day] = False
    # The scaler sees every usable row of train, the loop those of validation that settled.
    seen = 20 <= day < 61
    assert (key(replace(SAMPLES, usable=usable)) != key()) == seen


@pytest.mark.parametrize(
    "change",
    [{"width": 5}, {"kernel": 2}, {"activation": "elu"}, {"init": "xavier"}, {"dropout": 0.2}],
    ids=str,
)
def test_the_networks_spec_changes_the_key(change: dict[str, str | float]) -> None:
    model = NetworkSpec.model_validate({**MODEL.model_dump(), **change})
    assert key(model=model) != key()


@pytest.mark.parametrize(
    "change",
    [{"epochs": 3}, {"l1": 0.1}, {"class_weights": "balanced"}],
    ids=str,
)
def test_the_loops_spec_changes_the_key(change: dict[str, str | float]) -> None:
    training = TrainingSpec.model_validate({**TRAINING.model_dump(), **change})
    assert key(training=training) != key()


def test_scaling_clip_lookback_and_channels_change_the_key() -> None:
    assert key(scaling="minmax") != key()
    assert key(clip=4.0) != key()
    assert key(replace(SAMPLES, lookback=13)) != key()
    assert key(replace(SAMPLES, shared=SAMPLES.shared[::-1])) != key()


def test_the_same_data_in_other_spans_has_another_key() -> None:
    earlier = replace(WINDOW, train=Span(20, 48), validation=Span(48, 65))
    assert key(window=earlier) != key()


def test_neither_the_windows_number_nor_its_test_length_changes_the_key() -> None:
    assert key(window=replace(WINDOW, number=7, test=Span(65, 80))) == key()


def test_the_place_of_the_window_in_the_data_changes_no_key() -> None:
    # The data begins five sessions later; nothing that the window sees is lost.
    labels = SAMPLES.labels
    settled_at = np.where(labels.settled_at >= 0, labels.settled_at - 5, -1)[:, 5:]
    later = replace(
        SAMPLES,
        stocks=SAMPLES.stocks[:, 5:],
        indices=SAMPLES.indices[5:],
        usable=SAMPLES.usable[:, 5:],
        labels=Labels(labels.label[:, 5:], labels.label_return[:, 5:], settled_at),
    )
    window = Window(2, train=Span(15, 45), validation=Span(45, 60), test=Span(60, 70))
    assert key(later, window) == key()


def test_each_seed_has_its_own_key_however_many_there_are() -> None:
    assert key(seed=1) != key()
    several = TrainingSpec.model_validate({**TRAINING.model_dump(), "seed": 1, "seeds": 3})
    assert key(training=several, seed=1) == key(seed=1)


@pytest.mark.parametrize(
    "change",
    [{"mode": "fine-tune"}, {"replay": 0.1}, {"distillation": 2}, {"fine_tune_rate": 1}],
    ids=str,
)
def test_what_concerns_no_network_trained_from_scratch_changes_no_key_of_one(
    change: dict[str, str | float],
) -> None:
    training = TrainingSpec.model_validate({**TRAINING.model_dump(), **change})
    assert key(training=training) == key()


# The window before it trains on sessions 12 to 39, its inputs are those of 1 on.
BEFORE = Window(1, train=Span(12, 40), validation=Span(40, 55), test=Span(55, 65))


def chain(
    mode: str,
    samples: SampleSet = SAMPLES,
    windows: tuple[Window, ...] = (BEFORE, WINDOW),
    **options: float,
) -> list[str]:
    """Return the keys of both windows."""
    training = TrainingSpec.model_validate({**TRAINING.model_dump(), "mode": mode, **options})
    return fit_keys(samples, windows, model=MODEL, training=training, clip=5.0, seed=0)


def test_the_first_window_has_one_key_in_every_mode_and_later_ones_have_their_own() -> None:
    plain, warm, tuned = (chain(mode) for mode in ("retrain", "warm-start", "fine-tune"))
    assert plain == [key(window=BEFORE), key()]
    assert plain[0] == warm[0] == tuned[0]
    assert len({plain[1], warm[1], tuned[1]}) == 3


@given(stock=st.integers(0, 3), day=st.integers(0, 79))
def test_what_the_window_before_saw_matters_where_a_network_starts_from_its(
    stock: int, day: int
) -> None:
    stocks = SAMPLES.stocks.copy()
    stocks[stock, day] += 0.01
    edited = replace(SAMPLES, stocks=stocks)
    # Its own inputs are those of sessions 9 to 64, those of the window before 1 to 54.
    assert (chain("retrain", edited)[1] != chain("retrain")[1]) == (9 <= day < 65)
    for mode in ("warm-start", "fine-tune"):
        assert (chain(mode, edited)[1] != chain(mode)[1]) == (1 <= day < 65)


@pytest.mark.parametrize("option", ["replay", "distillation", "fine_tune_rate"])
def test_the_keys_of_fine_tuning_matter_there_alone(option: str) -> None:
    for mode in ("retrain", "warm-start"):
        assert chain(mode, **{option: 0.9}) == chain(mode)
    assert chain("fine-tune", **{option: 0.9})[0] == chain("fine-tune")[0]
    assert chain("fine-tune", **{option: 0.9})[1] != chain("fine-tune")[1]


@pytest.mark.parametrize("mode", ["warm-start", "fine-tune"])
def test_sessions_after_the_last_window_change_no_key_of_a_chain(mode: str) -> None:
    assert chain(mode, longer(SAMPLES, 9)) == chain(mode)
    assert chain(mode, windows=(BEFORE,)) == chain(mode)[:1]
