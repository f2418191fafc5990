"""A run with a gate says what lies beyond it, and whether it earns its keep."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from rollsight.base.resampling import Estimate
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.run.outliers.facts import Outliers
from rollsight.reports.run.outliers.section import outliers
from rollsight.training.gate.spec import GateSpec
from rollsight.workflows.run import Run, run
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market

GATE = GateSpec(model="autoencoder", quantile=0.8, epochs=2)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), Recipe(n_stocks=5, n_days=260))


@pytest.fixture(scope="module")
def done(market: Path) -> Run:
    spec = spec_of(market, min_buys=100)
    return run(spec.model_copy(update={"gate": GATE}), page=False)


def of(done: Run) -> Outliers:
    assert done.numbers.outliers is not None
    return done.numbers.outliers


def told(done: Run, lang: Lang = "en", **changes: object) -> str:
    numbers = replace(done.numbers, outliers=replace(of(done), **changes))  # type: ignore[arg-type]
    return outliers(numbers, speak(lang))


def test_rows_beyond_the_gate_are_counted_by_span_and_by_volatility(done: Run) -> None:
    found, signals = of(done), done.signals
    far = signals["outlier"] > 1
    train, validation, test = found.spans
    assert (test.rows, test.beyond) == (len(signals), far.sum())
    assert validation.beyond / validation.rows == pytest.approx(0.2, abs=0.01)
    assert train.rows > validation.rows
    assert sum(tenth.rows for tenth in found.tenths) == len(signals)
    wildest = signals["volatility"].rank(method="first") > len(signals) - found.tenths[-1].rows
    assert found.tenths[-1].beyond == (far & wildest).sum()
    assert found.correlation == pytest.approx(
        spearmanr(signals["outlier"], signals["volatility"]).statistic
    )


def test_buys_on_both_sides_have_their_own_outcomes(done: Run) -> None:
    found, signals = of(done), done.signals
    for side, own in (
        (found.inside, signals["outlier"] <= 1),
        (found.beyond, signals["outlier"] > 1),
    ):
        bought = signals[signals["buy"] & own]
        labelled = bought[bought["label"].notna()]
        assert (side.buys, side.labelled) == (len(bought), len(labelled))
        assert side.precision.value == pytest.approx((labelled["label"] == 2).mean())
        assert side.net.value == pytest.approx(labelled["net_label_return"].mean())
    assert found.inside.net.value is not None
    assert found.beyond.net.value is not None
    apart = found.inside.net.value - found.beyond.net.value
    assert found.apart.value == pytest.approx(apart)


def test_the_twin_is_held_against_the_autoencoder(done: Run) -> None:
    found, signals = of(done), done.signals
    assert found.twin is not None
    linear = signals["outlier_pca"] > 1
    assert found.twin.beyond == linear.sum()
    assert found.twin.both == (linear & (signals["outlier"] > 1)).sum()
    assert found.twin.own == found.explained < 1
    assert "no better than 8 principal components" in told(
        done, twin=replace(found.twin, own=0.1, explained=0.2)
    )
    assert ", better than 8 principal components" in told(
        done, twin=replace(found.twin, own=0.2, explained=0.1)
    )
    assert "principal components" not in told(done, twin=None)


def test_rows_that_a_gate_left_out_are_beyond_it_at_the_same_threshold(market: Path) -> None:
    gate = GateSpec(model="pca", quantile=0.6, action="no_buy")
    spec = spec_of(market, min_buys=50)
    found = of(run(spec.model_copy(update={"gate": gate}), page=False))
    assert found.beyond.buys > 0
    assert found.twin is None


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (0.001, 0.009, "The gate earns its keep: buys inside it earn +0.50 % more than those "
         "beyond it (+0.10 % to +0.90 %)."),
        (-0.009, -0.001, "The gate costs: buys inside it earn +0.50 % against"),
        (-0.009, 0.001, "Whether the gate earns its keep cannot be told: buys inside"),
        (None, None, "on too few dates for an interval"),
    ],
)  # fmt: skip
def test_the_verdict_follows_from_the_interval(
    done: Run, low: float | None, high: float | None, sentence: str
) -> None:
    assert sentence in told(done, apart=Estimate(0.005, low, high, None, None, 30))


def test_a_gate_without_buys_beyond_it_had_nothing_to_tell_apart(done: Run) -> None:
    nothing = Estimate(None, None, None, None, None, 3)
    assert "it had nothing to tell apart" in told(done, apart=nothing)


def test_the_error_is_called_volatility_where_it_mostly_is(done: Run) -> None:
    assert "mostly measures volatility: its rank correlation with that of the row is +0.71" in told(
        done, correlation=0.71
    )
    assert "is not mostly volatility" in told(done, correlation=0.2)
    assert "do not both vary" in told(done, correlation=None)


def test_how_far_outliers_are_dates_is_told(done: Run) -> None:
    far = (done.signals["outlier"] > 1).astype(float)
    between = far.groupby(done.signals["decided_at"]).transform("mean")
    assert of(done).date_share == pytest.approx(between.var() / far.var())
    assert "25.0 % of the variance of being an outlier lies between dates" in told(
        done, date_share=0.25
    )
    assert "between dates" not in told(done, date_share=None)


def test_what_follows_of_an_outlier_is_said(done: Run) -> None:
    assert "outliers are bought like other rows" in told(done)
    assert "never bought" in told(done, action="no_buy")
    assert "not learnt" in told(done, action="drop_train")
    assert "이상치" in told(done, "ko")


def test_a_run_without_a_gate_has_no_section(done: Run) -> None:
    assert outliers(replace(done.numbers, outliers=None), speak("en")) == ""
    assert np.isfinite(done.signals["outlier"]).all()
