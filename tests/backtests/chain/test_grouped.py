"""Channels summed by group: two of momentum beside the market's own, by hand."""

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.chain.attributed import summarise
from tests.support.simulated.attributions import SPAN, Plant, market

GROUPS = {"week": "momentum", "KS11": "indices", "year": "momentum"}
# By trade: gradient, then contribution, of week, KS11 and year.
GRADIENT = {0: (1.0, 4.0, -3.0), 1: (2.0, 1.0, 1.0)}
CONTRIBUTION = {0: (0.5, -1.0, 0.25), 1: (-2.0, 1.0, 1.0)}


def summary(groups: dict[str, str]) -> pd.DataFrame:
    """Return the summary of two trades of one window, the first a gain, the second a loss."""
    maps = pd.DataFrame(
        {
            "trade": np.repeat([0, 1], 3),
            "channel": pd.Categorical([*GROUPS] * 2, categories=[*GROUPS]),
            "lag": np.int16(0),
            "gradient": np.array([*GRADIENT[0], *GRADIENT[1]], dtype=np.float32),
            "contribution": np.array([*CONTRIBUTION[0], *CONTRIBUTION[1]], dtype=np.float32),
        }
    )
    decided = pd.Series(pd.to_datetime(["2024-01-02", "2024-01-03"]))
    trades = pd.DataFrame(
        {"trade": [0, 1], "window": 0, "decided_at": decided, "net_return": [0.02, -0.01],
         "outcome": ["success", "crucial"]}
    )  # fmt: skip
    windows = pd.DataFrame({"number": [0], "gate_passed": True, "gate_reason": ""})
    return summarise(maps, trades, windows, decided, span=4, groups=groups)


@pytest.mark.parametrize(
    ("outcome", "share", "contribution"),
    [
        # |gradient| of momentum 1 + 3 and 2 + 1, of the index 4 and 1: 7 of 12.
        ("all", 7 / 12, (-0.125, 0.0)),  # (0.75 - 1) / 2 and (-1 + 1) / 2
        ("profit", 4 / 8, (0.75, -1.0)),
        ("loss", 3 / 4, (-1.0, 1.0)),
    ],
)
def test_a_group_has_the_sums_of_its_channels(
    outcome: str, share: float, contribution: tuple[float, float]
) -> None:
    table = summary(GROUPS)
    own = table[(table["method"] == "gradient by group") & (table["period"] == "all")]
    found = own[own["outcome"] == outcome]
    assert found["channel"].tolist() == ["momentum", "indices"]
    assert found["share"].tolist() == pytest.approx([share, 1 - share])
    assert found["contribution"].tolist() == pytest.approx(contribution)
    # Winners less losers: 0.75 + 1 and -1 - 1.
    differences = own.loc[own["outcome"] == "profit", "difference"]
    assert differences.tolist() == pytest.approx([1.75, -2.0])


def test_without_groups_the_table_is_that_of_channels_alone() -> None:
    grouped, plain = summary(GROUPS), summary({})
    assert set(plain["method"]) == {"gradient"}
    of_channels = grouped[grouped["method"] == "gradient"].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_channels, plain)


def test_a_group_is_found_whose_channels_are_each_told_from_luck_with_less_ease() -> None:
    """The last of 3 channels moves returns; noise beside it in its group takes nothing away."""
    tables = market(3, sessions=400, channels=3, plant=Plant(effect=2.0))
    groups = {"close": "close", "index1": "indices", "index2": "indices"}
    table = summarise(*tables, span=SPAN, groups=groups)
    whole = table[(table["period"] == "all") & (table["outcome"] == "profit")]
    q = whole[whole["method"] == "gradient by group"].set_index("channel")["q_value"]
    assert q["indices"] < 0.05
    assert q["close"] > 0.05
    p = whole[whole["method"] == "gradient"].set_index("channel")["p_value"]
    assert q["indices"] != p["index2"]
