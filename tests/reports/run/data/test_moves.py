"""A reader sees first which trades met a price that cannot be right, and what they made."""

from dataclasses import replace

import pandas as pd
import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.run.data.moves import met_by_trades, moves_data
from rollsight.reports.run.data.section import data
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.verdict import verdict
from rollsight.workflows.run import Run
from rollsight.workflows.summary import summary

NAMED = [
    {"code": "000060", "day": "2024-01-04", "price": "Open", "move": 9.417, "allowed": 0.3,
     "kind": "step"},
    {"code": "000010", "day": "2023-05-04", "price": "Low", "move": 0.004, "allowed": None,
     "kind": "bar"},
]  # fmt: skip
FACTS = {
    "prices": 2, "stocks": 2, "labels": 11, "named": NAMED,
    "years": [{"year": 2023, "bar": 1}, {"year": 2024, "step": 1}],
}  # fmt: skip


@pytest.fixture(scope="module")
def met(finished: Run) -> Run:
    """The run as if its last two trades had met such a price."""
    trades = finished.trades.copy()
    trades.loc[trades.index[-2:], "impossible_at"] = pd.Timestamp("2016-03-02")
    return replace(finished, trades=trades, manifest={**finished.manifest, "impossible": FACTS})


def test_a_clean_market_says_nothing(finished: Run) -> None:
    found = finished.metrics["data"]["impossible"]
    assert (found["prices"], found["labels"], found["trades"]["trades"]) == (0, 0, 0)
    assert "Prices that cannot be right" not in finished.html
    assert "met a price" not in finished.html
    assert "Impossible prices" not in dict(summary(finished.numbers))


def test_the_first_sentence_is_of_trades_that_met_one_and_of_the_rest(met: Run) -> None:
    numbers = build_metrics(met)
    own, all_trades = met.trades[-2:], met.trades
    profit = own["profit"].sum()
    cash, final = met.spec.strategy.cash, met.equity["equity"].iloc[-1]
    found = numbers.data.impossible.trades
    assert found.trades == 2
    assert found.profit == pytest.approx(profit)
    assert found.without == pytest.approx((final - profit - cash) / cash)
    both_gain = profit > 0 and all_trades["profit"].sum() > 0
    assert found.share == (
        pytest.approx(profit / all_trades["profit"].sum()) if both_gain else None
    )
    tone, said = verdict(numbers, speak("en"))[0]
    assert tone == "bad"
    largest = own.loc[own["profit"].abs().idxmax()]
    assert f"2 of {len(all_trades)} trades met a price that cannot be right" in said
    assert f"the largest {largest['code']} on 2016-03-02" in said
    assert "있을 수 없는 가격" in verdict(numbers, speak("ko"))[0][1]
    assert dict(summary(numbers))["Impossible prices"].startswith("met by 2 trades; less their")


def test_a_share_of_the_profit_is_told_where_both_are_gains(met: Run) -> None:
    trades = met.trades.copy()
    trades["profit"] = 100.0
    found = moves_data(replace(met, trades=trades)).trades
    assert found.share == pytest.approx(2 / len(trades))
    (_, said), *_ = met_by_trades(found, met.numbers.headline, speak("en"))
    assert said.endswith(f"That is {200 / len(trades):.0f} % of the net profit.")


def test_the_section_on_data_has_each_price_with_its_day_and_kind(met: Run) -> None:
    numbers = build_metrics(met)
    page = data(numbers, speak("en"))
    assert "2 prices of 2 stocks went beyond" in page
    assert "11 labels whose trade would meet one" in page
    for cell in ("000060", "2024-01-04", "Open", "step", "+941.7 %", "30 %", "bar", "+0.4 %"):
        assert f">{cell}<" in page
    for cell in ("계단", "봉", "시가"):
        assert f">{cell}<" in data(numbers, speak("ko"))
    # A trade that met one has no label to be held against.
    assert numbers.headline.label_is_trade == 1.0
