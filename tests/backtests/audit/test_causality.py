"""Every check for look-ahead is able to fail: each is shown a run that was tampered with."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.backtests.audit.causality import (
    Subject,
    future_edit,
    future_edits,
    retrained,
    truncated,
    warmed_up,
)
from rollsight.backtests.audit.differences import Fault
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.chain.signals import signal_table
from rollsight.backtests.spec import RunSpec
from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.inputs.tradedvalue import mean_value
from rollsight.training.fitting.store import model_digest
from tests.support.audits import own_index_market, spec_of, subject_of


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_index_market(tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="module")
def honest(market: Path) -> Subject:
    return subject_of(spec_of(market))


def with_fold(subject: Subject, number: int, **changes: object) -> Subject:
    """Return a run of which one window is another."""
    folds = list(subject.folds)
    folds[number] = replace(folds[number], **changes)
    signals = signal_table(subject.ready, folds)
    return replace(subject, folds=tuple(folds), signals=signals)


def with_samples(subject: Subject, change: Callable[[SampleSet], SampleSet]) -> Subject:
    """Return a run that was made of other samples than its folder gives."""
    return replace(subject, ready=replace(subject.ready, samples=change(subject.ready.samples)))


def day_of(subject: Subject, day: int) -> str:
    return str(subject.ready.market.sessions[day])


def test_an_honest_run_has_no_fault(honest: Subject) -> None:
    assert [fault for seed in range(6) for fault in future_edit(honest, seed)] == []
    assert [fault for seed in range(2) for fault in future_edits(honest, seed, 3)] == []
    assert [retrained(honest, 0, 0, another=a) for a in (True, False)] == [[], []]
    test = honest.folds[1].window.test
    for day in (test.start, test.stop - 1, honest.folds[-1].window.test.stop - 1):
        assert truncated(honest, day) == []
    assert warmed_up(honest, 30) == []


def test_a_window_fitted_on_another_input_has_another_key(honest: Subject) -> None:
    folds = [replace(f, model=replace(f.model, keys=("0" * 64,))) for f in honest.folds]
    (fault,) = future_edit(replace(honest, folds=folds), seed=0)
    assert fault.series.startswith("window ")
    assert fault.what == "its key changes"


def test_a_model_whose_outputs_are_no_numbers_is_not_passed(honest: Subject) -> None:
    folds = []
    for fold in honest.folds:
        weights = tuple({k: np.full_like(a, np.nan) for k, a in w.items()}
                        for w in fold.model.weights)  # fmt: skip
        folds.append(replace(fold, model=replace(fold.model, weights=weights)))
    faults = future_edit(replace(honest, folds=folds), seed=0)
    assert faults
    assert {fault.what for fault in faults} == {"its probabilities change"}
    assert {fault.series for fault in faults} <= set(honest.ready.market.codes)


def test_a_stocks_input_that_its_past_does_not_give_is_named_with_its_day(honest: Subject) -> None:
    def tampered(samples: SampleSet) -> SampleSet:
        stocks = samples.stocks.copy()
        stocks[2, 40] += 0.01
        return replace(samples, stocks=stocks)

    what = "its value of 000020 changes with what is known later"
    expected = [Fault("close", day_of(honest, 40), what)]
    assert future_edit(with_samples(honest, tampered), seed=0) == expected
    assert truncated(with_samples(honest, tampered), honest.folds[0].window.test.start) == expected


def test_an_index_that_is_a_day_ahead_is_named_with_its_day(honest: Subject) -> None:
    def tampered(samples: SampleSet) -> SampleSet:
        indices = samples.indices.copy()
        indices[:-1, 0] = samples.indices[1:, 0]
        return replace(samples, indices=indices)

    faults = truncated(with_samples(honest, tampered), honest.folds[0].window.test.start)
    (fault,) = faults
    assert (fault.series, fault.what) == ("GSPC", "its input changes with what is known later")
    # It shows on the first session whose input is another.
    ahead = honest.ready.samples.indices[1:, 0] != honest.ready.samples.indices[:-1, 0]
    assert fault.session == day_of(honest, int(ahead.argmax()))


def test_a_known_label_that_changes_is_named_and_one_not_known_yet_is_not(honest: Subject) -> None:
    day = honest.folds[0].window.test.start

    def tampered(at: int) -> Subject:
        def other(samples: SampleSet) -> SampleSet:
            label = samples.labels.label.copy()
            label[1, at] = (label[1, at] + 1) % 3
            return replace(samples, labels=replace(samples.labels, label=label))

        return with_samples(honest, other)

    # Decided at t, a label of three sessions is known from t + 4 on.
    assert truncated(tampered(day - 4), day) == [
        Fault("000010", day_of(honest, day - 4), "a label that was known changes")
    ]
    assert "a label" not in " ".join(f.what for f in truncated(tampered(day - 3), day))


def test_a_row_that_only_the_future_allows_is_named(honest: Subject) -> None:
    def tampered(samples: SampleSet) -> SampleSet:
        usable = samples.usable.copy()
        usable[3, 50] = False
        return replace(samples, usable=usable)

    day = honest.folds[0].window.test.start
    assert truncated(with_samples(honest, tampered), day) == [
        Fault("000030", day_of(honest, 50), "whether it may be decided on changes")
    ]


def test_a_model_with_another_windows_weights_is_not_what_training_anew_gives(
    honest: Subject,
) -> None:
    other = honest.folds[1].model.weights
    swapped = with_fold(honest, 0, model=replace(honest.folds[0].model, weights=other))
    before = honest.folds[0].window.test.start - 1
    for another, what in ((True, "with another future"), (False, "with none")):
        assert retrained(swapped, 0, 0, another=another) == [
            Fault("window 0", day_of(honest, before), f"{what} its model differs")
        ]
        assert retrained(swapped, 1, 0, another=another) == []


def test_a_threshold_tuned_on_something_else_is_found_by_truncation(honest: Subject) -> None:
    fold = honest.folds[1]
    chosen = 0 if fold.curve.chosen != 0 else 1
    moved = with_fold(honest, 1, threshold=float(fold.curve.threshold[chosen]))
    day = fold.window.test.start + 3
    first = str(honest.ready.market.codes[fold.rows.stock[0]])
    start = fold.window.test.start
    assert truncated(moved, day) == [Fault(first, day_of(honest, start), "its threshold changes")]
    # What comes before its first day says nothing of it.
    assert truncated(moved, start - 1) == []


def test_a_probability_that_is_not_the_models_is_found_by_truncation(honest: Subject) -> None:
    fold = honest.folds[0]
    at = int(np.flatnonzero(fold.rows.day == fold.window.test.start + 5)[0])
    probability = fold.probability.copy()
    probability[at] += 1e-12
    moved = with_fold(honest, 0, probability=probability)
    session = int(fold.rows.day[at])
    assert session == fold.window.test.start + 5
    code = honest.ready.market.codes[fold.rows.stock[at]]
    assert truncated(moved, session) == [Fault(code, day_of(honest, session), "its p_down changes")]
    # Before that day nothing is another.
    assert truncated(moved, session - 1) == []


def test_an_input_scaled_by_its_whole_history_is_found_by_a_later_beginning(
    honest: Subject,
) -> None:
    def centred(samples: SampleSet) -> SampleSet:
        return replace(samples, indices=samples.indices - samples.indices.mean(axis=0))

    faults = warmed_up(with_samples(honest, centred), 30)
    assert [fault.series for fault in faults] == ["GSPC", "NG", "KS11"]
    # Compared from the session at which a history that begins in session 30 has warmed up: 60
    # sessions of traded value come after it.
    assert {fault.session for fault in faults} == {day_of(honest, 30 + 61)}


def halted_market(market: Path, out: Path, first: int, stop: int, *, rows: bool) -> Path:
    """Write the market with a stock that did not trade in sessions ``[first, stop)``."""
    out.mkdir()
    for file in market.iterdir():
        (out / file.name).write_bytes(file.read_bytes())
    prices = pd.read_parquet(out / "prices.parquet")
    days = np.sort(prices["Date"].unique())
    gone = (prices["Code"] == "000020") & prices["Date"].isin(days[first:stop])
    prices.loc[gone, ["Open", "High", "Low", "Volume"]] = 0
    close = prices.loc[(prices["Code"] == "000020") & (prices["Date"] == days[first - 1]), "Close"]
    prices.loc[gone, "Close"] = close.iloc[0]
    prices = prices if rows else prices[~gone]
    prices.to_parquet(out / "prices.parquet", index=False)
    return out


@pytest.mark.parametrize("rows", [True, False], ids=["rows without volume", "no rows"])
def test_a_beginning_in_a_long_halt_is_no_fault(market: Path, tmp_path: Path, rows: bool) -> None:
    # The halt lasts from before the cut to after the warm-up, so the first session after it has an
    # input only where the history knows a close from before.
    folder = halted_market(market, tmp_path / "halted", 25, 110, rows=rows)
    subject = subject_of(spec_of(folder, "features.max_staleness=3"))
    assert warmed_up(subject, 30) == []
    usable = subject.ready.samples.usable[2]
    assert not rows or usable[60]
    assert rows or not usable[25:110].any()
    assert usable[130]


def test_buys_picked_by_their_outcome_are_found_by_truncation(honest: Subject) -> None:
    day = honest.folds[1].window.test.start + 20
    picked = honest.signals.assign(buy=honest.signals["buy"] & (honest.signals["label"] != 0))
    gone = honest.signals["buy"] & ~picked["buy"] & (honest.signals["day"] <= day)
    first = honest.signals[gone].iloc[0]
    assert truncated(replace(honest, signals=picked), day) == [
        Fault(
            honest.ready.market.codes[first["stock"]],
            day_of(honest, first["day"]),
            "its buy changes",
        )
    ]


def test_a_trade_that_the_signals_did_not_make_is_found_by_truncation(honest: Subject) -> None:
    start = honest.folds[0].window.test.start
    equity = honest.traded.equity.copy()
    equity.loc[25:, "equity"] += 1.0
    other = replace(honest, traded=replace(honest.traded, equity=equity))
    assert truncated(other, start + 30) == [
        Fault("the equity", day_of(honest, start + 25), "it changes")
    ]
    assert truncated(other, start + 24) == []


def test_an_order_whose_size_the_next_session_gives_is_found_on_its_own_session(
    market: Path,
) -> None:
    spec = spec_of(market, "strategy.capacity=0.5", "strategy.cash=1e9")
    honest = subject_of(spec)
    ready = honest.ready
    stock, day = (honest.signals[name].to_numpy() for name in ("stock", "day"))
    value = ready.market.close * ready.market.volume
    later = np.minimum(day + 1, len(ready.market.sessions) - 1)
    ahead = honest.signals.assign(traded_value=mean_value(value, stock, later))
    cheating = replace(honest, traded=traded_by(ready, spec, ahead))
    orders = cheating.traded.orders
    cut = orders[orders["shares"] < orders["wanted"]]
    first = cut.sort_values(["submitted_at", "code"]).iloc[0]
    at = int(np.searchsorted(ready.market.sessions, np.datetime64(first["submitted_at"], "D")))
    expected = [Fault(first["code"], day_of(honest, at), "its order to buy changes")]
    for until in (at, at + 1, at + 30):
        assert truncated(cheating, until) == expected
        assert truncated(honest, until) == []


def traded_by(ready: Prepared, spec: RunSpec, signals: pd.DataFrame) -> Traded:
    return trade(
        ready.market,
        signals,
        first=ready.windows[0].test.start,
        horizon=spec.label.horizon,
        spec=spec.strategy,
        costs=ready.costs,
    )


def test_a_stock_listed_later_changes_no_model_before(market: Path, tmp_path: Path) -> None:
    prices = pd.read_parquet(market / "prices.parquet")
    late = prices["Date"].drop_duplicates().iloc[-60]
    extra = prices[(prices["Code"] == "000010") & (prices["Date"] >= late)].assign(Code="000005")
    for name in ("indices.parquet", "market.toml"):
        (tmp_path / name).write_bytes((market / name).read_bytes())
    table = pd.concat([extra, prices]).sort_values(["Code", "Date"])
    table.to_parquet(tmp_path / "prices.parquet", index=False)
    with_it = subject_of(spec_of(tmp_path, "universe.exclude=[]"))
    without = subject_of(spec_of(market, "universe.exclude=[]"))
    assert len(with_it.ready.market.codes) == len(without.ready.market.codes) + 1
    assert [f.model.keys for f in with_it.folds] == [f.model.keys for f in without.folds]
    assert [model_digest(f.model) for f in with_it.folds] == [
        model_digest(f.model) for f in without.folds
    ]
