"""A run with a gate: what each action changes, and what it leaves as it was."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.audit.causality import future_edit, retrained, truncated
from rollsight.backtests.chain.fold import run_fold
from rollsight.backtests.chain.forecasts import forecast
from rollsight.backtests.chain.networks import keys
from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.chain.signals import net_returns
from rollsight.backtests.chain.walkforward import run_folds, walk_forward
from rollsight.backtests.directory.result import Result
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.forecasts import read_forecast, store_forecast
from rollsight.backtests.sweeps.plan import Planner
from rollsight.backtests.trials.trial import run_trial
from rollsight.base.errors import RollsightError
from rollsight.training.fitting.store import NOWHERE
from rollsight.training.fitting.windows import known_rows
from rollsight.training.gate.error import beyond
from rollsight.training.gate.fit import usable, window_gate
from tests.support.audits import own_index_market, spec_of, subject_of

MANY = ("gate.model=pca", "gate.quantile=0.8")
DECISIONS = ["p_down", "p_hold", "p_up", "score", "threshold", "buy"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_index_market(tmp_path_factory.mktemp("market"))


def spec(folder: Path, *changes: str) -> RunSpec:
    return spec_of(folder, "threshold.min_buys=20", *changes)


@pytest.fixture(scope="module")
def plain(folder: Path) -> Result:
    return walk_forward(spec(folder))


@pytest.fixture(scope="module")
def ready(folder: Path) -> Prepared:
    return prepare(spec(folder))


def test_without_a_gate_no_key_and_no_column_is_there(plain: Result, folder: Path) -> None:
    assert not [name for name in plain.signals if name.startswith("outlier")]
    assert "outliers" not in plain.manifest
    # Keys of a gate that is not set say nothing.
    idle = spec(folder, "gate.quantile=0.5", "gate.action=no_buy")
    ready = prepare(idle)
    found = [keys(ready.samples, ready.windows, idle, seed)[0] for seed in (0,)]
    assert found == [plain.manifest["model_keys"][0][0]]
    (note,) = (n for n in ready.universe.notes if n.startswith("gate."))
    assert note.startswith("gate.quantile and gate.action have no effect: that takes gate.model=")


@pytest.mark.parametrize("model", ["pca", "autoencoder"])
def test_a_report_changes_no_decision_and_adds_the_errors(
    folder: Path, plain: Result, ready: Prepared, model: str
) -> None:
    own = spec(folder, f"gate.model={model}", "gate.quantile=0.8", "gate.epochs=2")
    told = walk_forward(own)
    columns = ["outlier"] if model == "pca" else ["outlier", "outlier_pca"]
    assert [name for name in told.signals if name.startswith("outlier")] == columns
    pd.testing.assert_frame_equal(told.signals.drop(columns=columns), plain.signals)
    pd.testing.assert_frame_equal(told.trades, plain.trades)
    for window in ready.windows:
        gate = window_gate(ready.samples, window, own.gate, seed=0, clip=own.features.clip)
        expected = gate.outlier(ready.samples, usable(ready.samples, window.test))
        rows = told.signals[told.signals["window"] == window.number]
        assert np.array_equal(rows[columns].to_numpy().T, expected)
    assert (told.signals["outlier"] > 1).any()


def test_no_buy_buys_no_row_beyond_the_gate_and_tunes_on_the_others(
    folder: Path, plain: Result, ready: Prepared
) -> None:
    own = spec(folder, *MANY, "gate.action=no_buy")
    found = walk_forward(own)
    far = found.signals["outlier"] > 1
    reach = found.signals["score"] >= found.windows["threshold"].to_numpy()[found.signals["window"]]
    assert (far & reach).any()
    assert not found.signals.loc[far, "buy"].any()
    assert found.signals.loc[far, "threshold"].isna().all()
    assert (found.signals["buy"] == (reach & ~far)).all()
    # Networks and probabilities are those without a gate; only where a buy begins is tuned anew.
    of = ["p_down", "p_hold", "p_up", "score"]
    pd.testing.assert_frame_equal(found.signals[of], plain.signals[of])
    window = ready.windows[0]
    fold = run_fold(ready.samples, net_returns(ready), window, own, NOWHERE)
    rows = usable(ready.samples, window.validation)
    known = known_rows(ready.samples, window.validation, window.test.start)
    at = known[rows.stock, rows.day - window.validation.start]
    gate = window_gate(ready.samples, window, own.gate, seed=0, clip=own.features.clip)
    inside = gate.outlier(ready.samples, rows)[0] <= 1
    assert fold.curve.support.buys.max() < (at & inside).sum() < at.sum()
    assert fold.validation.buys == fold.curve.support.buys[fold.curve.chosen]


def test_another_seeds_account_buys_no_row_beyond_the_gate(folder: Path) -> None:
    own = spec(folder, *MANY, "gate.action=no_buy")
    alone = walk_forward(own)
    training = own.training.model_copy(update={"seeds": 2})
    account = walk_forward(own.model_copy(update={"training": training})).manifest["seed_accounts"][
        0
    ]
    assert account["networks"] == [0]
    assert account["buys"] == alone.signals["buy"].sum() > 0
    ends = alone.equity["equity"].iloc[-1] / own.strategy.cash - 1
    assert account["total_return"] == pytest.approx(ends)


def test_the_best_of_a_date_are_no_outliers(folder: Path) -> None:
    own = spec(folder, *MANY, "gate.action=no_buy", "threshold.best=2")
    signals = walk_forward(own).signals
    far = signals["outlier"] > 1
    assert not signals.loc[far, "buy"].any()
    assert signals["buy"].equals((signals["score"] >= -1) & ~far)


def test_drop_train_changes_what_is_learnt_and_nothing_else(
    folder: Path, plain: Result, ready: Prepared
) -> None:
    own = spec(folder, *MANY, "gate.action=drop_train")
    found = walk_forward(own)
    for window, train_rows in zip(ready.windows, found.windows["train_rows"], strict=True):
        gate = window_gate(ready.samples, window, own.gate, seed=0, clip=own.features.clip)
        rows = usable(ready.samples, window.train)
        error = gate.outlier(ready.samples, rows)[0] * np.float32(gate.facts.thresholds[0])
        far = beyond(error, gate.facts.train_threshold)
        known = known_rows(ready.samples, window.train, window.validation.start)
        learnt = known[rows.stock, rows.day - window.train.start] & ~far
        assert train_rows == pytest.approx(learnt.sum(), abs=1)
        assert train_rows < known.sum()
    same = ["validation_rows", "validation_dates", "test_rows", "test_stocks"]
    pd.testing.assert_frame_equal(found.windows[same], plain.windows[same])
    reported = walk_forward(spec(folder, *MANY))
    assert found.signals["outlier"].equals(reported.signals["outlier"])
    assert not found.signals["p_up"].equals(plain.signals["p_up"])
    rows = ["decided_at", "code", "label", "label_return", "volatility"]
    pd.testing.assert_frame_equal(found.signals[rows], plain.signals[rows])


def test_baselines_have_the_same_gate(folder: Path) -> None:
    own = spec(folder, *MANY, "gate.action=no_buy", "baselines=['momentum']",
               "features.lookback=20")  # fmt: skip
    found = walk_forward(own)
    far = (found.signals["outlier"] > 1).to_numpy()
    assert far.any()
    assert not found.baselines["buy"].to_numpy()[far].any()


@pytest.mark.parametrize("action", ["no_buy", "drop_train"])
def test_an_audit_finds_no_later_knowledge_in_a_gate(folder: Path, action: str) -> None:
    subject = subject_of(
        spec(folder, "gate.model=autoencoder", "gate.quantile=0.9", "gate.epochs=2",
             f"gate.action={action}")
    )  # fmt: skip
    last = subject.folds[-1].window
    assert [fault for seed in range(3) for fault in future_edit(subject, seed)] == []
    assert retrained(subject, 1, 0, another=True) == []
    assert truncated(subject, last.test.start + 5) == []


@pytest.mark.slow
def test_trials_of_a_sweep_have_the_gate_of_their_own_spec(folder: Path, tmp_path: Path) -> None:
    base = spec(folder, *MANY)
    planner = Planner(base)
    told, kept, wide, bad = planner.add(
        [{}, {"gate.action": "no_buy"}, {"gate.quantile": 0.9}, {"gate.layers": [50]}]
    )
    assert told.fault == kept.fault == wide.fault == ""
    assert "needs 500" in bad.fault
    plan = planner.plan()
    assert len(plan.trainings) == 3
    # Gates that are fitted alike are one, whatever follows of them.
    assert len(plan.networks) == 2 * 3
    own = spec(folder, *MANY, "gate.action=no_buy")
    ready = prepare(own)
    folds = run_folds(ready, own)
    found = []
    for fold in folds:
        path, of = tmp_path / f"{fold.window.number}", (fold.model, ready.samples, fold.window)
        store_forecast(forecast(*of, shrink=False), *of, path, shrink=False)
        stored = read_forecast(path)
        assert stored is not None
        found.append(stored.forecast)
    outcome, result = run_trial(ready, own, found), walk_forward(own)
    assert outcome.returns.tolist() == result.equity["return"].tolist()
    open_gate = run_trial(ready, base, found)
    assert open_gate.validation.buys > outcome.validation.buys > 0


def test_an_audit_compares_the_errors_themselves(folder: Path) -> None:
    subject = subject_of(spec(folder, *MANY))
    told = subject.signals.assign(outlier=subject.signals["outlier"] * np.float32(1.01))
    (fault,) = truncated(replace(subject, signals=told), subject.folds[-1].window.test.start + 5)
    assert fault.what == "its outlier changes"


def test_a_gate_that_leaves_nothing_to_buy_is_refused(folder: Path) -> None:
    own = spec(folder, "gate.model=pca", "gate.quantile=0.0001", "gate.action=no_buy",
               "label.horizon=8")  # fmt: skip
    with pytest.raises(
        RollsightError,
        match=r"gate\.quantile=0\.0001 with gate\.action='no_buy' leaves window \d no validation "
        r"row that may be bought: raise gate\.quantile",
    ):
        walk_forward(own)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("gate.quantile=1", r"gate\.quantile=1 is not allowed: .*less than 1"),
        ("gate.quantile=0", r"gate\.quantile=0 is not allowed: .*greater than 0"),
        ("gate.model=vae", r"gate\.model='vae' is not allowed: .*'none', 'autoencoder' or 'pca'"),
        ("gate.action=sell", r"gate\.action='sell' is not allowed: .*'report', 'no_buy' or"),
        ("gate.layers=[]", r"gate\.layers=\(\) is not allowed|gate\.layers=\[\] is not allowed"),
        ("gate.layers=[0]", r"gate\.layers: 0 units: a layer has 1 to 1024"),
        ("gate.epochs=0", r"gate\.epochs=0 is not allowed"),
        ("gate.depth=3", r"\[gate\] has no key 'depth'"),
    ],
)
def test_keys_of_a_gate_that_make_no_sense_are_refused(
    folder: Path, change: str, fault: str
) -> None:
    with pytest.raises(RollsightError, match=fault) as said:
        spec(folder, change)
    assert "\n" not in str(said.value)


def test_a_gate_with_too_few_train_rows_is_refused_before_anything_is_trained(
    folder: Path,
) -> None:
    with pytest.raises(RollsightError, match=r"window 0 has \d+ train rows .* needs 500"):
        prepare(spec(folder, "gate.model=pca", "gate.layers=[50]"))
