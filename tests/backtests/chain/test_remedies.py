"""Bands that follow volatility, and a score that counts DOWN against UP: off unless asked for."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.backtest import trade
from rollsight.backtests.audit.causality import future_edit, retrained, truncated
from rollsight.backtests.chain.fold import run_fold
from rollsight.backtests.chain.forecasts import forecast, usable_rows
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.chain.signals import net_returns, signal_table
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.directory.result import Result
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.backtests.tuning import tuning
from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import half_band
from rollsight.training.deciding.scores import date_rank
from rollsight.training.fitting.store import Store
from tests.support.audits import own_index_market, subject_of
from tests.support.audits import spec_of as audited
from tests.support.markets import Recipe, write_market
from tests.support.panels import ALL_IN, costs_of, flat, panel, signals_of

SMALL = [
    "baselines=[]",
    "features.lookback=20", "label.horizon=3", "windows.train_days=60",
    "windows.validation_days=30", "windows.test_days=30", "model.width=4", "model.blocks=1",
    "training.epochs=2",
    "training.shrink=false",
    "training.seeds=1", "threshold.min_buys=10", "market.start=none", "market.indices=all",
    "market.benchmark=none",
]  # fmt: skip
WILD, LESS_DOWN = "label.band=volatility", "threshold.score=p_up - p_down"
BEST = "threshold.per=date"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), Recipe(n_stocks=4, n_days=150))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Path:
    """Return the models of a run with fixed bands."""
    path = tmp_path_factory.mktemp("run") / "models"
    walk_forward(spec_of(folder), store=Store(path))
    return path


@pytest.fixture(scope="module")
def less_down(folder: Path, store: Path) -> Result:
    return walk_forward(spec_of(folder, LESS_DOWN), store=Store(store))


def spec_of(folder: Path, *changes: str) -> RunSpec:
    return read_spec("krx", [*SMALL, *changes], str(folder))


def test_another_band_never_takes_a_model_that_learnt_from_other_labels(
    folder: Path, store: Path, tmp_path: Path
) -> None:
    spec = spec_of(folder, WILD)
    kept = {path.name: path.read_bytes() for path in store.iterdir()}
    over = tmp_path / "models"
    over.mkdir()
    for name, content in kept.items():
        (over / name).write_bytes(content)
    found, alone = walk_forward(spec, store=Store(over)), walk_forward(spec)
    assert all((over / name).read_bytes() != content for name, content in kept.items())
    pd.testing.assert_frame_equal(found.signals, alone.signals, check_exact=True)
    assert found.manifest["model_digests"] == alone.manifest["model_digests"]


def test_the_signals_say_how_wide_their_band_was(folder: Path, less_down: Result) -> None:
    assert (less_down.signals["band"] == 0.02).all()
    spec = spec_of(folder, WILD, "label.multiple=0.7")
    signals = walk_forward(spec).signals
    width = (0.7 * signals["volatility"] * 3**0.5).to_numpy()
    np.testing.assert_allclose(signals["band"], width, atol=1e-12)
    known = signals[signals["label"].notna()]
    up = known["label_return"] >= known["band"]
    down = known["label_return"] < -known["band"]
    assert (known["label"] == np.where(up, 2, np.where(down, 0, 1))).all()
    assert 0 < up.sum() < len(known)


def test_the_difference_is_held_against_the_threshold_everywhere(less_down: Result) -> None:
    signals, windows = less_down.signals, less_down.windows.set_index("number")
    score = signals["p_up"] - signals["p_down"]
    assert (signals["score"] == score).all()
    own = windows["threshold"].loc[signals["window"]].to_numpy()
    assert (signals["buy"] == (score >= own)).all()
    assert 0 < signals["buy"].sum() < len(signals)
    # Not those of the probability alone, which is above any such difference.
    assert (signals["buy"] < (signals["p_up"] >= own)).any()
    known = signals[signals["label"].notna()]
    for number, rows in known.groupby("window"):
        bought = rows[rows["buy"]]
        assert windows["test_buys"][number] == len(bought)
        if len(bought):
            assert windows["test_precision"][number] == (bought["label"] == 2).mean()
    assert windows["test_accuracy_thresholded"].isna().all()
    assert windows["validation_accuracy_thresholded"].isna().all()


def test_the_best_of_each_date_are_bought_everywhere(folder: Path, store: Path) -> None:
    found = walk_forward(spec_of(folder, BEST, "threshold.min_buys=5"), store=Store(store))
    signals, windows = found.signals, found.windows.set_index("number")
    # Four stocks a date at most: none, one, two or three of the others score lower.
    of_date = signals.groupby("decided_at")["p_up"]
    lower = of_date.rank(method="min") - 1
    others = of_date.transform("size") - 1
    assert (signals["score"] == lower / others.clip(lower=1)).all()
    own = windows["threshold"].loc[signals["window"]].to_numpy()
    assert (signals["buy"] == (signals["score"] >= own)).all()
    # Every date of a window that trades has a buy.
    trading = signals[np.isfinite(own)]
    assert trading.groupby("decided_at")["buy"].any().all()
    assert 0 < signals["buy"].sum() < len(trading)
    for curve in windows["curve_threshold"]:
        assert set(np.round(3 * np.array(curve), 6)) <= {1, 2, 3, 1.5}
    known = signals[signals["label"].notna()]
    for number, rows in known.groupby("window"):
        assert windows["test_buys"][number] == rows["buy"].sum()
    assert windows["test_accuracy_thresholded"].isna().all()
    assert windows["validation_accuracy_thresholded"].isna().all()


def test_rows_that_tune_are_ranked_among_all_that_could_be_bought(
    folder: Path, store: Path
) -> None:
    spec = spec_of(folder, BEST)
    ready = prepare(spec)
    model = run_fold(ready.samples, net_returns(ready), ready.windows[0], spec, Store(store)).model
    labels = ready.samples.labels
    # The best of every date is halted at its exit: its label comes after the test began.
    found = forecast(model, ready.samples, ready.windows[0])
    rows = usable_rows(ready.samples, ready.windows[0].validation)
    best = date_rank(found.validation[:, 2], rows.day) == 1
    late = labels.settled_at.copy()
    late[rows.stock[best], rows.day[best]] = ready.windows[0].test.start
    samples = replace(ready.samples, labels=replace(labels, settled_at=late))
    chosen = tuning(found, samples, net_returns(ready), ready.windows[0], spec)
    assert len(chosen.score) > 0
    assert chosen.score.max() < 1


def test_the_best_of_one_is_refused(folder: Path) -> None:
    with pytest.raises(RollsightError, match=r"universe\.top=1 leaves one: set threshold\.per="):
        prepare(spec_of(folder, BEST, "universe.top=1"))
    with pytest.raises(RollsightError, match=r"threshold\.min_dates=31 is more than the 26 "):
        prepare(spec_of(folder, "threshold.min_dates=31"))


def test_of_too_many_buys_that_of_the_largest_score_is_taken() -> None:
    market = panel(flat(2, 6))
    # The first is the likelier to rise, and to fall.
    signals = signals_of(market, [(0, 1, 0.1), (1, 1, 0.2)], horizon=2).assign(p_up=[0.6, 0.4])
    done = trade(market, signals, first=0, horizon=2, spec=ALL_IN, costs=costs_of(market))
    assert done.trades["code"].tolist() == [market.codes[1]]
    assert done.action.tolist() == ["no free position", "bought"]


def test_the_score_trains_nothing_anew(folder: Path, store: Path, less_down: Result) -> None:
    plain = walk_forward(spec_of(folder), store=Store(store))
    assert plain.manifest["model_digests"] == less_down.manifest["model_digests"]
    assert (plain.signals["score"] == plain.signals["p_up"]).all()
    assert plain.windows["test_accuracy_thresholded"].notna().any()


def test_rows_that_are_decided_always_have_a_band(folder: Path) -> None:
    spec = spec_of(folder, WILD)
    ready = prepare(spec)
    signals = walk_forward(spec, prepared=ready).signals
    assert signals["band"].notna().all()
    assert (half_band(spec.label, signals["volatility"].to_numpy()) == signals["band"]).all()


def test_neither_remedy_sees_what_comes_later(tmp_path: Path) -> None:
    subject = subject_of(audited(own_index_market(tmp_path / "market"), WILD, LESS_DOWN))
    assert [fault for seed in range(4) for fault in future_edit(subject, seed)] == []
    test = subject.folds[1].window.test
    assert truncated(subject, test.start) == truncated(subject, test.stop - 1) == []
    assert [retrained(subject, 0, 0, another=a) for a in (True, False)] == [[], []]
    # The check looks at the score: a window that held another against its threshold is found.
    folds = (subject.folds[0], replace(subject.folds[1], score="p_up"), *subject.folds[2:])
    other = replace(subject, folds=folds, signals=signal_table(subject.ready, folds))
    (fault,) = truncated(other, test.stop - 1)
    assert fault.what == "its score changes"
