"""A trial: the same money and figures as a run, and what was known of it window by window."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.statistics import sessions_per_year
from rollsight.backtests.chain.fold import Fold
from rollsight.backtests.chain.forecasts import forecast, usable_rows
from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.chain.signals import labelled_table
from rollsight.backtests.chain.walkforward import run_folds, walk_forward
from rollsight.backtests.directory.result import Result
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trials.outcomes import Outcome, read_outcome, write_outcome
from rollsight.backtests.trials.trial import run_trial
from rollsight.reports.run.metrics import build_metrics
from rollsight.training.fitting.store import Store
from tests.support.chains import spec_of
from tests.support.markets import write_market
from tests.support.sweeps.markets import RECIPE


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return spec_of(write_market(tmp_path_factory.mktemp("market"), RECIPE))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(shared=tmp_path_factory.mktemp("networks"))


@pytest.fixture(scope="module")
def ready(spec: RunSpec) -> Prepared:
    return prepare(spec)


@pytest.fixture(scope="module")
def result(spec: RunSpec, store: Store) -> Result:
    return walk_forward(spec, store=store)


def tried(ready: Prepared, spec: RunSpec, store: Store) -> Outcome:
    folds = run_folds(ready, spec, store=store)
    found = [forecast(f.model, ready.samples, f.window, shrink=False) for f in folds]
    return run_trial(ready, spec, found)


@pytest.fixture(scope="module")
def outcome(ready: Prepared, spec: RunSpec, store: Store, result: Result) -> Outcome:
    return tried(ready, spec, store)


def test_a_trial_earns_to_the_last_bit_what_its_run_earns(outcome: Outcome, result: Result) -> None:
    assert outcome.returns.tolist() == result.equity["return"].tolist()
    assert outcome.sessions.astype("M8[ms]").tolist() == result.equity["date"].tolist()
    assert outcome.test.trades == len(result.trades) > 10


def test_a_trials_figures_are_those_of_its_runs_report(outcome: Outcome, result: Result) -> None:
    numbers = build_metrics(result)
    own, buys = numbers.headline.strategy, numbers.overall.all_buys
    for name in ("sharpe", "annual_return", "total_return", "max_drawdown"):
        assert outcome.test.of(name) == pytest.approx(getattr(own, name), rel=1e-12)
    assert outcome.test.buys == buys.buys > 10
    for name in ("precision", "crucial_fail", "net_return"):
        assert outcome.test.of(name) == pytest.approx(getattr(buys, name), rel=1e-12)
    gain = numbers.skill.frequency_log_loss - numbers.skill.log_loss
    assert outcome.test.log_loss_gain == pytest.approx(gain, rel=1e-9)


def test_the_validation_path_joins_the_last_sessions_of_every_validation_span(
    outcome: Outcome, ready: Prepared
) -> None:
    # Tests begin at 160, 190, 220 and 250 and are 30 sessions long, as is each part before them.
    assert [w.test.start for w in ready.windows] == [160, 190, 220, 250]
    sessions = ready.market.sessions
    assert outcome.validation_sessions.tolist() == sessions[130:250].tolist()
    assert len(outcome.validation_returns) == 120
    assert outcome.validation_returns[0] == 0


def test_the_validation_path_is_the_trade_of_each_windows_own_model_before_its_test(
    ready: Prepared, spec: RunSpec, store: Store, outcome: Outcome
) -> None:
    # Windows that are moved 30 sessions back have as test spans what are validation spans here.
    from rollsight.backtests.account.backtest import trade

    folds = run_folds(ready, spec, store=store)
    rows = []
    for fold in folds:
        start = fold.window.test.start
        before = replace(fold.window, test=replace(fold.window.test, start=start - 30, stop=start))
        found = forecast(fold.model, ready.samples, before, shrink=False)
        # The threshold is still that of the whole validation span.
        own = Fold(
            before, usable_rows(ready.samples, before.test), found.test, "p_up", fold.threshold
        )
        rows.append(labelled_table(ready, [own]))
    done = trade(
        ready.market, pd.concat(rows, ignore_index=True), first=130, horizon=5,
        spec=spec.strategy, costs=ready.costs,
    )  # fmt: skip
    assert outcome.validation_returns.tolist() == done.equity["return"].tolist()[:120]


def test_validation_counts_labels_that_were_known_before_the_test(
    ready: Prepared, spec: RunSpec, store: Store, outcome: Outcome
) -> None:
    folds = run_folds(ready, spec, store=store)
    buys, went_up = 0, []
    for fold in folds:
        start = fold.window.test.start
        found = forecast(fold.model, ready.samples, fold.window, shrink=False)
        usable = ready.samples.usable[:, start - 40 : start]
        day, stock = np.nonzero(usable.T)
        day += start - 40
        known = ready.samples.labels.settled_at[stock, day]
        label = ready.samples.labels.label[stock, day]
        bought = (found.validation[:, 2] >= fold.threshold) & (day >= start - 30)
        buys += int(bought.sum())
        went_up += (label[bought & (known >= 0) & (known < start)] == 2).tolist()
    assert outcome.validation.buys == buys > len(went_up) > 10
    assert outcome.validation.precision == pytest.approx(np.mean(went_up))


def test_what_is_known_before_a_window_is_what_was_settled_and_shown_by_then(
    outcome: Outcome, result: Result, ready: Prepared
) -> None:
    signals, market = result.signals, ready.market
    stock = [market.codes.index(code) for code in signals["code"]]
    day = np.searchsorted(market.sessions, signals["decided_at"].to_numpy().astype("M8[D]"))
    # A delisted stock's last label is known later than it settles.
    settled_at = ready.samples.labels.settled_at[stock, day]
    for number, opens in enumerate(outcome.opens):
        known = (settled_at >= 0) & (market.sessions[settled_at] < opens)
        bought = signals[signals["buy"] & known]
        past = outcome.returns[outcome.sessions < opens]
        if not number:
            assert all(np.isnan(of[0]) for of in outcome.known.values())
            continue
        assert outcome.known["precision"][number] == pytest.approx((bought["label"] == 2).mean())
        assert outcome.known["net_return"][number] == pytest.approx(
            bought["net_label_return"].mean()
        )
        assert outcome.known["sharpe"][number] * past[1:].std(ddof=1) == pytest.approx(
            past[1:].mean() * np.sqrt(year(outcome.sessions))
        )


def year(sessions: "np.ndarray") -> float:
    days = (sessions[-1] - sessions[0]) / np.timedelta64(1, "D")
    return float((len(sessions) - 1) / (days / 365.25))


def test_rules_change_the_money_and_not_the_forecast(
    ready: Prepared, spec: RunSpec, store: Store, outcome: Outcome
) -> None:
    strict = spec.model_copy(
        update={"strategy": spec.strategy.model_copy(update={"stop_loss": 0.005})}
    )
    other = tried(ready, strict, store)
    assert other.test.total_return != outcome.test.total_return
    for name in ("buys", "precision", "net_return", "log_loss_gain"):
        assert other.test.of(name) == outcome.test.of(name)


def test_an_outcome_reads_as_it_was_written(outcome: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "one.arrays"
    write_outcome(outcome, path)
    content = path.read_bytes()
    read = read_outcome(path)
    assert read is not None
    assert (read.validation, read.test) == (outcome.validation, outcome.test)
    assert read.returns.tolist() == outcome.returns.tolist()
    assert {k: v.tobytes() for k, v in read.known.items()} == {
        k: v.tobytes() for k, v in outcome.known.items()
    }
    write_outcome(read, tmp_path / "two.arrays")
    assert (tmp_path / "two.arrays").read_bytes() == content


@pytest.mark.parametrize("damage", ["torn", "empty", "other", "gone"])
def test_a_damaged_outcome_is_none_at_all(outcome: Outcome, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "one.arrays"
    write_outcome(outcome, path)
    whole = path.read_bytes()
    content = {"torn": whole[: len(whole) // 2], "empty": b"", "other": b"text\n" * 99}
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[damage])
    assert read_outcome(path) is None


def test_a_trials_ratios_are_above_the_risk_free_rate(
    ready: Prepared, spec: RunSpec, store: Store, outcome: Outcome
) -> None:
    rated = spec.model_copy(update={"market": spec.market.model_copy(update={"risk_free": 0.5})})
    found = tried(prepare(rated), rated, store)
    assert found.returns.tolist() == outcome.returns.tolist()
    cash = 1.5 ** (1 / sessions_per_year(ready.market.sessions)) - 1
    for own, returns, at in (
        (found.test, found.returns, found.sessions),
        (found.validation, found.validation_returns, found.validation_sessions),
    ):
        above = returns[1:] - cash
        ratio = above.mean() / above.std(ddof=1) * sessions_per_year(at) ** 0.5
        assert own.sharpe == pytest.approx(ratio)
    # What was known before the last window.
    past = outcome.returns[1 : ready.windows[-1].test.start - ready.windows[0].test.start] - cash
    ratio = past.mean() / past.std(ddof=1) * sessions_per_year(found.sessions) ** 0.5
    assert found.known["sharpe"][-1] == pytest.approx(ratio)
    assert found.test.annual_return == outcome.test.annual_return


def test_a_run_under_a_rate_has_the_money_of_one_without(
    spec: RunSpec, store: Store, result: Result
) -> None:
    update = {"risk_free": 0.5, "benchmark": ("KS11", "GSPC")}
    rated = spec.model_copy(update={"market": spec.market.model_copy(update=update)})
    found = walk_forward(rated, store=store)
    pd.testing.assert_frame_equal(found.equity[result.equity.columns], result.equity)
    pd.testing.assert_frame_equal(found.trades, result.trades)
    cash = found.equity["risk_free_return"].to_numpy()
    assert cash[0] == 0
    assert (cash[1:] == cash[1]).all()
    assert found.equity["benchmark_return_GSPC"].notna().any()
    drawn = (r.manifest["random_accounts"]["accounts"] for r in (found, result))
    for own, before in zip(*drawn, strict=True):
        assert own["sharpe"] < before["sharpe"]
        assert own["total_return"] == before["total_return"]
    for own, before in zip(found.manifest["seed_accounts"], result.manifest["seed_accounts"],
                           strict=True):  # fmt: skip
        assert own["sharpe"] < before["sharpe"]
