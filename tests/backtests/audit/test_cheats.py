"""A user's features that look ahead: each is named, and no honest one beside them."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from rollsight.backtests.audit.causality import (
    Subject,
    future_edit,
    future_edits,
    truncated,
    warmed_up,
)
from rollsight.backtests.audit.differences import Fault
from rollsight.backtests.spec import RunSpec
from tests.support.audits import own_index_market, spec_of, subject_of

NEXT = ("next_close", "next_volume", "next_range", "next_opening", "next_dividend")
CHEATS = (*NEXT, "centred_rank")
WHOLE = "whole_mean"
HONEST = ("day_range", "crowd", "excess")
TOYS = "tests.support.toys"


def given(spec: RunSpec, stock: tuple[str, ...], index: tuple[str, ...]) -> RunSpec:
    features = spec.features.model_copy(
        update={"stock": ("change", *stock), "index": ("change", *index)}
    )
    return spec.model_copy(update={"features": features})


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = own_index_market(tmp_path_factory.mktemp("market"))
    prices = pd.read_parquet(folder / "prices.parquet")
    # Volumes that differ: of equal ones a scale would leave ranks and ratios alone.
    prices["Volume"] += prices.index.to_numpy() % 7 * 100
    prices["Dividend"] = (prices["Close"] * (1 + prices.index.to_numpy() % 5) / 1_000).round(2)
    prices.to_parquet(folder / "prices.parquet", index=False)
    return folder


@pytest.fixture(scope="module")
def cheating(market: Path) -> Subject:
    own = (*(f"{TOYS}.features:{name}" for name in HONEST),
           *(f"{TOYS}.cheats:{name}" for name in (*CHEATS, WHOLE)))  # fmt: skip
    shared = (f"{TOYS}.features:level", f"{TOYS}.cheats:next_level")
    return subject_of(given(spec_of(market), own, shared))


def named(faults: list[Fault]) -> list[str]:
    return [fault.series for fault in faults]


def test_another_future_names_each_feature_that_reads_it_once_and_no_honest_one(
    cheating: Subject,
) -> None:
    ahead = [f"{symbol} next_level" for symbol in ("GSPC", "NG", "KS11")]
    for faults in (future_edit(cheating, 0), future_edits(cheating, 0, 1)):
        assert named(faults) == [*ahead, *CHEATS, WHOLE]
        for fault in faults:
            assert "with what is known later" in fault.what


def test_parts_that_begin_with_their_window_show_it_in_each(cheating: Subject) -> None:
    assert len(cheating.folds) > 2
    for fold in cheating.folds:
        found = future_edits(replace(cheating, folds=(fold,)), 1, 1)
        assert {*CHEATS, WHOLE} <= {*named(found)}


def test_what_needs_one_session_more_shows_on_the_last_before_the_end(cheating: Subject) -> None:
    day = cheating.folds[1].window.test.start + 20
    sessions = cheating.ready.market.sessions
    shown = {fault.series: fault.session for fault in truncated(cheating, day)}
    assert set(CHEATS) < set(shown)
    for name in NEXT:
        assert shown[name] == str(sessions[day])
    # Of its five sessions two are later ones.
    assert shown["centred_rank"] == str(sessions[day - 1])


def test_a_mean_of_the_whole_history_is_found_by_a_later_beginning_too(cheating: Subject) -> None:
    (fault,) = warmed_up(cheating, 30)
    assert fault.series == WHOLE
    assert fault.what == (
        "its value of 000000 and of 3 other stocks changes with what comes before its warm-up"
    )
