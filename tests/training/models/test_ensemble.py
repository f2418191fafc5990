"""An ensemble averages what its members, each learning as alone, say of a row by itself."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Label
from rollsight.training.fitting.keys import code_digest
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.models.ensemble import EnsembleSpec
from rollsight.training.models.families import family_of, require_installed
from rollsight.training.models.family import Scoring, WindowData
from rollsight.training.models.pooling import Places, apart
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples

SAMPLES = random_samples(6, 120, lookback=3, c=2)
WINDOW = Window(0, Span(5, 75), Span(75, 100), Span(100, 115))
DATA = WindowData(SAMPLES, WINDOW, fit_scaler(SAMPLES, WINDOW.train, 5.0))
X = torch.from_numpy(DATA.inputs(DATA.validation))
MEMBERS = ("mlp", "logistic")


def scoring(name: str, data: WindowData = DATA, **options: object) -> Scoring:
    family = family_of(name)
    own = family.options.model_validate({"name": name, **options})
    found = family.fit(data, own, TrainingSpec(epochs=2), seed=3, before=None)
    return family.restore(found.weights, len(SAMPLES.channels), SAMPLES.lookback, own)


def probability(score: Tensor) -> np.ndarray:
    return score.detach().reshape(len(score), 3).softmax(-1).numpy()


def test_it_says_the_mean_probability_of_its_members() -> None:
    alone = [scoring(name) for name in MEMBERS]
    alone[0].eval()  # type: ignore[attr-defined]
    each = [probability(one(X)) for one in alone]
    assert np.abs(each[0] - each[1]).max() > 0.01
    together = probability(scoring("ensemble", members=MEMBERS)(X))
    np.testing.assert_allclose(together, np.mean(each, axis=0), atol=1e-6)


def drawn(n: int, scale: float, seed: int = 0) -> Tensor:
    """Return log-probabilities (2, n, 3) of two models, of which the first is so sure of itself."""
    rng = np.random.default_rng(seed)
    logits = rng.standard_normal((2, n, 3)) * np.array([scale, 0.2])[:, None, None]
    return torch.from_numpy(logits).float().log_softmax(-1)


def test_mean_places_rank_rows_as_their_mean_ranks_do() -> None:
    rows = drawn(500, 1.0, seed=1)
    found = apart(Places.of(drawn(4000, 1.0)).log_mean(rows)).numpy()
    rank = np.mean([apart(one).numpy().argsort().argsort() for one in rows], axis=0)
    assert np.corrcoef(found.argsort().argsort(), rank.argsort().argsort())[0, 1] > 0.995
    # A mean of probabilities follows the model that is surer.
    pooled = apart(rows.exp().mean(0).log()).numpy()
    assert np.corrcoef(pooled.argsort().argsort(), rank.argsort().argsort())[0, 1] < 0.9


def test_a_score_rises_with_the_mean_place_beyond_what_was_seen_too() -> None:
    places = Places.of(drawn(4000, 0.2))
    apart_by = torch.linspace(-1.5, 1.5, 301)
    score = torch.zeros(2, 301, 3)
    score[:, :, Label.UP], score[:, :, Label.DOWN] = apart_by / 2, -apart_by / 2
    found = places.log_mean(score.log_softmax(-1))
    assert (apart(found).diff() > 0).all()
    assert torch.allclose(found.exp().sum(1), torch.ones(301), atol=1e-5)


def test_places_of_a_model_that_says_the_same_of_every_row_do_no_harm() -> None:
    each = drawn(1000, 0.2)
    each[0] = each[0, :1]
    found = apart(Places.of(each).log_mean(each)).numpy()
    other = apart(each[1]).numpy()
    assert np.corrcoef(found.argsort().argsort(), other.argsort().argsort())[0, 1] > 0.999


def test_a_row_alone_has_the_same_place_and_no_label_of_validation_is_looked_at() -> None:
    label = SAMPLES.labels.label.copy()
    label[:, WINDOW.validation.start :] = Label.UP
    edited = replace(DATA, samples=replace(SAMPLES, labels=replace(SAMPLES.labels, label=label)))
    members = ("frequencies", "logistic")
    one, other = (
        scoring("ensemble", data, members=members, average="rank") for data in (DATA, edited)
    )
    assert torch.equal(one(X), other(X))
    assert torch.equal(one(X)[5:6], one(X[5:6]))
    assert len(np.unique(apart(one(X)))) > len(X) / 2


def test_a_member_is_another_family_and_named_once() -> None:
    with pytest.raises(ValueError, match="'ensemble' is no member here"):
        EnsembleSpec(members=("mlp", "ensemble"))
    with pytest.raises(ValueError, match="'mlp' is no member here"):
        EnsembleSpec(members=("mlp", "mlp"))


def test_its_code_is_that_of_its_members_too() -> None:
    assert code_digest("ensemble", ("mlp",)) != code_digest("ensemble", ("logistic",))
    assert EnsembleSpec(members=MEMBERS).parts == MEMBERS


def test_a_member_that_cannot_be_trained_here_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)  # an import of it fails, as without it
    with pytest.raises(RollsightError, match="'lightgbm' needs the package lightgbm"):
        require_installed("ensemble", ("mlp", "lightgbm"))
    with pytest.raises(RollsightError, match="no family is called 'mpl'"):
        require_installed("ensemble", ("mpl", "boosting"))
