"""What the trades made year by year, and the section that says it in both languages."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rollsight.backtests.account.backtest import trade
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.spec import read_spec
from rollsight.base.records import plain, record
from rollsight.reports.page.html import NONE
from rollsight.reports.page.html import money as won
from rollsight.reports.page.language import speak
from rollsight.reports.run.account.money import money, money_data
from rollsight.reports.run.account.moneyfacts import Money, payoff_ratio, profit_factor
from rollsight.reports.run.metrics import build_metrics
from rollsight.workflows.run import Run
from tests.support.fixtures import CHANGES
from tests.support.panels import ALL_IN, costs_of, panel, signals_of
from tests.support.planted import planted_market

ALONE = dict.fromkeys(("benchmark", "benchmark_span", "strategy_beside", "universe"))


def small(finished: Run, buys: list[tuple[int, int, float]]) -> dict[str, Any]:
    """Return the money of buys in a market that rises by a tenth every second session."""
    market = panel([[100.0, 100, 100, 110, 110, 121, 121, 133.1]])
    signals = signals_of(market, buys, horizon=2)
    done = trade(
        market, signals, first=0, horizon=2, spec=ALL_IN, costs=costs_of(market, tax=0.001)
    )
    signals = signals.assign(code=market.codes[0], action=done.action)
    spec = finished.spec.model_copy(update={"strategy": ALL_IN})
    tables = replace(
        finished, spec=spec, signals=signals, trades=done.trades, orders=done.orders,
        equity=done.equity,
    )  # fmt: skip
    numbers: dict[str, Any] = plain(money_data(tables, replace(finished.numbers.headline, **ALONE)))
    return numbers


def shown(finished: Run, data: dict[str, Any], **headline: Any) -> str:
    """Return the section of other figures."""
    head = replace(finished.numbers.headline, **ALONE | headline)
    return money(record(Money, data), head, speak("en"))


def test_winners_over_losers_in_sum_and_on_average() -> None:
    profits = np.array([30.0, 10.0, 0.0, -5.0, -15.0, -10.0])
    assert profit_factor(profits) == 40 / 30
    assert payoff_ratio(profits) == 20 / 10


def test_ratios_without_losers_winners_or_trades_do_not_exist() -> None:
    winners, losers, none = np.array([1.0, 2.0]), np.array([-1.0]), np.array([])
    assert (profit_factor(winners), payoff_ratio(winners)) == (None, None)
    assert (profit_factor(losers), payoff_ratio(losers)) == (0.0, None)
    assert (profit_factor(none), payoff_ratio(none)) == (None, None)


def test_years_are_those_of_the_decision_and_add_up(finished: Run) -> None:
    data, trades = finished.metrics["money"], finished.trades
    assert [y["year"] for y in data["years"]] == [y["year"] for y in finished.metrics["years"]]
    for year in data["years"]:
        assert next(iter(year)) == "year"
        own = [t for t in trades.itertuples() if t.decided_at.year == year["year"]]
        profits = [t.profit for t in own]
        assert year["trades"] == len(own) > 0
        assert year["net_profit"] == pytest.approx(sum(profits))
        costs = sum(t.commission + t.tax + t.slippage for t in own)
        assert year["gross_profit"] == pytest.approx(sum(profits) + costs)
        lost = -sum(p for p in profits if p < 0)
        assert year["profit_factor"] == pytest.approx(sum(p for p in profits if p > 0) / lost)
    assert sum(y["trades"] for y in data["years"]) == data["all"]["trades"] == len(trades)
    assert data["all"]["net_profit"] == pytest.approx(data["made"], abs=0.01)
    assert data["all"]["gross_profit"] == pytest.approx(
        finished.metrics["headline"]["gross_profit"]
    )


def test_benchmark_and_universe_stand_beside_on_the_same_cash(finished: Run) -> None:
    head, data = finished.metrics["headline"], finished.metrics["money"]
    for key in ("benchmark", "universe"):
        grown = np.prod(1 + finished.equity[f"{key}_return"]) - 1
        assert head[key]["total_return"] == pytest.approx(grown)
        assert data[key]["money"] == pytest.approx(finished.spec.strategy.cash * grown)
    assert head["universe"].keys() == head["benchmark"].keys()
    assert (
        finished.metrics["equity"]["universe_return"] == finished.equity["universe_return"].tolist()
    )


def test_the_section_shows_every_step_with_its_money(finished: Run) -> None:
    section = re.search(r'<section id="money">.*?</section>', finished.html, re.DOTALL)
    assert section is not None
    for step in finished.metrics["money"]["steps"]:
        assert f"<td>{won(step['money'], 'KRW')}</td>" in section[0]
    assert f"<td>{won(finished.metrics['money']['made'], 'KRW')}</td>" in section[0]


# The page's reader has the glyphs, the font that text is measured with has not.
@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_section_speaks_korean_throughout(finished: Run) -> None:
    korean = money(finished.numbers.money, finished.numbers.headline, speak("ko"))
    said = re.sub(
        r"<style.*?</style>|<metadata>.*?</metadata>|<[^>]*>", " ", korean, flags=re.DOTALL
    )
    assert "정밀도에서 수익까지" in said
    assert "집행 괴리" in said
    # Only the benchmark's symbol and a usual abbreviation are Latin.
    assert {*re.findall("[A-Za-z]+", said)} == {"KS", "MDD"}


def test_only_winners_have_no_ratios(finished: Run) -> None:
    data = small(finished, [(0, 0, 0.9), (0, 3, 0.9)])
    assert (data["all"]["trades"], data["all"]["profitable"]) == (2, 1.0)
    assert (data["all"]["profit_factor"], data["all"]["payoff_ratio"]) == (None, None)
    assert f"<td>100.0 %</td><td>{NONE}</td><td>{NONE}</td>" in shown(finished, data)


def test_without_a_trade_the_section_says_so(finished: Run) -> None:
    data = small(finished, [])
    assert data["all"] == {
        "trades": 0, "gross_profit": 0.0, "net_profit": 0.0, "profitable": None,
        "profit_factor": None, "payoff_ratio": None,
    }  # fmt: skip
    assert data["years"] == []
    section = shown(finished, data)
    assert "There was no order." in section
    assert "<svg" not in section


def test_a_benchmarks_name_is_text(finished: Run) -> None:
    data = finished.metrics["money"] | {"universe": None}  # as its headline has none
    headline = {"benchmark_name": "<script>", "benchmark": finished.numbers.headline.strategy}
    section = shown(finished, data, **headline)
    assert "<script" not in section
    assert "&lt;script&gt;" in section


def test_a_run_of_one_window_has_its_money(tmp_path: Path) -> None:
    planted_market(tmp_path, seed=5, strength=0.4, n_stocks=6, n_days=280)
    done = walk_forward(read_spec("krx", [*CHANGES, "market.benchmark=none"], str(tmp_path)))
    assert len(done.windows) == 1
    numbers = build_metrics(done)
    data = numbers.money
    total = sum(step.money for step in data.steps)
    assert total == pytest.approx(done.equity["equity"].iloc[-1] - data.cash, abs=0.01)
    assert data.benchmark is None
    assert "Universe, equal weight" in money(data, numbers.headline, speak("en"))
