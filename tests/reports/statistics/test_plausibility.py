"""Every check of results is able to fail: each is shown what no honest run would show."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.backtests.audit.causality import Subject
from rollsight.backtests.chain.fold import FittedFold
from rollsight.backtests.chain.signals import signal_table
from rollsight.backtests.workers.results import SERIAL
from rollsight.reports.run.checks import Check
from rollsight.reports.statistics import plausibility
from rollsight.reports.statistics.baserates import with_base_rates
from rollsight.reports.statistics.plausibility import Edge, delayed_buys, fills, placebo, shuffled
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.workflows.auditing.battery import Battery
from tests.support.audits import own_index_market, spec_of, subject_of
from tests.support.examples import examples
from tests.support.markets import random_samples

WINDOW = Window(0, Span(20, 60), Span(60, 80), Span(80, 100))


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return subject_of(spec_of(own_index_market(tmp_path_factory.mktemp("market"))))


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Return a run whose trades last one session, so that its test dates give an interval."""
    folder = own_index_market(tmp_path_factory.mktemp("short"), n_stocks=12)
    return subject_of(spec_of(folder, "label.horizon=1"))


def test_fills_finds_a_label_that_is_not_the_trade(honest: Subject) -> None:
    traded = honest.traded
    assert fills(honest) == []
    trades = traded.trades
    held = trades["exit_reason"].eq("horizon") & trades["label_return"].notna()
    assert held.sum() > 5
    at = trades.index[held][0]
    off = trades.assign(label_return=trades["label_return"].where(trades.index != at, 0.5))
    (said,) = fills(replace(honest, traded=replace(traded, trades=off)))
    trade = trades.loc[at]
    assert said == (
        f"{trade['code']} on {trade['entry_at']:%Y-%m-%d}: held to its end it made "
        f"{trade['gross_return']:.6f}, its label 0.500000"
    )


@pytest.mark.parametrize(
    ("side", "column", "change"),
    [
        ("buy", "price", lambda x: x * 1.001),
        ("buy", "submitted_at", lambda x: x - pd.Timedelta(days=7)),
        ("sell", "submitted_at", lambda x: x + pd.Timedelta(days=30)),
    ],
    ids=["a price that is no open", "a week late", "decided after its fill"],
)
def test_fills_finds_an_order_that_did_not_fill_at_the_next_open(
    honest: Subject, side: str, column: str, change: Callable[[object], object]
) -> None:
    traded = honest.traded
    orders = traded.orders.copy()
    at = orders.index[(orders["side"] == side) & orders["filled_at"].notna()][0]
    orders[column] = orders[column].where(orders.index != at, orders[column].map(change))
    (said,) = fills(replace(honest, traded=replace(traded, orders=orders)))
    order = traded.orders.loc[at]
    assert said == (
        f"{order['code']} on {order['filled_at']:%Y-%m-%d}: the {side} did not fill at the open "
        "after its decision"
    )


def test_buys_that_pay_only_at_once_are_found(short: Subject) -> None:
    signals = short.signals
    # A prophet of the next session alone: its buys are exactly those that pay.
    told = signals.assign(buy=signals["label_return"] > 0.01)
    late, lost = delayed_buys(replace(short, signals=told))
    returns = short.ready.samples.labels.label_return
    bought = told[told["buy"] & (told["day"] < returns.shape[1] - 5)]
    by_hand = [
        float(np.mean([returns[s, d + delay] for s, d in zip(bought["stock"], bought["day"],
                                                             strict=True)]))
        for delay in range(4)
    ]  # fmt: skip
    assert late == pytest.approx(by_hand)
    assert late[0] > 0.01
    assert abs(late[1]) < 0.005
    assert lost is not None
    assert lost.value == pytest.approx(late[0] - late[1])
    assert lost.real

    def checked(signals: pd.DataFrame) -> Check:
        return Battery(replace(short, signals=signals), 1, SERIAL, 1, 0, lambda *_: None)._delayed()

    check = checked(told)
    assert not check.passed
    assert "one session of delay costs" in check.faults[0]
    every = checked(signals.assign(buy=True))
    assert every.passed
    nobody = checked(signals.assign(buy=False))
    assert (nobody.trials, nobody.passed, nobody.said) == (0, True, "there is no buy with a label")


def edges(subject: Subject, folds: list[FittedFold]) -> tuple[Edge, Edge]:
    """Return the two figures of the placebo for models as they are."""
    signals = with_base_rates(signal_table(subject.ready, folds))
    frequencies = {f.window.number: f.model.frequencies for f in folds}
    span = subject.spec.label.horizon + 1
    return (
        plausibility._edge(signals, plausibility._gain(signals, frequencies), span),
        plausibility._edge(signals, plausibility._lift(signals), span),
    )


def test_the_placebo_knows_skill_from_shuffled_labels(short: Subject) -> None:
    for found in placebo(short, seed=0):
        assert not found.real
        assert found.low is not None
    # Models that were told four fifths of the answers.
    rng = np.random.default_rng(0)
    skilled = []
    for fold in short.folds:
        label = short.ready.samples.labels.label[fold.rows.stock, fold.rows.day]
        told = rng.random(len(label)) < 0.8
        said = np.where(told & (label >= 0), label, rng.integers(0, 3, len(label)))
        probability = np.where(np.arange(3) == said[:, None], 0.7, 0.15)
        skilled.append(replace(fold, probability=probability, threshold=0.4))
    gain, lift = edges(short, skilled)
    assert gain.real
    assert lift.real
    assert gain.value > 0.05
    assert lift.value > 0.3


@pytest.mark.parametrize(
    ("low", "high", "real"), [(0.01, 0.02, True), (-0.01, 0.02, False), (None, None, False)]
)
def test_an_edge_is_real_where_its_whole_interval_lies_above_zero(
    low: float | None, high: float | None, real: bool
) -> None:
    assert Edge(0.015, low, high).real is real


@examples(25)
@given(seed=st.integers(0, 2**32 - 1), horizon=st.integers(1, 6))
def test_shuffling_moves_known_labels_by_date_within_their_span_and_nothing_else(
    seed: int, horizon: int
) -> None:
    samples = random_samples(3, 110, horizon=horizon, seed=seed % 7)
    net = samples.labels.label_return - 0.001
    other, other_net = shuffled(samples, net, WINDOW, np.random.default_rng(seed))
    old, new = samples.labels, other.labels
    assert other.stocks is samples.stocks
    assert other.usable is samples.usable
    # Test labels, and what lies before the window, are those that they were.
    for days in (slice(0, 20), slice(80, None)):
        for one, two in (
            (old.label, new.label),
            (old.settled_at, new.settled_at),
            (net, other_net),
        ):
            np.testing.assert_array_equal(one[:, days], two[:, days])
    np.testing.assert_array_equal(old.label_return, new.label_return)
    # No label becomes known earlier, or at all.
    assert ((new.settled_at == old.settled_at) | (new.settled_at == -1)).all()
    for span, before in ((WINDOW.train, 60), (WINDOW.validation, 80)):
        known, still = (known_rows(s, span, before) for s in (samples, other))
        assert (known >= still).all()
        assert still.sum() >= known.sum() - 2 * 3 * (horizon + 1)
        days = np.arange(span.start, span.stop)
        # The net returns of a date tell the date that they came from: each is used once, all
        # stocks together, and was known in time. Each brings its own label along.
        rows, left = np.sort(net, axis=0), days[still.any(axis=0)]
        came = [
            int(days[np.flatnonzero((rows[:, days] == column[:, None]).all(axis=0))[0]])
            for column in np.sort(other_net[:, left], axis=0).T
        ]
        assert len(set(came)) == len(came)
        assert (np.array(came) + horizon + 1 < before).all()
        moved = 0
        for day, at in zip(left, came, strict=True):
            of = [int(np.flatnonzero(net[:, at] == value)[0]) for value in other_net[:, day]]
            np.testing.assert_array_equal(old.label[of, at], new.label[:, day])
            moved += of != sorted(of)
        assert moved > len(left) / 2  # two stocks stay where they are half of the time, three less
        assert (np.array(came) != days[still.any(axis=0)]).any()
