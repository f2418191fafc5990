"""Blocks of train dates: no label that is left out overlaps one that is learnt from."""

import numpy as np
import pytest

from rollsight.signals.inputs.labels import Labels
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.blocks import date_blocks, thinned

DAYS = 20


def labels(span: int, stocks: int = 2) -> Labels:
    """Labels that settle ``span`` sessions after each decision."""
    settled = np.tile(np.arange(DAYS) + span, (stocks, 1))
    return Labels(np.ones((stocks, DAYS), dtype=np.int8), np.zeros((stocks, DAYS)), settled)


def rows(days: range, stocks: int = 2) -> Rows:
    return Rows(np.tile(np.arange(stocks), len(days)), np.repeat(np.array(days), stocks))


def test_rows_whose_labels_reach_into_a_block_or_out_of_it_are_purged() -> None:
    every = rows(range(DAYS))
    found = list(date_blocks(every, labels(3)))
    assert len(found) == 5
    learn, left = found[1]  # sessions 4 to 7, whose labels settle in 7 to 10
    assert np.unique(every.day[left]).tolist() == [4, 5, 6, 7]
    assert np.unique(every.day[learn]).tolist() == [0, *range(11, 20)]


def test_one_label_that_settles_late_purges_the_dates_behind_it() -> None:
    late = labels(3)
    late.settled_at[1, 7] = 15
    every = rows(range(DAYS))
    learn, _ = list(date_blocks(every, late))[1]
    assert np.unique(every.day[learn]).tolist() == [0, *range(16, 20)]


def test_every_date_is_left_out_once() -> None:
    some = rows(range(3, 17))
    left = np.array([left for _, left in date_blocks(some, labels(1))])
    assert left.sum(axis=0).tolist() == [1] * len(some)


def test_a_block_beside_which_nothing_is_left_is_none() -> None:
    every = rows(range(DAYS))  # labels of 15: only the first and the last four sessions are free
    found = [(np.unique(every.day[a]).tolist(), np.unique(every.day[b])[0]) for a, b in
             date_blocks(every, labels(15))]  # fmt: skip
    assert found == [([19], 0), ([0], 16)]
    assert list(date_blocks(rows(range(2)), labels(9))) == []


@pytest.mark.parametrize(("span", "kept"), [(11, [0, 5, 10, 15]), (1, list(range(20)))])
def test_dates_are_half_a_label_apart(span: int, kept: list[int]) -> None:
    found = thinned(rows(range(DAYS)), labels(span), 1000)
    assert found.day.tolist() == [d for d in kept for _ in range(2)]
    assert found.stock.tolist() == [0, 1] * len(kept)


def test_dates_that_are_further_apart_already_are_all_kept() -> None:
    some = rows(range(0, DAYS, 4))
    assert thinned(some, labels(11), 1000).day.tolist() == some.day.tolist()  # half of 11 is 5


def test_of_too_many_rows_each_date_keeps_other_stocks() -> None:
    found = thinned(rows(range(DAYS)), labels(8), 5)  # ten rows of five dates: every second
    assert found.day.tolist() == [0, 4, 8, 12, 16]
    assert found.stock.tolist() == [0, 1, 0, 1, 0]
