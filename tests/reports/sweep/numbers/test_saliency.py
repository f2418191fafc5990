"""How far the trainings of a sweep look at the same channels, worked out by hand."""

from dataclasses import replace

import pytest

from rollsight.reports.sweep.numbers.saliency import TrainingSaliency, agreement


def training(number: int, shares: dict[str, float], skilled: int = 1) -> TrainingSaliency:
    return TrainingSaliency(
        number, trials=1, settings={}, skilled=skilled, windows=2, channels=tuple(shares),
        share=tuple(shares.values()),
    )  # fmt: skip


def test_agreement_is_the_rank_correlation_of_skilled_trainings() -> None:
    one = training(0, {"p": 0.1, "q": 0.2, "r": 0.3, "s": 0.4})
    # Ranks 1, 3, 2, 4 against 1, 2, 3, 4: 1 - 6 x 2 / (4 x 15) = 0.8. Reversed: -1 and -0.8.
    other = training(2, {"p": 0.1, "q": 0.3, "r": 0.2, "s": 0.4})
    turned = training(5, {"s": 0.1, "r": 0.2, "q": 0.3, "p": 0.4})
    blind = training(3, {"p": 0.4, "q": 0.3, "r": 0.2, "s": 0.1}, skilled=0)
    found = agreement([one, other, blind, turned])
    assert found is not None
    assert found.trainings == (0, 2, 5)
    assert found.matrix == (
        (None, pytest.approx(0.8), pytest.approx(-1.0)),
        (pytest.approx(0.8), None, pytest.approx(-0.8)),
        (pytest.approx(-1.0), pytest.approx(-0.8), None),
    )
    assert found.mean == pytest.approx((-0.1, 0.0, -0.9))
    assert found.overall == pytest.approx(-1 / 3)


def test_agreement_is_over_the_channels_that_are_shared() -> None:
    one = training(0, {"p": 0.1, "q": 0.2, "r": 0.3, "own": 0.4})
    other = training(1, {"r": 0.5, "q": 0.3, "p": 0.2})
    found = agreement([one, other])
    assert found is not None
    assert found.overall == pytest.approx(1)
    apart = agreement([one, training(1, {"p": 0.5, "z": 0.5})])
    assert apart is not None
    assert apart.overall is None


def test_without_two_skilled_trainings_there_is_no_agreement() -> None:
    alone = training(0, {"p": 0.1, "q": 0.2, "r": 0.7})
    assert agreement([alone, replace(alone, training=1, skilled=0)]) is None
