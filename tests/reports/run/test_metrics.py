"""The report's numbers, recomputed from the run's tables in the plainest way."""

import json

import numpy as np
import pandas as pd
import pytest

from rollsight.base.records import plain, record
from rollsight.reports.run.account.costs import YearCosts, costs_by_year
from rollsight.reports.run.numbers import RunNumbers
from rollsight.workflows.run import Run
from tests.reports.declared import untrue


def test_the_shares_of_the_buys_are_counted_over_all_buys(finished: Run) -> None:
    signals = finished.signals
    bought = signals[signals["buy"] & signals["label"].notna()]
    figures = finished.metrics["overall"]["figures"]
    assert figures["buys"] == len(bought) > 0
    assert figures["precision"] == pytest.approx((bought["label"] == 2).mean())
    assert figures["crucial_fail"] == pytest.approx((bought["label"] == 0).mean())
    assert figures["soso_fail"] == pytest.approx((bought["label"] == 1).mean())


def test_a_base_rate_is_what_the_others_of_the_date_and_volatility_did(finished: Run) -> None:
    known = finished.signals[finished.signals["label"].notna()]
    of_date, of_alike, edge = [], [], []
    for row in known[known["buy"]].itertuples():
        same_day = known[known["decided_at"] == row.decided_at]
        place, stocks = same_day["volatility"].rank() - 1, len(same_day)
        group = place * max(stocks // 5, 1) // stocks  # as many as hold five stocks each
        others = same_day[same_day["code"] != row.code]
        alike = others[group.loc[others.index] == group.loc[row.Index]]
        of_date.append((others["label"] == 2).mean())
        if len(alike):
            of_alike.append((alike["label"] == 2).mean())
            edge.append((row.label == 2) - of_alike[-1])
    found = finished.metrics["overall"]["all_buys"]
    assert found["base_up_of_date"] == pytest.approx(np.mean(of_date))
    assert found["base_up_of_alike"] == pytest.approx(np.mean(of_alike))
    assert found["edge"] == pytest.approx(np.mean(edge))


def test_the_trades_taken_have_the_labels_of_their_rows(finished: Run) -> None:
    labelled = finished.trades[finished.trades["label"].notna()]
    taken = finished.metrics["overall"]["taken"]
    assert taken["labelled"] == len(labelled)
    assert taken["precision"] == pytest.approx((labelled["outcome"] == "success").mean())
    assert taken["crucial_fail"] == pytest.approx((labelled["outcome"] == "crucial").mean())


def test_windows_and_years_add_up_to_the_whole(finished: Run) -> None:
    metrics = finished.metrics
    for parts in (metrics["windows"], metrics["years"]):
        for path in (("figures", "rows"), ("figures", "buys"), ("taken", "trades")):
            whole = metrics["overall"][path[0]][path[1]]
            assert sum(part[path[0]][path[1]] for part in parts) == whole
    profit = sum(w["taken"]["profit"] for w in metrics["windows"])
    assert profit == pytest.approx(metrics["headline"]["net_profit"])


def test_the_money_of_the_headline_is_the_equitys(finished: Run) -> None:
    head = finished.metrics["headline"]
    earned = head["final_equity"] - head["cash"]
    assert head["net_profit"] == pytest.approx(earned, abs=0.01)
    costs = head["commission"] + head["tax"] + head["slippage"]
    assert head["gross_profit"] - costs == pytest.approx(earned, abs=0.01)
    assert head["strategy"]["total_return"] == pytest.approx(earned / head["cash"])


def test_costs_by_year_are_those_of_the_orders_and_the_tax_that_of_the_book(finished: Run) -> None:
    years = finished.metrics["costs_by_year"]
    assert [y["year"] for y in years] == [2015, 2016]
    head = finished.metrics["headline"]
    for cost in ("tax", "commission", "slippage"):
        assert sum(y[cost] for y in years) == pytest.approx(head[cost])
    sold = finished.orders[finished.orders["side"] == "sell"]
    brought = (sold["filled"] * sold["price"] - sold["slippage"]).sum()
    assert sum(y["sales"] for y in years) == pytest.approx(brought)
    assert [y["tax_of_sales"] for y in years] == pytest.approx([0.003, 0.003])


def test_a_year_of_buys_alone_has_no_share_of_sales() -> None:
    dates = pd.to_datetime(["2024-12-30", "2025-01-02", None])
    orders = pd.DataFrame(
        {
            "side": ["buy", "sell", "sell"], "filled": [10, 10, 0], "price": [100.0, 110.0, np.nan],
            "filled_at": dates, "slippage": [1.0, 2.0, 0.0], "commission": [0.5, 0.25, 0.0],
            "tax": [0.0, 2.196, 0.0],
        }
    )  # fmt: skip
    bought, sold = costs_by_year(orders)
    assert bought == YearCosts(
        2024, tax=0.0, commission=0.5, slippage=1.0, sales=0.0, tax_of_sales=None
    )
    # 10 at 110 less 2 of slippage are 1,098; 2.196 of them are 0.2 %.
    assert sold == YearCosts(
        2025, tax=2.196, commission=0.25, slippage=2.0, sales=1_098.0,
        tax_of_sales=pytest.approx(0.002),
    )  # fmt: skip
    assert costs_by_year(orders.tail(1)) == ()


def test_every_buy_has_its_fate(finished: Run) -> None:
    metrics = finished.metrics
    assert sum(metrics["buys"].values()) == metrics["overall"]["all_buys"]["buys"]
    assert metrics["buys"]["bought"] == metrics["headline"]["trades"]


def test_saliency_shares_sum_to_one_and_are_those_of_the_maps(finished: Run) -> None:
    for group in finished.metrics["saliency"]:
        assert sum(group["share"].values()) == pytest.approx(1)
    (own,) = [g for g in finished.metrics["saliency"]
              if (g["period"], g["outcome"]) == ("window 000", "all")]  # fmt: skip
    trades = finished.trades.loc[finished.trades["window"] == 0, "trade"]
    maps = finished.attribution[finished.attribution["trade"].isin(trades)]
    by_channel = maps["gradient"].abs().astype(float).groupby(maps["channel"], observed=True).sum()
    for channel, share in own["share"].items():
        assert share == pytest.approx(by_channel[channel] / by_channel.sum(), rel=1e-5)


def test_quantstats_agrees_with_the_headline(finished: Run) -> None:
    own = finished.metrics["headline"]["strategy"]
    theirs = finished.metrics["quantstats"]["Strategy"]
    assert float(theirs["Cumulative Return"].rstrip("%")) == pytest.approx(
        100 * own["total_return"], abs=0.01
    )
    assert float(theirs["Max Drawdown"].rstrip("%")) == pytest.approx(
        100 * own["max_drawdown"], abs=0.01
    )


def test_the_metrics_are_plain_json(finished: Run) -> None:
    text = json.dumps(finished.metrics, allow_nan=False)
    assert json.loads(text) == finished.metrics


def test_all_numbers_are_read_as_they_were_written(finished: Run) -> None:
    read = record(RunNumbers, json.loads(json.dumps(finished.metrics)))
    assert read == finished.numbers
    assert json.dumps(plain(read)) == json.dumps(finished.metrics)  # in the same order too


def test_every_number_is_of_the_type_that_it_is_declared_to_have(finished: Run) -> None:
    # Reading back takes a type at its word, and so does mypy.
    assert untrue(RunNumbers, finished.numbers) == []


def test_a_benchmark_is_read_on_its_own_dates(finished: Run) -> None:
    assert np.isfinite(finished.equity["benchmark_return"]).all()
    assert finished.equity["benchmark_return"].iloc[0] == 0
