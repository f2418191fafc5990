"""The page is read back: what its tables show is what metrics.json holds, and nothing else."""

import json
import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import pytest

from rollsight.backtests.spec import to_toml
from rollsight.base.records import plain, record
from rollsight.reports.page.html import NONE
from rollsight.reports.page.language import speak
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.page import render
from rollsight.reports.run.tearsheet import tearsheet
from rollsight.workflows.run import Run
from tests.reports.run.saliency.test_saliency import judged

Rows = Sequence[dict[str, Any]]
BETWEEN = " … | to | buys of | dates in |(?<=\\d)\N{EN DASH}(?=\\d)"  # the bounds of an interval

# A column is the path of its number; "%" before it: shown in per cent; two paths: an interval.
PREDICTED = [
    "all_buys.buys", "all_buys.independent_buys", "% all_buys.precision",
    "% all_buys.precision_low all_buys.precision_high", "% all_buys.base_up_of_date",
    "% all_buys.base_up_of_alike", "% all_buys.edge", "% all_buys.edge_low all_buys.edge_high",
    "% all_buys.crucial_fail", "% all_buys.crucial_fail_low all_buys.crucial_fail_high",
    "% all_buys.base_down_of_alike", "% all_buys.soso_fail", "% all_buys.base_hold_of_alike",
]  # fmt: skip
EARNED = [
    "% all_buys.gross_return", "% all_buys.net_return", "% break_even.lead",
    "% break_even.needed_made", "taken.trades", "% taken.precision", "% taken.base_up_of_alike",
    "% taken.crucial_fail", "% taken.base_down_of_alike", "% taken.soso_fail",
    "% taken.gross_return", "% taken.net_return", "taken.profit",
]  # fmt: skip
RANDOM = [
    column.format(f"{buys}.random_buys.{figure}")
    for buys in ("all_buys", "taken")
    for figure in ("precision", "net_return")
    for column in ("% {0}.value", "% {0}.low {0}.high", "{0}.p_value")
]
FORECASTS = [
    "figures.rows", "% accuracy.value", "% accuracy.low accuracy.high",
    "% accuracy.base_of_constant", "% accuracy.base_of_date", "% accuracy.base_of_alike",
    "% accuracy.edge", "% accuracy.edge_low accuracy.edge_high", "% figures.accuracy_thresholded",
    "information.mean", "information.low information.high", "information.t",
]  # fmt: skip
WINDOW = ["number", "test_start", "skilled", "threshold"]
THRESHOLDS = [
    "number", "test_start", "threshold",
    "governance.validation_buys governance.validation_dates governance.validation_blocks",
    "governance.low governance.high", "% governance.near",
    "governance.hindsight", "governance.within", "% governance.validation_score",
    "% governance.test_score", "% governance.optimism", "% governance.regret",
    "governance.test_buys", "% governance.test_precision", "% governance.test_net_return",
    "% validation_date_share", "% test_date_share",
]  # fmt: skip
AGE = [
    "first last", "windows", "rows", "gain", "gain_low gain_high", "buys", "% precision",
    "% edge", "% edge_low edge_high", "% net_return", "% net_return_low net_return_high",
]  # fmt: skip
BESIDE = [
    "made", "% total_return", "% annual_return", "% volatility", "sharpe", "% max_drawdown",
]  # fmt: skip
MADE = [
    "year", "trades", "gross_profit", "net_profit", "% profitable", "profit_factor",
    "payoff_ratio",
]  # fmt: skip
DRAWN = ["accounts", "as_well"]
CHANNEL = [
    "name", "% share", "winners", "losers", "difference", "low high", "p_value", "q_value", "nats",
]  # fmt: skip
GATE = [
    "number", "test_start", "gate_passed", "gate_reason", "gate_seeds", "gate_randomised",
    "gate_deletion", "gate_methods", "agreement",
]  # fmt: skip


def tables(html: str) -> list[list[list[str]]]:
    """Return the cells of every row of every table's body."""
    return [
        [
            [unescape(re.sub("<.*?>", "", c)) for c in re.findall(r"<td[^>]*>(.*?)</td>", row)]
            for row in re.findall(r"<tr>(.*?)</tr>", body)
        ]
        for body in re.findall(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    ]


def at(record: Any, path: str) -> Any:
    for key in path.split("."):
        record = None if record is None else record[key]
    return record


def shows(cell: str, value: Any, scale: float) -> bool:
    """Return whether a cell's text is a value, to half a unit of its last digit."""
    if value is None or isinstance(value, bool | str):
        return cell == {None: NONE, True: "yes", False: "no"}.get(value, value)
    if not re.fullmatch(r"[-+]?₩?[\d,]+(\.\d+)?", cell):
        return False
    cell = cell.replace("₩", "")
    digits = len(cell.partition(".")[2])
    return abs(float(cell.replace(",", "")) - scale * value) <= 0.5001 * 10**-digits


def assert_shown(table: list[list[str]], rows: Rows, columns: list[str]) -> None:
    """Require each cell of a table, from its last column on, to show its number."""
    assert len(table) == len(rows)
    for cells, row in zip(table, rows, strict=True):
        own = cells[len(cells) - len(columns) :]
        for cell, column in zip(own, columns, strict=True):
            values = [at(row, path) for path in column.removeprefix("% ").split()]
            scale = 100.0 if column.startswith("% ") else 1.0
            plain_cell = cell.replace(" %", "").removesuffix(" blocks")
            texts = re.split(BETWEEN, plain_cell) if len(values) > 1 else [cell]
            if len(values) > 1 and values[0] is None:
                texts, values = [cell], [None]
            assert len(texts) == len(values), (column, cell)
            for text, value in zip(texts, values, strict=True):
                assert shows(text.removesuffix(" %"), value, scale), (column, cell, value)


@pytest.fixture(scope="module")
def read(finished: Run) -> dict[str, list[list[list[str]]]]:
    """Return the tables of the finished run's page by section."""
    parts = re.findall(r'<section id="(\w+)">(.*?)</section>', finished.html, re.DOTALL)
    return {key: tables(part) for key, part in parts}


@pytest.fixture(scope="module")
def written(finished: Run) -> dict[str, Any]:
    """Return the numbers as metrics.json gives them."""
    numbers: dict[str, Any] = json.loads(json.dumps(finished.metrics))
    return numbers


def test_evidence_shows_its_numbers(read: Any, written: dict[str, Any]) -> None:
    years = [*written["years"], written["overall"]]
    windows = written["windows"]
    of_years, earned, of_windows, own, beside, by_year, forecasts, costs = read["evidence"]
    assert_shown(of_years, years, PREDICTED)
    assert_shown(earned, years, EARNED)
    assert_shown(of_windows, windows, WINDOW + PREDICTED)
    assert_shown(own, windows, WINDOW + EARNED)
    assert_shown(beside, windows, WINDOW + RANDOM)
    assert_shown(by_year, years, RANDOM)
    assert_shown(forecasts, years, FORECASTS)
    paid = ["year", "sales", "tax", "% tax_of_sales", "commission", "slippage"]
    assert_shown(costs, written["costs_by_year"], paid)


def test_evidence_says_what_the_buys_are_of_what_is_traded(
    finished: Run, written: dict[str, Any]
) -> None:
    told = written["turnover"]["capacity"]
    assert 0 < told["buys"] <= len(finished.orders)
    account, tenth = (f"{told[key]:,.0f}" for key in ("account", "tenth"))
    assert re.search(
        rf"At 1\s% of it the median buy allows an account of \S+{account}, a tenth of the buys "
        rf"less than \S+{tenth}\.",
        finished.html,
    )


def test_money_shows_its_numbers(read: Any, written: dict[str, Any]) -> None:
    data, head = written["money"], written["headline"]
    last = {"money": data["made"], "share": data["made_share"], "total": data["made"],
            "rows": data["counts"]["trades"]}  # fmt: skip
    steps, beside, drawn, years = read["money"]
    assert_shown(steps, [*data["steps"], last], ["money", "% share", "total", "rows"])
    held = [{"made": data["made"]} | head["strategy"]]
    held += [{"made": data[k]["money"]} | head[k] for k in ("benchmark", "universe")]
    assert_shown(beside, held, BESIDE)
    random = [written["random_accounts"][k] for k in ("total_return", "annual_return", "sharpe")]
    assert_shown(drawn[:2], random[:2], ["% value", "% median", "% low high", *DRAWN])
    assert_shown(drawn[2:], random[2:], ["value", "median", "low high", *DRAWN])
    assert_shown(years, [*data["years"], {"year": "all"} | data["all"]], MADE)


def test_thresholds_and_model_age_show_their_numbers(read: Any, written: dict[str, Any]) -> None:
    (thresholds,), (age,) = read["thresholds"], read["age"]
    assert_shown(thresholds, written["windows"], THRESHOLDS)
    assert_shown(age, written["model_age"]["bins"], AGE)


@pytest.mark.parametrize("passed", [True, False])
def test_saliency_shows_its_numbers(finished: Run, passed: bool) -> None:
    reasons = {} if passed else dict.fromkeys(finished.windows["number"], "the seeds disagree")
    numbers = judged(finished, reasons)
    metrics = plain(numbers)
    *whole, gates = tables(render(numbers, "", "", say=speak("en"), sections=["saliency"]))
    groups = {(g["period"], g["outcome"]): g for g in metrics["saliency"]}
    about = metrics["attribution"]["importance"]
    if passed:
        tested = {k: groups["all", "profit"][k] or {} for k in
                  ("difference", "low", "high", "p_value", "q_value")}  # fmt: skip
        channels = [
            {"name": name, "share": share, "nats": about["nats"][name]}
            | {k: groups["all", o]["contribution"][name]
               for k, o in (("winners", "profit"), ("losers", "loss"))}
            | {k: known.get(name) for k, known in tested.items()}
            for name, share in groups["all", "all"]["share"].items()
        ]  # fmt: skip
        assert_shown(whole[0], channels, CHANNEL)
    agreed = about["agreement_by_window"]
    assert len(whole) == passed
    assert_shown(
        gates, [w | {"agreement": agreed.get(str(w["number"]))} for w in metrics["windows"]], GATE
    )


def test_the_data_show_their_numbers(read: Any, written: dict[str, Any]) -> None:
    years, listings, ledger = read["data"]
    counted = ["year", "alive", "members", "excluded_by_kind", "below_top", "delisted"]
    assert_shown(years, written["data"]["universe"]["years"], counted)
    reported = [d | d["listings"] for d in written["deaths"] if d["listings"]]
    assert [cells[:4] for cells in listings] == [
        [str(d["year"]), d["board"], f"{d['listed']['exchange']:,}", f"{d['listed']['held']:,}"]
        for d in reported
    ]
    lost = {loss["series"]: loss["share"] for loss in written["data"]["losses"]}
    series = [s | {"lost": lost[s["symbol"]]} for s in written["data"]["ledger"]]
    assert_shown(ledger, series, ["symbol", "name", "known", "unit", "lag_hours", "% lost"])


def test_the_tear_sheet_shows_its_numbers(read: Any, written: dict[str, Any]) -> None:
    figures, *_ = read["returns"]
    own, other = (written["quantstats"][key] for key in ("Strategy", "Benchmark"))
    shown = {cells[0]: cells[1:] for cells in figures if len(cells) == 3}
    assert len(shown) > 50
    assert shown == {name: [other[name], own[name]] for name in shown}


@pytest.mark.slow
def test_the_page_is_made_again_from_what_is_written_down_whatever_the_clock_is_set_to(
    finished: Run, written: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    numbers = record(RunNumbers, written)
    sheet, figures = tearsheet(numbers, speak("en"))
    assert plain(figures) == written["quantstats"]
    assert render(numbers, to_toml(finished.spec), sheet, say=speak("en")) == finished.html


@pytest.mark.parametrize(
    ("cell", "value"),
    [("12.4", 12.34), ("1,235", 1234.4), (NONE, 0.0), ("0.0", None), ("yes", False), ("1 2", 12)],
)
def test_a_cell_that_shows_another_number_is_found(cell: str, value: Any) -> None:
    assert not shows(cell, value, 1.0)
