"""The audit of a run whose inputs and labels depend on who else was there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.audit.causality import (
    Subject,
    future_edit,
    retrained,
    truncated,
    warmed_up,
)
from rollsight.backtests.chain.prepared import prepare_samples
from rollsight.backtests.changes import changed
from rollsight.backtests.holdout.market import aligned
from rollsight.backtests.spec import read_spec
from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.prices.edits import as_used, ended
from tests.support.audits import TINY, own_index_market, subject_of

RELATIVE = (
    "features.stock=['change', 'ret5', 'clv1']", "features.normalise=cross-section",
    "features.lookback=1", "label.band=date-volatility", "model.name=logistic",
    "universe.top=33", "universe.value_days=5",
)  # fmt: skip
BEGIN, BACK, LISTED = 30, 90, 235  # sessions: of a shorter history, of a return, of a listing


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Return a run with a stock that has no rows for a while, and one that is listed late."""
    folder = own_index_market(tmp_path_factory.mktemp("market"), n_stocks=34, n_days=240)
    prices = pd.read_parquet(folder / "prices.parquet")
    days, codes = np.sort(prices["Date"].unique()), np.sort(prices["Code"].unique())
    gone = (prices["Code"] == codes[3]) & prices["Date"].between(days[BEGIN - 5], days[BACK - 1])
    late = (prices["Code"] == codes[5]) & (prices["Date"] < days[LISTED])
    # At once it is the largest of all, and would take the place of another.
    prices.loc[prices["Code"] == codes[5], "Volume"] *= 1000
    prices[~gone & ~late].to_parquet(folder / "prices.parquet")
    plain = [change for change in TINY if not change.startswith("model.")]
    return subject_of(read_spec("krx", [*plain, *RELATIVE], str(folder)))


def with_samples(subject: Subject, change: Callable[[SampleSet], SampleSet]) -> Subject:
    return replace(subject, ready=replace(subject.ready, samples=change(subject.ready.samples)))


def test_an_honest_run_of_ranks_and_of_classes_within_a_date_has_no_fault(
    subject: Subject,
) -> None:
    assert [fault for seed in range(4) for fault in future_edit(subject, seed)] == []
    assert [retrained(subject, 0, 0, another=a) for a in (True, False)] == [[], []]
    # Data that end with a stock's first row leave it out: it was in no rank before its second.
    for day in (subject.folds[0].window.test.start, LISTED, LISTED + 1):
        assert truncated(subject, day) == []
    assert warmed_up(subject, BEGIN) == []


def test_bands_of_a_later_date_are_named(subject: Subject) -> None:
    def tampered(samples: SampleSet) -> SampleSet:
        labels = samples.labels
        assert labels.bands is not None
        down, up = (np.roll(band, -1, axis=1) for band in (labels.bands.down, labels.bands.up))
        label = np.where(labels.label_return >= up, Label.UP, Label.HOLD)
        label[labels.label_return < down] = Label.DOWN
        label[labels.label < 0] = -1
        return replace(samples, labels=replace(labels, label=label.astype(np.int8)))

    faults = truncated(with_samples(subject, tampered), subject.folds[0].window.test.start)
    assert faults
    assert {fault.what for fault in faults} == {"a label that was known changes"}


def test_a_label_that_is_known_before_its_date_is_due_is_named(subject: Subject) -> None:
    def tampered(samples: SampleSet) -> SampleSet:
        early = samples.labels.settled_at - (samples.labels.settled_at > 0)
        return replace(samples, labels=replace(samples.labels, settled_at=early))

    day = subject.folds[0].window.test.start
    faults = truncated(with_samples(subject, tampered), day)
    assert {fault.what for fault in faults} == {"a label that was known changes"}
    # It leaves at the fourth open after its decision, the session after the last one seen.
    assert {fault.session for fault in faults} == {str(subject.ready.market.sessions[day - 3])}


def test_a_stock_of_too_few_rows_takes_no_place_among_the_largest(subject: Subject) -> None:
    """In its own units too: data that end in a stock's first days leave it out."""
    other = {
        "features.normalise": "window", "label.band": "fixed", "features.lookback": 3,
        "market.short_stocks": "drop",
    }  # fmt: skip
    spec = changed(subject.spec, other)
    whole = prepare_samples(spec, aligned(subject.folder, spec))
    late = whole.market.codes[5]
    for day in range(LISTED, LISTED + 4):
        market = aligned(ended(subject.folder, whole.market, day), spec)
        cut = prepare_samples(spec, market).universe
        assert (late in market.codes) == (day == LISTED + 3)
        there = [whole.market.codes.index(code) for code in market.codes]
        assert np.array_equal(cut.member, whole.universe.member[there, : day + 1])
    assert whole.universe.member[5, LISTED + 3]


def test_volumes_that_were_repaired_for_the_ranking_are_no_other_input_of_an_edited_folder(
    tmp_path: Path,
) -> None:
    folder = own_index_market(tmp_path / "market", n_stocks=5)
    prices = pd.read_parquet(folder / "prices.parquet")
    day, own = prices["Date"].rank(method="dense") - 1, prices["Code"] == "000020"
    prices.loc[own & day.between(97, 99), ["Open", "High", "Low", "Volume"]] = 0
    prices.loc[own & (day >= 100), "Volume"] *= 20  # split, and only prices are adjusted
    prices.to_parquet(folder / "prices.parquet", index=False)
    changes = ("features.stock=['change','logval60']", "universe.top=3", "universe.splits=repair")
    ran = subject_of(read_spec("krx", [*TINY, *changes], str(folder)))
    assert ran.ready.universe.repaired == {"000020": 100}
    used = replace(ran, folder=as_used(ran.folder, ran.ready.market, ran.ready.universe))
    assert [fault for seed in range(3) for fault in future_edit(used, seed)] == []
    assert truncated(used, ran.folds[1].window.test.start) == []
