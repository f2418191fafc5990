"""What the network looked at in three trades, summed by period and outcome, by hand."""

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.explain import summarise

# By trade: (lag 0, lag 1) of the close's gradient and of KS11's.
GRADIENT = {
    10: ((1.0, -1.0), (2.0, 0.0)),
    11: ((-3.0, 1.0), (0.0, 0.0)),
    12: ((0.0, 2.0), (-4.0, -2.0)),
}
# The same of the contributions; summed over lags: 0.5 and -2, -0.5 and 0, 1 and 3.
CONTRIBUTION = {
    10: ((1.0, -0.5), (-2.0, 0.0)),
    11: ((-1.0, 0.5), (0.0, 0.0)),
    12: ((0.0, 1.0), (1.0, 2.0)),
}
CHANNELS = ["close", "KS11"]


def attribution() -> pd.DataFrame:
    rows = [
        (trade, channel, lag, GRADIENT[trade][c][lag], CONTRIBUTION[trade][c][lag])
        for trade in GRADIENT
        for c, channel in enumerate(CHANNELS)
        for lag in (0, 1)
    ]
    table = pd.DataFrame(rows, columns=["trade", "channel", "lag", "gradient", "contribution"])
    kinds = {"lag": "int16", "gradient": "float32", "contribution": "float32"}
    return table.astype({**kinds, "channel": pd.CategoricalDtype(CHANNELS)})


def trades() -> pd.DataFrame:
    decided = ["2023-12-27", "2023-12-28", "2024-01-02"]
    return pd.DataFrame(
        {
            "trade": [10, 11, 12],
            "window": [0, 1, 1],
            "decided_at": np.array(decided, dtype="datetime64[ms]"),
            "net_return": [0.03, -0.01, 0.0],  # nothing gained is no profit
            "outcome": ["success", "soso", None],
        }
    )


def part(period: str, outcome: str) -> pd.DataFrame:
    table = summarise(attribution(), trades())
    return table[(table["period"] == period) & (table["outcome"] == outcome)].set_index("channel")


@pytest.mark.parametrize(
    ("period", "outcome", "share", "contribution", "count"),
    [
        # |gradient| of close 2 + 4 + 2, of KS11 2 + 0 + 6: 8 of 16.
        # Contributions 0.5 - 0.5 + 1 and -2 + 0 + 3, a third of each.
        ("all", "all", 8 / 16, (1 / 3, 1 / 3), 3),
        ("all", "profit", 2 / 4, (0.5, -2.0), 1),  # trade 10
        ("all", "loss", 6 / 12, (0.25, 1.5), 2),  # trades 11 and 12
        ("all", "success", 2 / 4, (0.5, -2.0), 1),
        ("all", "soso", 4 / 4, (-0.5, 0.0), 1),  # trade 11 alone
        ("year 2023", "all", 6 / 8, (0.0, -1.0), 2),  # trades 10 and 11
        ("year 2023", "loss", 4 / 4, (-0.5, 0.0), 1),
        ("year 2024", "all", 2 / 8, (1.0, 3.0), 1),  # trade 12
        ("window 000", "all", 2 / 4, (0.5, -2.0), 1),
        ("window 001", "all", 6 / 12, (0.25, 1.5), 2),
        ("window 001", "loss", 6 / 12, (0.25, 1.5), 2),
    ],
)
def test_shares_and_contributions_are_those_worked_out_by_hand(
    period: str, outcome: str, share: float, contribution: tuple[float, float], count: int
) -> None:
    found = part(period, outcome)
    assert found["share"].tolist() == pytest.approx([share, 1 - share])
    assert found["contribution"].tolist() == pytest.approx(contribution)
    assert found["trades"].tolist() == [count, count]


def test_only_periods_and_outcomes_that_have_trades_are_shown() -> None:
    table = summarise(attribution(), trades())
    shown = list(dict.fromkeys(zip(table["period"], table["outcome"], strict=True)))
    # Trade 10 of window 0: 2023, profit, success. Trade 11 of window 1: 2023, loss, soso.
    # Trade 12 of window 1: 2024, loss, its label not settled. None is crucial.
    assert shown == [
        *(("all", o) for o in ("all", "profit", "loss", "success", "soso")),
        *(("year 2023", o) for o in ("all", "profit", "loss", "success", "soso")),
        *(("year 2024", o) for o in ("all", "loss")),
        *(("window 000", o) for o in ("all", "profit", "success")),
        *(("window 001", o) for o in ("all", "loss", "soso")),
    ]
    assert table.groupby(["period", "outcome"])["share"].sum().tolist() == pytest.approx([1] * 18)


def test_a_crucial_failure_is_summed_apart() -> None:
    table = summarise(attribution(), trades().assign(outcome=["crucial", "soso", "crucial"]))
    found = table[(table["period"] == "all") & (table["outcome"] == "crucial")]
    # Trades 10 and 12: |gradient| 2 + 2 and 2 + 6; contributions (0.5 + 1) / 2 and (-2 + 3) / 2.
    assert found["share"].tolist() == pytest.approx([4 / 12, 8 / 12])
    assert found["contribution"].tolist() == pytest.approx([0.75, 0.5])


def test_a_trade_whose_map_is_all_zero_gives_no_share_and_no_nan() -> None:
    nothing = attribution().assign(gradient=np.float32(0), contribution=np.float32(0))
    table = summarise(nothing, trades())
    assert (table["share"] == 0).all()
    assert (table["contribution"] == 0).all()


def test_no_difference_is_claimed_that_was_not_tested() -> None:
    table = summarise(attribution(), trades())
    assert table[["difference", "low", "high", "p_value", "q_value", "passed"]].isna().all().all()
    assert set(table["reason"]) == {"not tested"}


def test_no_trades_give_an_empty_summary_of_the_same_columns_and_types() -> None:
    some = summarise(attribution(), trades())
    none = summarise(attribution()[:0], trades()[:0])
    assert len(none) == 0
    assert none.dtypes.to_dict() == some.dtypes.to_dict()
