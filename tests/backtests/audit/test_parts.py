"""A large market's futures are tried on parts of it, and what a part can show is found there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.audit.causality import Subject, future_edits
from rollsight.backtests.audit.parts import LARGE, is_large, part_of
from rollsight.signals.prices.market import align
from rollsight.workflows.audit import audit
from tests.support.audits import own_index_market, spec_of, subject_of


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market of six stocks, the first of which is listed late."""
    folder = own_index_market(tmp_path_factory.mktemp("market"), n_stocks=6)
    prices = pd.read_parquet(folder / "prices.parquet")
    days = np.sort(prices["Date"].unique())
    late = (prices["Code"] == "000000") & (prices["Date"] < days[210])
    prices[~late].to_parquet(folder / "prices.parquet", index=False)
    return folder


@pytest.fixture(scope="module")
def subject(market: Path) -> Subject:
    return subject_of(spec_of(market))


def test_a_part_has_the_markets_sessions_to_a_while_after_its_window(subject: Subject) -> None:
    assert not is_large(subject.ready)
    window = subject.folds[0].window
    for seed in range(4):
        folder = part_of(
            subject.folder, subject.ready, window, np.random.default_rng(seed), stocks=2
        )
        part = align(folder, subject.spec.market)
        # Sixty sessions after the test span, of which the market has more.
        assert list(part.sessions) == list(subject.ready.market.sessions[: window.test.stop + 60])
        assert len(part.codes) == 2
        assert "000000" not in part.codes  # which the window cannot decide on yet
    last = subject.folds[-1].window
    for seed in range(6):
        folder = part_of(subject.folder, subject.ready, last, np.random.default_rng(seed), stocks=1)
        part = align(folder, subject.spec.market)
        # Where the late stock is the one, another has the first session.
        assert len(part.codes) == 1 + ("000000" in part.codes)
        assert list(part.sessions) == list(subject.ready.market.sessions)


def test_a_part_may_begin_later(subject: Subject) -> None:
    window, sessions = subject.folds[0].window, subject.ready.market.sessions
    rng = np.random.default_rng(0)
    folder = part_of(subject.folder, subject.ready, window, rng, first=30, stocks=2)
    part = align(folder, subject.spec.market)
    assert list(part.sessions) == list(sessions[30 : window.test.stop + 60])


def test_no_honest_run_has_a_fault_in_a_part_of_any_window(subject: Subject) -> None:
    for fold in subject.folds:
        assert future_edits(replace(subject, folds=(fold,)), 2, 2) == []


def test_a_models_own_input_is_compared_with_the_part_and_not_the_whole(subject: Subject) -> None:
    """A window of the whole has another key than of a part, which is no fault."""
    folds = tuple(replace(f, model=replace(f.model, keys=("0" * 64,))) for f in subject.folds)
    assert future_edits(replace(subject, folds=folds), 0, 2) == []


@pytest.mark.slow
def test_the_audit_of_a_large_market_says_what_it_tried_where(tmp_path: Path) -> None:
    folder = own_index_market(tmp_path / "large", n_stocks=LARGE + 1)
    first, *_ = audit(spec_of(folder), trials=6)
    assert (first.name, first.trials, first.faults) == ("another future", 6, ())
    assert first.said.endswith("of the whole market 4 times, else of 80 stocks of a window")
