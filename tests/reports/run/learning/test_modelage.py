"""Figures by sessions since training, on signal tables made by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.base.records import plain
from rollsight.reports.run.learning.modelage import AgeSlope, ModelAge, model_age_data
from rollsight.reports.statistics.baserates import with_base_rates
from rollsight.workflows.run import Run
from tests.support.markets import sessions

SPAN = 3
STOCKS = 6


def aged(
    p_true: np.ndarray, *, n_windows: int, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Return signals, windows and sessions of models that hold what happens for so likely.

    Every stock's label is drawn anew on each date; the model gives it ``p_true`` of its age and
    the other two classes an equal part of the rest. Every forecast of frequencies is a third.
    """
    rng = np.random.default_rng(seed)
    n_days = n_windows * len(p_true)
    days = sessions(n_days, first="2012-01-02").astype("datetime64[ms]")
    assert len(days) == n_days
    label = rng.integers(0, 3, (n_days, STOCKS))
    p = np.tile(p_true, n_windows)[:, None]
    shares = {
        name: np.where(label == value, p, (1 - p) / 2).ravel()
        for value, name in enumerate(("p_down", "p_hold", "p_up"))
    }
    number = np.repeat(np.arange(n_windows), len(p_true))
    signals = pd.DataFrame(
        {
            "decided_at": np.repeat(days, STOCKS),
            "code": np.tile([f"{s}" for s in range(STOCKS)], n_days),
            "window": np.repeat(number, STOCKS),
            **shares,
            "label": pd.array(label.ravel(), dtype="Int8"),
            "volatility": rng.random(n_days * STOCKS),
            "net_label_return": 0.01 * (label.ravel() - 1),
        }
    )
    signals["buy"] = signals["p_up"] > 0.4
    windows = pd.DataFrame(
        {
            "number": np.arange(n_windows),
            "test_start": days[:: len(p_true)],
            **dict.fromkeys(("frequency_down", "frequency_hold", "frequency_up"), 1 / 3),
        }
    )
    return with_base_rates(signals), windows, pd.Series(days)


def age_of(p_true: np.ndarray, *, n_windows: int, seed: int = 0) -> dict[str, Any]:
    signals, windows, days = aged(p_true, n_windows=n_windows, seed=seed)
    found: dict[str, Any] = plain(model_age_data(signals, windows, days, span=SPAN))
    return found


def test_every_row_counts_by_the_sessions_since_training() -> None:
    # Half of what happens in the first ten sessions, a third in the next five: no gain.
    found = age_of(np.array([0.5] * 10 + [1 / 3] * 5), n_windows=2)
    first, second = found["bins"]
    assert (first["first"], first["last"], second["first"], second["last"]) == (1, 10, 11, 20)
    assert (first["rows"], second["rows"]) == (2 * 10 * STOCKS, 2 * 5 * STOCKS)
    assert first["windows"] == second["windows"] == 2
    # log(1/2) - log(1/3) is log(3/2).
    assert first["gain"] == pytest.approx(np.log(1.5))
    assert second["gain"] == pytest.approx(0, abs=1e-12)
    # What the model holds for likelier is what happens: all its buys went UP, others never.
    assert first["buys"] > 0
    assert first["precision"] == 1
    assert first["net_return"] == pytest.approx(0.01)
    assert second["buys"] == 0
    assert second["precision"] is second["edge"] is second["net_return"] is None


def test_a_session_without_rows_still_ages_the_model() -> None:
    signals, windows, days = aged(np.full(12, 0.5), n_windows=1)
    third = signals["decided_at"] == days[2]
    bins = model_age_data(signals[~third], windows, days, span=SPAN).bins
    assert [b.rows for b in bins] == [9 * STOCKS, 2 * STOCKS]


def test_rows_without_a_label_count_nowhere_and_none_at_all_is_no_bin() -> None:
    signals, windows, days = aged(np.full(12, 0.5), n_windows=1)
    last = signals["decided_at"] >= days[10]
    settled = signals.assign(plain_label=signals["plain_label"].mask(last, -1))
    assert len(model_age_data(settled, windows, days, span=SPAN).bins) == 1
    none = model_age_data(signals.assign(plain_label=-1), windows, days, span=SPAN)
    assert none == ModelAge(bin=10, bins=(), slope=AgeSlope(None, None, None, None))


def test_a_signal_that_decays_is_seen_to() -> None:
    # What the model knows falls evenly from 0.02 to 0 nats, and each window has its luck.
    found = decaying(0.02, seed=0)
    gains = [b["gain"] for b in found["bins"]]
    assert gains == sorted(gains, reverse=True)
    assert all(b["gain_low"] < b["gain"] < b["gain_high"] for b in found["bins"])
    slope = found["slope"]
    assert slope["high"] < 0
    # From 0.02 to 0 over 39 sessions is 0.02 / 3.9 in ten.
    assert slope["low"] < -0.02 / 3.9 < slope["high"]
    assert slope["slope"] == pytest.approx(-0.02 / 3.9, rel=0.3)
    assert slope["p_value"] < 0.05


def decaying(fall: float, *, seed: int) -> dict[str, Any]:
    """Return the figures of 40 models whose gain falls evenly by so many nats in 40 sessions.

    Dates have luck of their own in common, which lasts as long as a label.
    """
    rng = np.random.default_rng(seed)
    luck = np.convolve(rng.normal(0, 0.01, 40 * 40 + SPAN - 1), np.ones(SPAN), mode="valid")
    gain = np.tile(np.linspace(fall, 0, 40), 40) + luck
    signals, windows, days = aged(np.full(40, 0.5), n_windows=40, seed=seed)
    # Whatever happened had a third of e to the gain.
    p = np.repeat(np.exp(gain) / 3, STOCKS)
    label = signals["plain_label"].to_numpy()
    for value, name in enumerate(("p_down", "p_hold", "p_up")):
        signals[name] = np.where(label == value, p, (1 - p) / 2)
    found: dict[str, Any] = plain(model_age_data(signals, windows, days, span=SPAN))
    return found


@pytest.mark.slow
def test_the_interval_of_the_slope_holds_the_truth_as_often_as_it_says() -> None:
    missed = 0
    for seed in range(400):
        slope = decaying(0.0, seed=seed)["slope"]
        missed += not slope["low"] <= 0 <= slope["high"]
    # One in twenty: 20 of 400; 99.9 % of the binomial lies within 7 to 36.
    assert 7 <= missed <= 36


def test_too_few_windows_say_nothing_of_decay() -> None:
    found = age_of(np.linspace(0.6, 0.4, 20), n_windows=1)
    slope = found["slope"]
    assert slope["slope"] < 0
    assert slope["low"] is slope["high"] is slope["p_value"] is None
    assert found["bins"][0]["gain_low"] is None


def test_the_bins_of_a_run_hold_all_its_labelled_rows(finished: Run) -> None:
    metrics = finished.metrics
    bins = metrics["model_age"]["bins"]
    assert sum(b["rows"] for b in bins) == metrics["overall"]["figures"]["rows"]
    assert sum(b["buys"] for b in bins) == metrics["overall"]["figures"]["buys"]
    # Test spans of sixty sessions.
    assert [b["first"] for b in bins] == [1, 11, 21, 31, 41, 51]
    weighed = sum(b["gain"] * b["rows"] for b in bins) / sum(b["rows"] for b in bins)
    skill = metrics["skill"]
    assert weighed == pytest.approx(skill["frequency_log_loss"] - skill["log_loss"])
