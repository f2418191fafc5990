import numpy as np
import pandas as pd
import pytest

from rollsight.reports.statistics.baserates import with_base_rates


def one_date(labels: "list[int | None]", volatility: "list[float]") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "decided_at": pd.Timestamp("2024-01-02"),
            "label": pd.array(labels, dtype="Int8"),
            "volatility": volatility,
        }
    )


@pytest.mark.parametrize(
    ("stocks", "sizes"),
    [
        (1, [1]), (9, [9]), (10, [5, 5]), (20, [5, 5, 5, 5]), (23, [6, 6, 6, 5]),
        (50, [5] * 10), (100, [10] * 10), (205, [21, 20, 21, 20, 21, 20, 21, 20, 21, 20]),
    ],
)  # fmt: skip
def test_a_date_has_deciles_where_each_holds_five_stocks_and_fewer_groups_elsewhere(
    stocks: int, sizes: list[int]
) -> None:
    table = with_base_rates(one_date([2] * stocks, list(np.arange(stocks, dtype=float))))
    assert table["alike"].is_monotonic_increasing  # calmest first
    assert table["alike"].value_counts().sort_index().tolist() == sizes


def test_the_others_of_the_group_are_the_base_and_oneself_is_not() -> None:
    labels: list[int | None] = [2, 2, 0, 1, 0, 0, 0, 0, 0, 2, None]
    table = with_base_rates(one_date(labels, [*map(float, range(10)), 4.5]))
    # Ten labelled stocks, two groups; of the first one's own group 1 of 4 others is UP, of all
    # others 2 of 9.
    assert table["up_of_alike"].iloc[0] == pytest.approx(1 / 4)
    assert table["up_of_date"].iloc[0] == pytest.approx(2 / 9)
    assert table["down_of_alike"].iloc[9] == pytest.approx(4 / 4)
    assert table["alike"].iloc[10] == -1
    assert np.isnan(table["up_of_date"].iloc[10])


def test_a_stock_alone_on_its_date_has_no_base() -> None:
    assert np.isnan(with_base_rates(one_date([2], [0.1]))["up_of_date"]).all()
