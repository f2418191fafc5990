import numpy as np
import pandas as pd
import pytest

from rollsight.reports.statistics.calibration import brier_scores, calibration, skill
from rollsight.training.deciding.inference import log_losses


def forecasts(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probability = rng.dirichlet([2, 1, 3], size=n)
    return probability, (rng.random(n)[:, None] > probability.cumsum(axis=1)).sum(axis=1)


def table(probability: np.ndarray, label: np.ndarray, stocks: int) -> pd.DataFrame:
    rows = pd.DataFrame(probability, columns=["p_down", "p_hold", "p_up"])
    return rows.assign(plain_label=label.astype("int8"), at=np.arange(len(label)) // stocks)


def test_scores_are_those_of_scikit_learns_formulas() -> None:
    probability, label = forecasts(500)
    # sklearn.metrics.log_loss: -average(xlogy(transformed_labels, y_pred).sum(axis=1)).
    one_hot = (label[:, None] == np.arange(3)).astype(float)
    assert log_losses(probability, label).mean() == pytest.approx(
        -np.average((one_hot * np.log(probability)).sum(axis=1))
    )
    # sklearn.metrics.brier_score_loss, scale_by_half=False:
    # average(sum((transformed_labels - y_proba) ** 2, axis=1)).
    assert brier_scores(probability, label).mean() == pytest.approx(
        np.average(np.sum((one_hot - probability) ** 2, axis=1))
    )


def test_scores_agree_with_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    probability, label = forecasts(500)
    assert log_losses(probability, label).mean() == pytest.approx(
        metrics.log_loss(label, probability)
    )
    assert brier_scores(probability, label).mean() == pytest.approx(
        metrics.brier_score_loss(label, probability, scale_by_half=False)
    )


def test_the_reliability_curve_agrees_with_scikit_learn() -> None:
    curves = pytest.importorskip("sklearn.calibration")
    probability, label = forecasts(5_000)
    observed, forecast = curves.calibration_curve(
        label == 2, probability[:, 2], n_bins=10, strategy="quantile"
    )
    bins = calibration(table(probability, label, 10), span=2)
    assert [b.observed for b in bins] == pytest.approx(observed, abs=0.01)
    assert [b.forecast for b in bins] == pytest.approx(forecast, abs=0.01)


def test_bins_hold_as_many_rows_each_least_probable_first() -> None:
    probability = np.tile([[0.5, 0.1, 0.4]], (20, 1))
    probability[:, 2] = np.arange(20) / 100
    label = np.array([0, 2] * 10)
    label[0] = -1  # has no label yet
    bins = calibration(table(probability, label, 2), span=2)
    assert [b.rows for b in bins] == [2] * 9 + [1]
    assert bins[0].forecast == pytest.approx(0.015)  # of .01 and .02
    assert [b.observed for b in bins[:2]] == [0.5, 0.5]
    assert bins[0].low is None
    assert calibration(table(probability[:0], label[:0], 2), span=2) == []


def test_an_honest_forecast_lies_on_the_line_and_beats_the_frequencies() -> None:
    probability, label = forecasts(20_000)
    rows = table(probability, label, 10)
    bins = calibration(rows, span=2)
    inside = [b.low <= b.forecast <= b.high for b in bins]
    assert sum(inside) >= 9
    windows = pd.DataFrame({"skilled": [True, False], "threshold": [0.5, np.nan]})
    frequencies = np.tile(np.bincount(label) / len(label), (len(label), 1))
    found = skill(rows, frequencies, windows, span=2)
    assert (found.windows, found.skilled, found.trading) == (2, 1, 1)
    assert found.gain_low > 0
    assert found.brier_gain_low > 0
    assert found.frequency_brier == pytest.approx(1 - np.square(frequencies[0]).sum())
