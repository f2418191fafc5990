"""The values of a key, in order, and in ranges where they are many."""

import numpy as np

from rollsight.reports.sweep.numbers.levels import distinct, levels


def test_more_than_a_dozen_numbers_are_looked_at_in_five_even_ranges() -> None:
    found = levels([float(n) for n in range(20)])
    assert found.names == ((0, 3), (4, 7), (8, 11), (12, 15), (16, 19))
    assert np.bincount(found.of).tolist() == [4] * 5


def test_values_that_json_calls_alike_are_told_apart() -> None:
    assert distinct([True, 1, "1", None, 1.0, [1, 2], [1, 2]]) == (
        [None, 1, True, "1", [1, 2]],
        [2, 1, 3, 0, 1, 4, 4],
    )
