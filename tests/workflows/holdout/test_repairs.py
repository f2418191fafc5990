"""A split behind the holdout's start repairs no volume of before: the same networks go on."""

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.changes import opened
from rollsight.backtests.spec import RunSpec
from rollsight.training.fitting.keys import fit_key
from tests.support.edits.holdouts import DAYS, START, held_out, whole_market
from tests.support.markets import write_table

HALT, RESUMED = slice(START + 1, START + 4), START + 4  # 31 sessions before the data end


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    """Ten old shares become two hundred: the first stock has had a third of the traded value."""
    folder = whole_market(tmp_path_factory.mktemp("data") / "market")
    prices = pd.read_parquet(folder / "prices.parquet")
    own = prices["Code"] == "000010"
    halted = own & prices["Date"].isin(DAYS[HALT])
    prices.loc[own & (prices["Date"] >= DAYS[RESUMED]), "Volume"] *= 20
    prices.loc[halted, ["Open", "High", "Low", "Volume"]] = 0
    flat = prices.index[halted | (own & (prices["Date"] == DAYS[RESUMED]))]
    prices.loc[flat, ["Close", "Open", "High", "Low"]] = prices.loc[flat[0] - 1, "Close"]
    prices.loc[flat[:-1], ["Open", "High", "Low"]] = 0
    write_table(prices, folder / "prices.parquet")
    return held_out(folder, universe={"top": 2, "value_days": 20, "splits": "repair"})


def keys(ready: Prepared, spec: RunSpec) -> list[str]:
    return [
        fit_key(
            ready.samples, window, model=spec.model, training=spec.training,
            clip=spec.features.clip, seed=0,
        )
        for window in ready.windows
    ]  # fmt: skip


def test_what_was_decided_before_the_seal_is_decided_likewise_behind_it(spec: RunSpec) -> None:
    sealed, revealed = prepare(spec), prepare(opened(spec))
    assert (sealed.universe.repaired, revealed.universe.repaired) == ({}, {"000010": RESUMED})
    before = np.s_[:, :START]
    assert np.array_equal(sealed.universe.member, revealed.universe.member[before])
    assert sealed.universe.value is not None
    assert revealed.universe.value is not None
    assert np.array_equal(sealed.universe.value, revealed.universe.value[before], equal_nan=True)
    assert keys(sealed, spec) == keys(revealed, spec)[:3]
    # Its volume of the first session behind the seal is repaired: nobody had seen that.
    plain = revealed.market.volume
    assert plain is not None
    shown = revealed.universe.value[0, START] / revealed.market.close[0, START]
    assert 10 < shown / plain[0, START] < 40


def test_with_the_split_known_all_along_the_members_would_have_been_others(spec: RunSpec) -> None:
    """The market is one in which a repair that reaches back trains other networks."""
    without = spec.model_copy(update={"holdout": type(spec.holdout)()})
    whole, sealed = prepare(without), prepare(spec)
    assert not np.array_equal(sealed.universe.member, whole.universe.member[:, :START])
    assert keys(whole, without)[:3] != keys(sealed, spec)
