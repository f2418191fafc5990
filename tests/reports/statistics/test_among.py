"""Rows of a mask, taken or viewed."""

import numpy as np
import pandas as pd
import pytest

from rollsight.reports.statistics.among import rows_among

TABLE = pd.DataFrame({"window": [0, 0, 1, 1, 2], "p_up": [0.1, 0.2, 0.3, 0.4, 0.5]})


@pytest.mark.parametrize(
    ("among", "kept"),
    [
        ([False, True, True, True, False], [1, 2, 3]),
        ([True, False, False, True, True], [0, 3, 4]),
        ([False] * 5, []),
    ],
)
def test_the_set_rows_are_returned_wherever_they_stand(among: list[bool], kept: list[int]) -> None:
    found = rows_among(TABLE, np.array(among))
    assert found.index.tolist() == kept
    assert found["p_up"].tolist() == [TABLE["p_up"][row] for row in kept]
    assert list(found) == list(TABLE)


def test_rows_side_by_side_are_no_copy() -> None:
    found = rows_among(TABLE, np.array([False, False, True, True, False]))
    assert np.shares_memory(found["p_up"].to_numpy(), TABLE["p_up"].to_numpy())
