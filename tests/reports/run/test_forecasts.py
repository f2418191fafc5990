"""A run that forecasts returns says how far they were off, beside constants."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from rollsight.backtests.spec import RunSpec
from rollsight.reports.page.language import speak
from rollsight.reports.run.forecast.section import forecasts
from rollsight.reports.run.learning.thresholds import thresholds
from rollsight.reports.zoo.facts import Walked, common_rows, members_of
from rollsight.training.architectures.mlp import MLPSpec
from rollsight.workflows.run import Run, run
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market


def of_returns(spec: RunSpec) -> RunSpec:
    return spec.model_copy(update={"model": MLPSpec(name="mlp", hidden=(8,), task="regress")})


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Run:
    market = write_market(tmp_path_factory.mktemp("market"), Recipe(n_stocks=5, n_days=260))
    return run(of_returns(spec_of(market)), page=False)


def test_errors_are_those_of_the_signals_rows(done: Run) -> None:
    rows = done.signals[done.signals["label"].notna()]
    found = done.numbers.forecasts
    assert found is not None
    model, zero, mean = found.errors
    outcome, forecast = rows["label_return"], rows["forecast"]
    assert model.mse == pytest.approx(mean_squared_error(outcome, forecast))
    assert model.mae == pytest.approx(mean_absolute_error(outcome, forecast))
    assert mean.mse == pytest.approx(mean_squared_error(outcome, rows["train_mean"]))
    assert zero.mse == pytest.approx((outcome**2).mean())
    assert zero.r2 == pytest.approx(1 - model.mse / zero.mse)
    assert found.correlation == pytest.approx(np.corrcoef(forecast, outcome)[0, 1])
    # Of a constant that is the outcome's own mean it would be the textbook's.
    own = 1 - model.mse / mean_squared_error(outcome, np.full(len(rows), outcome.mean()))
    assert own == pytest.approx(r2_score(outcome, forecast))


def test_a_higher_forecast_is_a_higher_probability_of_up_in_its_window(done: Run) -> None:
    for _, rows in done.signals.groupby("window"):
        order = rows.sort_values("forecast")["p_up"].to_numpy()
        assert (np.diff(order) >= -1e-6).all()
        assert rows["train_mean"].nunique() == 1


def test_learning_curves_of_returns_are_squared_errors_and_say_so(done: Run) -> None:
    text = thresholds(done.numbers, speak("en"))
    assert "Mean squared error by epoch of the returns" in text
    assert ">squared error</text>" in text
    assert "Red dashes: always" not in text
    other = thresholds(replace(done.numbers, forecasts=None), speak("en"))
    assert "Log-loss by epoch" in other
    assert ">nats</text>" in other
    zoo = [Walked("mlp", done, done.numbers.verdict, seconds=None, parameters=1, gains=())]
    assert [m.squared for m in members_of(zoo, common_rows(zoo))] == [True]


def test_a_run_of_classes_has_neither_columns_nor_section(tmp_path: Path) -> None:
    market = write_market(tmp_path / "market", Recipe(n_stocks=5, n_days=200))
    plain = run(spec_of(market), page=False)
    assert "forecast" not in plain.signals
    assert plain.numbers.forecasts is None
    assert forecasts(plain.numbers, speak("en")) == ""


def test_the_section_says_so_where_a_constant_is_as_close(done: Run) -> None:
    text = forecasts(done.numbers, speak("en"))
    assert "no closer to what came than a constant" in text or "below that of the better" in text
    assert "수익률 예측" in forecasts(done.numbers, speak("ko"))
