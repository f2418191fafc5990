"""Windows tile the calendar, and no label reaches past the span that may use it."""

from dataclasses import replace
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import NO_LABEL, trade_labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.spec import LabelSpec
from rollsight.training.fitting.windows import Span, Window, known_rows, purged_rows, walk
from rollsight.training.spec import WindowSpec
from tests.support.markets import market_of, random_samples

SPECS = st.builds(
    WindowSpec,
    scheme=st.sampled_from(["rolling", "expanding"]),
    train_days=st.integers(1, 30),
    validation_days=st.integers(1, 15),
    test_days=st.integers(1, 15),
)


def halted_samples(n_days: int, horizon: int, halted: float, seed: int) -> SampleSet:
    """Return samples of three stocks whose days are halted at random, all rows usable."""
    rng = np.random.default_rng(seed)
    opens = 1000 * np.exp(np.cumsum(0.02 * rng.standard_normal((3, n_days)), axis=1))
    market = market_of(opens, traded=rng.random(opens.shape) >= halted)
    labels = trade_labels(market, LabelSpec(horizon=horizon))
    plain = random_samples(3, n_days, horizon=horizon)
    return replace(plain, usable=np.ones(opens.shape, dtype=bool), labels=labels)


def settled(samples: SampleSet, span: Span, before: int) -> np.ndarray:
    """Return the settlement of every row that a span may learn from."""
    known = known_rows(samples, span, before)
    assert (samples.labels.label[:, span.start : span.stop][known] != NO_LABEL).all()
    return samples.labels.settled_at[:, span.start : span.stop][known]


@given(
    spec=SPECS,
    n_days=st.integers(10, 120),
    horizon=st.integers(1, 20),
    halted=st.sampled_from([0.0, 0.1, 0.6]),
    seed=st.integers(0, 2**32 - 1),
)
def test_no_training_label_settles_in_the_validation_or_test_span(
    spec: WindowSpec, n_days: int, horizon: int, halted: float, seed: int
) -> None:
    assume(n_days > spec.train_days + spec.validation_days)
    samples = halted_samples(n_days, horizon, halted, seed)
    for window in walk(0, n_days, spec):
        train = settled(samples, window.train, window.validation.start)
        valid = settled(samples, window.validation, window.test.start)
        assert (train < window.validation.start).all()
        assert (valid < window.test.start).all()
        # Nothing that could be known is lost either.
        for span, seen, stop in (
            (window.train, train, window.validation.start),
            (window.validation, valid, window.test.start),
        ):
            every = samples.labels.settled_at[:, span.start : span.stop]
            assert len(seen) == ((every >= 0) & (every < stop)).sum()


@given(spec=SPECS, first=st.integers(0, 50), length=st.integers(1, 150))
def test_test_spans_are_disjoint_and_tile_the_sessions(
    spec: WindowSpec, first: int, length: int
) -> None:
    lead = spec.train_days + spec.validation_days
    assume(length > lead)
    windows = list(walk(first, first + length, spec))
    tested = [day for w in windows for day in range(w.test.start, w.test.stop)]
    assert tested == list(range(first + lead, first + length))
    assert [w.number for w in windows] == list(range(len(windows)))
    for window in windows:
        assert window.train.stop == window.validation.start
        assert window.validation.stop == window.test.start
        assert len(window.validation) == spec.validation_days
        assert 1 <= len(window.test) <= spec.test_days
    assert all(len(w.test) == spec.test_days for w in windows[:-1])


@given(spec=SPECS, first=st.integers(0, 50), length=st.integers(1, 150))
def test_rolling_windows_keep_their_length_and_expanding_ones_the_first_session(
    spec: WindowSpec, first: int, length: int
) -> None:
    assume(length > spec.train_days + spec.validation_days)
    windows = list(walk(first, first + length, spec))
    assert windows[0].train == Span(first, first + spec.train_days)
    for before, after in pairwise(windows):
        assert after.train.stop == before.train.stop + spec.test_days
        if spec.scheme == "expanding":
            assert after.train.start == first
        else:
            assert len(after.train) == spec.train_days


@pytest.mark.parametrize("scheme", ["rolling", "expanding"])
def test_a_calendar_too_short_for_one_window_is_one_clear_error(
    scheme: Literal["rolling", "expanding"],
) -> None:
    spec = WindowSpec(scheme=scheme, train_days=50, validation_days=10, test_days=5)
    message = (
        r"train_days=50 \+ validation_days=10 \+ one test day need 61 sessions with usable rows, "
        r"the data has 60: widen market\.start"
    )
    with pytest.raises(RollsightError, match=message):
        list(walk(40, 100, spec))
    assert len(list(walk(39, 100, spec))) == 1
    with pytest.raises(RollsightError, match="the data has 0"):
        list(walk(100, 40, spec))


def test_a_label_that_settles_on_the_first_validation_session_is_purged() -> None:
    # Horizon 2: decided at t, it settles at t + 3.
    samples = halted_samples(20, 2, 0.0, 0)
    window = Window(0, Span(0, 10), Span(10, 15), Span(15, 17))
    known = known_rows(samples, window.train, window.validation.start)
    assert np.flatnonzero(known[0]).tolist() == [0, 1, 2, 3, 4, 5, 6]
    # Train loses the decisions of 7, 8, 9, validation those of 12, 13, 14: of three stocks.
    assert purged_rows(samples, window) == 18


def test_rows_that_are_not_usable_teach_nothing() -> None:
    samples = halted_samples(20, 2, 0.0, 0)
    usable = samples.usable.copy()
    usable[0, 3] = False
    known = known_rows(replace(samples, usable=usable), Span(0, 10), 10)
    assert not known[0, 3]
    assert known[1, 3]
