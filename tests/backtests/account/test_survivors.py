"""What the survivors alone would have shown, beside all who were there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.backtests.account.survivors import universe_facts
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.spec import read_spec
from rollsight.base.records import plain, record
from rollsight.reports.page.language import speak
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.verdict import verdict
from rollsight.signals.inputs.universe import universe
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import UniverseSpec
from rollsight.training.spec import Measure
from tests.support.panels import ALL_IN, costs_of, flat, panel, signals_of
from tests.support.planted import planted_market

N_DAYS, HORIZON = 12, 2


def market_with(delisted: int | None) -> Market:
    """Return three stocks that a buy of the first day takes at 100 and sells at 103, 100 and 90."""
    opens = flat(3, N_DAYS)
    opens[0, 3:] = 103.0
    opens[2, 3:] = 90.0
    market = panel(opens)
    gone = market.delisted_on.copy()
    if delisted is not None:
        gone[delisted] = market.sessions[9]
    return replace(market, delisted_on=gone)


def facts_of(market: Market, buys: list[tuple[int, int, float]], spec: UniverseSpec | None = None,
             idle: tuple[tuple[int, int], ...] = (), measure: Measure = "p_up",
             ) -> dict[str, Any]:  # fmt: skip
    """Return the facts of a run with these buys, and rows (stock, day) that are no buy."""
    rows = [*buys, *((stock, day, 0.1) for stock, day in idle)]
    signals = signals_of(market, rows, horizon=HORIZON)
    signals["threshold"] = 0.5 if measure == "p_up" else 0.0
    signals["buy"] = signals["score"] >= signals["threshold"]

    def again(kept: pd.DataFrame) -> Traded:
        return trade(market, kept, first=0, horizon=HORIZON, spec=ALL_IN, costs=costs_of(market))

    members = universe(market, spec or UniverseSpec())
    return universe_facts(market, members, signals, 0, measure, again)


BUYS = [(0, 0, 0.9), (1, 0, 0.8), (2, 0, 0.95)]


def test_survivors_are_traded_again_without_those_that_were_delisted() -> None:
    facts = facts_of(market_with(delisted=2), BUYS, idle=((0, 4), (2, 4)))
    # The most probable buy takes the whole cash: with all three the third, which loses a tenth,
    # without it the first, which makes 3 %. Of the two buys left, one went UP and none DOWN.
    assert facts["survivors"] == {
        "names": 2, "names_of_all": 3, "buys": 2, "precision": 0.5, "crucial_fail": 0.0,
        "total_return": pytest.approx(0.03),
    }  # fmt: skip
    assert (facts["names"], facts["delisted"], facts["members"]) == (3, 1, 3)


def test_the_best_of_a_date_are_the_best_of_the_survivors() -> None:
    # By place the one that is delisted comes first and alone is bought; among the others the next.
    places = [(2, 0, 0.0), (0, 0, -1.0), (1, 0, -2.0)]
    facts = facts_of(market_with(delisted=2), places, measure="place of p_up")
    assert facts["survivors"]["buys"] == 1
    assert facts["survivors"]["total_return"] == pytest.approx(0.03)


def test_survivors_that_were_never_bought_have_no_precision() -> None:
    facts = facts_of(market_with(delisted=2), [(2, 0, 0.9)], idle=((0, 0), (1, 0)))
    assert facts["survivors"] == {
        "names": 2, "names_of_all": 3, "buys": 0, "precision": None, "crucial_fail": None,
        "total_return": 0.0,
    }  # fmt: skip


def test_a_buy_without_a_label_is_a_buy_but_counts_for_no_precision() -> None:
    # Decided in the last session but one, the trade's exit is not in the data.
    facts = facts_of(market_with(delisted=2), [*BUYS, (0, N_DAYS - 2, 0.7)])
    assert facts["survivors"]["buys"] == 3
    assert facts["survivors"]["precision"] == 0.5


def test_where_nobody_was_delisted_there_is_nothing_to_compare() -> None:
    facts = facts_of(market_with(delisted=None), BUYS)
    assert facts["survivors"] is None
    assert facts["delisted"] == 0


def test_where_the_delisted_had_no_signal_there_is_nothing_to_compare() -> None:
    facts = facts_of(market_with(delisted=2), BUYS[:2])
    assert facts["survivors"] is None
    assert facts["delisted"] == 1


def test_the_facts_count_who_was_left_out_and_when() -> None:
    codes = ("000010", "000015", "000020")
    market = replace(market_with(delisted=2), codes=codes, names={"000020": "가나스팩"})
    facts = facts_of(market, BUYS[:1], UniverseSpec(exclude=("preferred", "spac")))
    assert facts["excluded"] == {"preferred": 1, "spac": 1}
    assert facts["members"] == 1
    assert facts["volumes_repaired"] == {}
    assert facts["years"] == [
        {"year": 2024, "alive": 3, "members": 1, "excluded_by_kind": 2, "below_top": 0,
         "delisted": 1}
    ]  # fmt: skip


@pytest.fixture(scope="module")
def metrics_and_signals(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return numbers and signals of a run whose first stock is delisted in its test spans."""
    folder: Path = planted_market(
        tmp_path_factory.mktemp("market"), seed=6, strength=0.4, n_stocks=4, n_days=240
    )
    prices = pd.read_parquet(folder / "prices.parquet")
    dates = np.sort(prices["Date"].unique())
    prices = prices[(prices["Code"] != "000000") | (prices["Date"] < dates[200])]
    prices.to_parquet(folder / "prices.parquet", index=False)
    day = pd.Timestamp(dates[200])
    (folder / "listings.csv").write_text(
        f"Code,Name,Delisted,DelistingDate\n000000,Gone,True,{day:%Y-%m-%d}\n", encoding="utf-8"
    )
    spec = read_spec(
        "krx",
        ["market.indices=all", "market.benchmark=none", "features.lookback=12", "model.blocks=1",
         "model.width=4", "training.epochs=2", "training.shrink=false",
         "training.seeds=1", "windows.train_days=100",
         "windows.validation_days=40", "windows.test_days=50", "label.horizon=3"],
        str(folder),
    )  # fmt: skip
    result = walk_forward(spec)
    return plain(build_metrics(result)), result.signals


def test_a_runs_survivors_are_the_buys_of_its_own_signals(
    metrics_and_signals: tuple[dict[str, Any], pd.DataFrame],
) -> None:
    metrics, signals = metrics_and_signals
    facts = metrics["data"]["universe"]
    assert (facts["names"], facts["delisted"], facts["members"]) == (4, 1, 4)
    kept = signals[signals["buy"] & (signals["code"] != "000000")]
    assert 0 < len(kept) < signals["buy"].sum()
    labels = kept["label"].dropna().tolist()
    assert facts["survivors"]["buys"] == len(kept)
    assert facts["survivors"]["names"] == 3
    assert facts["survivors"]["names_of_all"] == 4
    assert facts["survivors"]["precision"] == pytest.approx(labels.count(2) / len(labels))
    assert facts["survivors"]["crucial_fail"] == pytest.approx(labels.count(0) / len(labels))


def test_the_page_says_what_the_survivors_would_have_shown(
    metrics_and_signals: tuple[dict[str, Any], pd.DataFrame],
) -> None:
    metrics, _ = metrics_and_signals
    said = {**metrics, "data": {**metrics["data"], "universe": {
        **metrics["data"]["universe"],
        "survivors": {"names": 1200, "names_of_all": 1345, "buys": 7, "precision": 0.5,
                      "crucial_fail": 0.25, "total_return": 0.031},
    }}}  # fmt: skip
    said["headline"] = {
        **metrics["headline"],
        "strategy": {**metrics["headline"]["strategy"], "total_return": -0.1},
    }
    sentences = [
        text
        for _, text in verdict(record(RunNumbers, said), speak("en"))
        if "never delisted" in text
    ]
    assert sentences == [
        "With the 1,200 of 1,345 names that were never delisted alone, the same models would have "
        "shown a precision of 50.0 % and 3.1 % net, where all names made -10.0 %."
    ]
    said["data"]["universe"]["survivors"] = None
    assert not any(
        "never delisted" in text for _, text in verdict(record(RunNumbers, said), speak("en"))
    )
