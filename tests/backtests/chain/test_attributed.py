"""What the network looked at in three trades, summed by period and outcome, by hand."""

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.chain.attributed import FEW_DATES, MANY_CLASSES, lag_profile, summarise
from tests.support.simulated.attributions import SPAN, Plant, market

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


def windows(*failed: int) -> pd.DataFrame:
    passed = [number not in failed for number in (0, 1)]
    reason = ["" if p else "the seeds disagree" for p in passed]
    return pd.DataFrame({"number": [0, 1], "gate_passed": passed, "gate_reason": reason})


def summary(
    maps: pd.DataFrame | None = None,
    of: pd.DataFrame | None = None,
    *,
    failed: tuple[int, ...] = (),
) -> pd.DataFrame:
    of = trades() if of is None else of
    maps = attribution() if maps is None else maps
    return summarise(maps, of, windows(*failed), trades()["decided_at"], span=4)


def part(period: str, outcome: str) -> pd.DataFrame:
    table = summary()
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
        ("quarter 2023Q4", "all", 6 / 8, (0.0, -1.0), 2),
        ("quarter 2024Q1", "all", 2 / 8, (1.0, 3.0), 1),
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
    table = summary()
    shown = list(dict.fromkeys(zip(table["period"], table["outcome"], strict=True)))
    # Trade 10 of window 0: 2023, profit, success. Trade 11 of window 1: 2023, loss, soso.
    # Trade 12 of window 1: 2024, loss, its label not settled. None is crucial.
    assert shown == [
        *(("all", o) for o in ("all", "profit", "loss", "success", "soso")),
        *(("year 2023", o) for o in ("all", "profit", "loss", "success", "soso")),
        *(("year 2024", o) for o in ("all", "loss")),
        *(("quarter 2023Q4", o) for o in ("all", "profit", "loss", "success", "soso")),
        *(("quarter 2024Q1", o) for o in ("all", "loss")),
        *(("window 000", o) for o in ("all", "profit", "success")),
        *(("window 001", o) for o in ("all", "loss", "soso")),
    ]
    assert table.groupby(["period", "outcome"])["share"].sum().tolist() == pytest.approx([1] * 25)


def test_a_crucial_failure_is_summed_apart() -> None:
    table = summary(of=trades().assign(outcome=["crucial", "soso", "crucial"]))
    found = table[(table["period"] == "all") & (table["outcome"] == "crucial")]
    # Trades 10 and 12: |gradient| 2 + 2 and 2 + 6; contributions (0.5 + 1) / 2 and (-2 + 3) / 2.
    assert found["share"].tolist() == pytest.approx([4 / 12, 8 / 12])
    assert found["contribution"].tolist() == pytest.approx([0.75, 0.5])


def test_a_trade_whose_map_is_all_zero_gives_no_share_and_no_nan() -> None:
    nothing = attribution().assign(gradient=np.float32(0), contribution=np.float32(0))
    table = summary(nothing)
    assert (table["share"] == 0).all()
    assert (table["contribution"] == 0).all()


def test_winners_are_compared_with_losers_within_windows() -> None:
    # By trade close 0.5, -0.5, 1 and KS11 -2, 0, 3; windows 0 | 1 1, whose means are taken off:
    # close 0 | -0.75 0.75 and KS11 0 | -1.5 1.5. Trade 10 won, 11 and 12 lost.
    assert part("all", "profit")["difference"].tolist() == pytest.approx([0, 0])
    late = summary(of=trades().assign(net_return=[-0.01, -0.01, 0.05]))
    found = late[(late["period"] == "all") & (late["outcome"] == "profit")]
    # Trade 12 less the mean of 10 and 11: 0.75 + 0.375 and 1.5 + 0.75.
    assert found["difference"].tolist() == pytest.approx([1.125, 2.25])
    own = late[(late["period"] == "window 001") & (late["outcome"] == "profit")]
    assert own["difference"].tolist() == pytest.approx([1.5, 3.0])
    # Only a comparison stands on a row of profit or success, and three dates are no test.
    assert late.loc[~late["outcome"].isin(["profit", "success"]), "difference"].isna().all()
    assert late[["low", "high", "p_value", "q_value"]].isna().all().all()
    assert set(found["reason"]) == {FEW_DATES}


def test_without_losers_nothing_is_compared_and_the_table_is_whole() -> None:
    table = summary(of=trades().assign(net_return=0.02, outcome="success"))
    assert set(table["outcome"]) == {"all", "profit", "success"}
    assert table[["difference", "low", "high", "p_value", "q_value"]].isna().all().all()
    assert set(table["reason"]) == {""}


def test_a_window_that_failed_is_in_no_sum_and_says_why() -> None:
    table = summary(failed=(1,))
    whole = table[(table["period"] == "all") & (table["outcome"] == "all")]
    assert set(whole["trades"]) == {1}  # trade 10 alone
    assert whole["contribution"].tolist() == pytest.approx([0.5, -2.0])
    assert not table["period"].isin(["year 2024", "quarter 2024Q1"]).any()
    own = table[table["period"] == "window 001"]
    assert len(own) == 6
    assert not own["passed"].any()
    assert set(own["reason"]) == {"the seeds disagree"}
    assert table.loc[table["period"] != "window 001", "passed"].all()


def test_where_every_window_failed_there_is_no_sum() -> None:
    table = summary(failed=(0, 1))
    assert set(table["period"]) == {"window 000", "window 001"}
    assert lag_profile(attribution(), trades(), windows(0, 1)) == {}


def test_a_further_method_has_rows_of_its_own() -> None:
    maps = attribution()
    maps["occlusion"], maps["grad_cam"] = maps["contribution"], maps["gradient"].abs()
    table = summary(maps)
    assert list(table["method"].unique()) == ["gradient", "occlusion", "grad_cam"]
    whole = table[(table["period"] == "all") & (table["outcome"] == "profit")].set_index("method")
    # Of trade 10: contributions 1, -0.5 and -2, 0; gradients 1, -1 and 2, 0.
    assert whole.loc["occlusion", "share"].tolist() == pytest.approx([1.5 / 3.5, 2 / 3.5])
    assert whole.loc["occlusion", "contribution"].tolist() == pytest.approx([0.5, -2.0])
    assert whole.loc["grad_cam", "contribution"].tolist() == pytest.approx([2, 2])
    # A map without a unit has no difference to test.
    assert whole.loc["occlusion", "difference"].notna().all()
    assert whole.loc["grad_cam", "difference"].isna().all()


def test_the_profile_over_lags_is_summed_over_channels_and_passing_windows() -> None:
    profile = lag_profile(attribution(), trades(), windows())
    # |gradient| of lag 0: 1 + 2, 3 + 0, 0 + 4; of lag 1: 1 + 0, 1 + 0, 2 + 2.
    assert profile["all"].tolist() == pytest.approx([10 / 16, 6 / 16])
    assert profile["profit"].tolist() == pytest.approx([3 / 4, 1 / 4])
    assert "crucial" not in profile
    alone = lag_profile(attribution(), trades(), windows(1))
    assert alone["all"].tolist() == pytest.approx([3 / 4, 1 / 4])


def test_no_trades_give_an_empty_summary_of_the_same_columns_and_types() -> None:
    some, none = summary(), summary(attribution()[:0], trades()[:0])
    assert len(none) == 0
    assert none.dtypes.to_dict() == some.dtypes.to_dict()
    assert lag_profile(attribution()[:0], trades()[:0], windows()) == {}


def test_maps_of_the_predicted_class_are_summed_and_never_tested() -> None:
    # 400 sessions are enough for a test of maps that explain one class.
    tables = market(3, sessions=400, channels=3, plant=Plant(effect=2.0))
    one = summarise(*tables, span=SPAN)
    own = summarise(*tables, span=SPAN, target="predicted")
    compared = one["outcome"].isin(["profit", "success"]) & one["passed"].astype(bool)
    assert one.loc[compared, "p_value"].notna().any()
    assert own[["difference", "low", "high", "p_value", "q_value"]].isna().all(axis=None)
    assert set(own.loc[compared, "reason"]) == {MANY_CLASSES}
    assert set(own.loc[~compared, "reason"]) == {""}
    sums = ["method", "period", "outcome", "channel", "share", "contribution", "trades", "passed"]
    pd.testing.assert_frame_equal(own[sums], one[sums])
