"""Features as ranks within their date."""

import numpy as np

from rollsight.signals.inputs.ranks import Cells


def ranked(values: list[list[float]], member: list[list[bool]] | None = None) -> list[list[float]]:
    given = np.array(values, dtype=np.float32)
    known = ~np.isnan(given)
    out = np.zeros_like(given)
    cells = Cells.of(known | True if member is None else np.array(member))
    out.ravel()[cells.at] = cells.ranks(np.nan_to_num(given), known)
    found: list[list[float]] = out.astype(np.float64).round(4).tolist()
    return found


def test_values_of_a_date_become_centred_ranks() -> None:
    # Four stocks, two sessions: (rank - 0.5) / 4 - 0.5.
    found = ranked([[3, 1], [1, 1], [9, 1], [2, 1]])
    assert [row[0] for row in found] == [0.125, -0.375, 0.375, -0.125]
    # All equal: each has the mean rank, the middle.
    assert [row[1] for row in found] == [0, 0, 0, 0]


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    # Ranks 1, 2.5, 2.5, 4.
    assert ranked([[1], [5], [5], [7]]) == [[-0.375], [0], [0], [0.375]]


def test_a_missing_value_stands_in_the_middle_and_counts_for_no_other() -> None:
    nan = float("nan")
    assert ranked([[4], [nan], [8]]) == [[-0.25], [0], [0.25]]


def test_who_is_no_member_of_the_session_has_no_part_in_its_ranks() -> None:
    found = ranked([[1, 1], [2, 2], [3, 3]], [[True, True], [True, False], [True, True]])
    assert found == [[-0.3333, -0.25], [0, 0], [0.3333, 0.25]]
