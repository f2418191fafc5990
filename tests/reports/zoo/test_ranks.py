"""Models are ranked over windows, ties as ties."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import friedmanchisquare

from rollsight.reports.zoo.ranks import ranks_of


def drawn(windows: int = 30, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    wild = rng.normal(1.05, 0.2, (windows, 1))  # what a window has for all models alike
    each = wild + np.array([0.0, 0.0, 0.01, 0.1]) + rng.normal(0, 0.02, (windows, 4))
    return pd.DataFrame(each, columns=["a", "b", "c", "d"])


def test_all_models_alike_has_the_p_value_of_friedmans_test_with_ties_and_without() -> None:
    losses = drawn()
    tied = losses.round(1)
    for each in (losses, tied):
        found = ranks_of(each)
        assert found is not None
        own = [each[name].round(6) for name in each]
        assert found.p_value == pytest.approx(friedmanchisquare(*own).pvalue, rel=1e-9)


def test_the_critical_difference_is_that_of_the_papers_table() -> None:
    found = ranks_of(drawn(14))
    assert found is not None
    # Demsar's table 5: q is 2.569 for four models at 5 %, and his example has 14 data sets.
    assert found.difference == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 14)), abs=0.001)


def test_models_that_say_the_same_are_tied_and_the_worst_stands_apart() -> None:
    losses = drawn()
    losses["b"] = losses["a"] + 1e-9
    found = ranks_of(losses)
    assert found is not None
    assert found.ranks[found.names.index("a")] == found.ranks[found.names.index("b")]
    assert found.names[-1] == "d"
    assert all(last < 3 for _, last in found.tied)
    assert found.tied[0][0] == 0


def test_four_windows_rank_nothing() -> None:
    assert ranks_of(drawn(4)) is None
    assert ranks_of(drawn()[["a", "b"]]) is None
