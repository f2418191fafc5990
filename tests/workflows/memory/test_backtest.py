"""Somebody's own probabilities or scores go through rule, account, evidence and page."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import rollsight
from rollsight import RollsightError, backtest
from rollsight.backtests.spec import RunSpec
from rollsight.reports.compare.compared import Compared
from rollsight.reports.compare.numbers import compare_data
from rollsight.reports.page.language import speak
from rollsight.reports.run.page import render
from rollsight.reports.run.scores.judgement import judged
from rollsight.signals.memory.market import MemoryMarket
from rollsight.workflows.run import Run
from rollsight.workflows.summary import summary
from tests.support.chains import spec_of
from tests.support.markets import Recipe, index_table, price_table

RECIPE = Recipe(n_stocks=6, n_days=260)
PRICES = price_table(RECIPE)
DAYS = pd.DatetimeIndex(PRICES["Date"].unique())


@pytest.fixture(scope="module")
def held() -> MemoryMarket:
    indices = index_table(RECIPE)
    return rollsight.market(PRICES, indices, calendar="XKRX", currency="KRW")


def signals_of(first: int = 120, **columns: Any) -> pd.DataFrame:
    """Return signals of every row from a session on, drawn at random."""
    rows = PRICES.loc[PRICES["Date"] >= DAYS[first], ["Date", "Code"]]
    rows = rows.rename(columns={"Date": "date", "Code": "code"}).reset_index(drop=True)
    p = np.random.default_rng(0).dirichlet([1, 1, 1], len(rows))
    return rows.assign(p_down=p[:, 0], p_hold=p[:, 1], p_up=p[:, 2], **columns)


def test_probabilities_are_traded_as_they_were_given(held: MemoryMarket, tmp_path: Path) -> None:
    given = signals_of()
    made = backtest(given, held, threshold=0.6, out=tmp_path / "run")
    own = made.signals.merge(given, left_on=["decided_at", "code"], right_on=["date", "code"])
    # From the first signal on, none left out but what no row can be decided of.
    assert len(own) == len(made.signals) == len(given)
    for name in ("p_down", "p_hold", "p_up"):
        np.testing.assert_allclose(own[f"{name}_x"], own[f"{name}_y"], rtol=1e-12)
    assert (own["buy"] == (own["p_up_y"] >= 0.6)).all()
    assert made.equity["date"].iloc[0] == DAYS[120]
    bought = made.trades.merge(own, on=["decided_at", "code"])
    assert len(bought) == len(made.trades) > 0
    opens = PRICES.set_index(["Date", "Code"])["Open"]
    at = list(zip(made.trades["entry_at"], made.trades["code"], strict=True))
    assert (made.trades["entry_price"] == opens.loc[at].to_numpy()).all()
    verdict = made.numbers.verdict
    assert (verdict.word, verdict.span) == ("little", 11)
    assert repr(made).startswith("Too little to tell: the buys lie in")
    assert verdict.of("trades").ahead == pytest.approx(made.trades["net_return"].mean())
    assert "Nothing is trained: the signals were given" in made.html
    assert "Learning curves" not in made.html
    assert "That threshold is given and not tuned on validation" in made.html
    again = rollsight.load(tmp_path / "run")
    assert again.html == made.html
    with pytest.raises(RollsightError, match="the market of this run was in memory"):
        rollsight.decide(tmp_path / "run", str(DAYS[200].date()))


@pytest.mark.slow
def test_the_verdict_is_that_of_a_run_with_the_same_signals(held: MemoryMarket) -> None:
    """A run's own probabilities, given back, are traded like the run's."""
    spec = spec_of(Path("sample"), min_buys=5)
    run = rollsight.run(spec, market=held, page=False)
    own = run.signals[["decided_at", "code", "p_down", "p_hold", "p_up"]]
    chosen = spec.threshold.model_copy(update={"best": 2})
    best = spec.model_copy(update={"threshold": chosen})
    one = rollsight.run(best, market=held, page=False)
    two = backtest(own, held, spec=best, page=False)
    assert (two.spec.windows, two.manifest["data_digest"]) == (
        spec.windows,
        one.manifest["data_digest"],
    )
    columns = ["code", "decided_at", "entry_at", "exit_at", "shares", "net_return"]
    pd.testing.assert_frame_equal(one.trades[columns], two.trades[columns])
    pd.testing.assert_frame_equal(one.equity, two.equity)


def test_a_threshold_is_tuned_on_signals_before_the_ones_that_are_traded(
    held: MemoryMarket,
) -> None:
    spec = spec_of(Path("sample"), min_buys=5)
    made = backtest(signals_of(130), held, spec=spec, page=False)
    first = made.windows.iloc[0]
    assert first["validation_start"] == DAYS[130]
    assert made.equity["date"].iloc[0] == DAYS[170]
    assert first["threshold"] > 0


def test_up_alone_leaves_the_rest_to_the_frequencies(held: MemoryMarket) -> None:
    given = signals_of()[["date", "code", "p_up"]]
    made = backtest(given, held, threshold=0.6, page=False)
    signals = made.signals
    np.testing.assert_allclose(signals[["p_down", "p_hold", "p_up"]].sum(axis=1), 1)
    own = signals.merge(given, left_on=["decided_at", "code"], right_on=["date", "code"])
    np.testing.assert_allclose(own["p_up_x"], own["p_up_y"], rtol=1e-12)
    ratio = signals["p_down"] / (signals["p_down"] + signals["p_hold"])
    assert ratio.groupby(signals["window"]).agg(np.ptp).max() < 1e-12


@pytest.mark.slow
def test_scores_are_an_order_and_nothing_else(held: MemoryMarket) -> None:
    given = signals_of()[["date", "code", "p_up"]]
    scores = given.assign(score=1e6 * given["p_up"] ** 3 - 7).drop(columns="p_up")
    one = backtest(given, held, best=2, page=False)
    two = backtest(scores, held, best=2)
    pd.testing.assert_frame_equal(one.trades.drop(columns="score", errors="ignore"),
                                  two.trades.drop(columns="score", errors="ignore"))  # fmt: skip
    pd.testing.assert_frame_equal(one.equity, two.equity)
    assert "there is no log-loss and no calibration of them" in two.html
    assert "Does a probability mean what it says?" not in two.html


@pytest.fixture(scope="module")
def beside_logistic(held: MemoryMarket) -> dict[str, Run]:
    """Return runs of the same signals, as probabilities and as scores, with a baseline."""
    given = signals_of(130)
    scores = given[["date", "code"]].assign(score=given["p_up"] - given["p_down"])
    spec = spec_of(Path("sample"), min_buys=5).model_copy(update={"baselines": ("logistic",)})
    changes = {"threshold.best": 2}
    kinds = {"probabilities": given, "scores": scores}
    return {k: backtest(v, held, spec=spec, changes=changes, page=False) for k, v in kinds.items()}


def page_of(made: Run) -> str:
    """Return the parts of a run's page that tell of forecasts."""
    sections = ["headline", "baselines", "evidence", "age"]
    return render(made.numbers, "", "", say=speak("en"), sections=sections)


def test_of_scores_nothing_is_said_that_asks_for_probabilities(
    beside_logistic: dict[str, Run],
) -> None:
    made = beside_logistic["scores"]
    numbers = made.numbers
    own, (logistic, frequencies) = numbers.baselines.model, numbers.baselines.others
    assert (own.log_loss, own.gain, own.gain_low) == (None, None, None)
    assert [(one.lead, one.lead_low) for one in (logistic, frequencies)] == [(None, None)] * 2
    # The baseline has probabilities.
    assert logistic.log_loss is not None
    assert own.information.mean is not None
    assert numbers.verdict.of("baseline").ahead is None
    skill = numbers.skill
    assert (skill.skilled, skill.log_loss, skill.brier, skill.gain_low) == (None,) * 4
    assert skill.trading == len(numbers.windows)
    assert {w.skilled for w in numbers.windows} == {None}
    assert (numbers.calibration, numbers.model_age.bins) == ((), ())
    data = compare_data([Compared(None, made.spec, numbers, "")] * 2)
    asked = [f for f in data.figures if f.unit == "nats" or f.title in
             ("Accuracy", "Windows with skill")]  # fmt: skip
    assert len(asked) == 5
    assert {f.values for f in asked if "frequencies" not in f.title} == {(None, None)}


def test_the_page_of_scores_has_no_log_loss_no_gain_and_no_skill(
    beside_logistic: dict[str, Run],
) -> None:
    made = beside_logistic["scores"]
    html = page_of(made)
    (row,) = re.findall(r'<tr><td class="text">The given model</td>(.*?)</tr>', html)
    assert re.findall(r"<td>(.*?)</td>", row)[:5] == ["\N{EN DASH}"] * 5
    assert re.findall(r"[^.]*nats[^.]*", repr(made) + html.split("</header>")[0]) == []
    assert "with skill" not in repr(made)
    for said in ("skill on validation", "skilled on validation", ">Skill<", "Model age", "does as"):
        assert said not in html
    assert html.count("there is no log-loss and no calibration of them") == 3


def test_probabilities_have_a_log_loss_and_no_age(beside_logistic: dict[str, Run]) -> None:
    made = beside_logistic["probabilities"]
    assert made.numbers.baselines.model.gain is not None
    assert made.numbers.skill.skilled is not None
    assert "with skill" in repr(made)
    assert "The given model adds" in dict(summary(made.numbers))["Best baseline"]
    assert (made.numbers.model_age.bins, "Model age" in page_of(made)) == ((), False)
    assert "seeds" not in judged(made.numbers, speak("en"))


def test_a_file_of_signals_is_a_model_of_a_spec(held: MemoryMarket, tmp_path: Path) -> None:
    path = tmp_path / "signals.csv"
    signals_of().to_csv(path, index=False)
    one = backtest(signals_of(), held, best=2, page=False)
    model = one.spec.model.model_copy(update={"source": str(path)})
    two = rollsight.run(one.spec.model_copy(update={"model": model}), market=held, page=False)
    pd.testing.assert_frame_equal(one.equity, two.equity)
    pd.testing.assert_frame_equal(one.signals, two.signals)


def test_rows_without_a_signal_are_not_decided_and_that_is_said(held: MemoryMarket) -> None:
    given = signals_of()
    made = backtest(given[given["code"] != "000010"], held, threshold=0.6, page=False)
    assert "000010" not in set(made.signals["code"])
    told = made.manifest["universe"]["notes"]
    assert any("rows that could be decided have no signal" in note for note in told)


GOOD = signals_of()


def with_value(row: int, **values: Any) -> pd.DataFrame:
    table = GOOD.copy()
    for column, value in values.items():
        table[column] = table[column].astype(object)
        table.loc[row, column] = value
    return table.infer_objects()


@pytest.mark.parametrize(
    ("signals", "asked", "said"),
    [
        (GOOD.drop(columns="code"), {}, "signals has no column 'code'"),
        (GOOD[["date", "code"]], {}, "signals says nothing of its decisions"),
        (with_value(3, code="999999"), {}, "code='999999' (row 3, and 0 more) is no code of the"),
        (with_value(3, date=pd.Timestamp("2024-07-06")), {},
         "date=2024-07-06 (row 3, and 0 more) is no session of XKRX"),
        (with_value(3, date=pd.Timestamp("2031-01-06")), {}, "lies behind 2025-"),
        (with_value(3, date=pd.Timestamp("2001-01-08")), {}, "lies before 2024-01-02"),
        (with_value(3, date=pd.Timestamp("2024-07-05 15:30")), {}, "has a time of day"),
        (pd.concat([GOOD, GOOD[5:6]]), {}, f"(row {len(GOOD)}) is there twice: keep one row"),
        (with_value(3, p_up=np.nan), {}, "row 3 has no p_up"),
        (with_value(3, p_up=1.4), {}, "p_up=1.4 in row 3 is no probability"),
        (with_value(3, p_up=0.99, p_down=0.5), {}, "the probabilities of row 3 sum to 1."),
        (with_value(3, p_up="high"), {}, "p_up='high' is not a number"),
        (GOOD.assign(code=5930), {}, "code '5930' is not text"),
        (GOOD[["date", "code"]].assign(score=np.inf), {}, "score=inf in row 0 is not finite"),
        (GOOD[["date", "code"]].assign(score=1.0), {"threshold": 0.5}, "signals has scores"),
        (GOOD, {"threshold": 0.5, "best": 2}, "exclude each other: leave one out"),
        (GOOD[:0], {}, "signals has no rows"),
        (GOOD, {"changes": {"model.depth": 3}}, "'model.depth': nothing is trained on signals"),
        ("signals.csv", {}, "signals is a str, which is no table"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_signal_is_told_in_one_line(
    held: MemoryMarket, signals: object, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(RollsightError) as refusal:
        backtest(
            signals,
            held,
            page=False,
            **({"best": 2} | asked if "threshold" not in asked else asked),
        )
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_backtest_without_a_spec_takes_the_defaults_of_a_run(held: MemoryMarket) -> None:
    made = backtest(signals_of(), held, best=2, page=False)
    assert made.spec.strategy == RunSpec().strategy
    assert made.spec.baselines == ()


def test_signals_too_early_to_be_traded_are_counted(held: MemoryMarket) -> None:
    early = backtest(signals_of(30), held, best=2, page=False)
    first = early.equity["date"].iloc[0]
    n = int((signals_of(30)["date"] < first).sum())
    assert n > 0
    told = early.manifest["universe"]["notes"]
    begin = f"{n:,} signals of sessions before {first:%Y-%m-%d}"
    assert any(note.startswith(begin) for note in told)
    late = backtest(signals_of(120), held, best=2, page=False).manifest["universe"]["notes"]
    assert not any("are not traded" in note for note in late)


def test_changes_have_the_last_word_in_a_backtest(held: MemoryMarket) -> None:
    changes = {"strategy.stop_loss": 0.02, "windows.train_days": 50, "threshold.best": 1}
    made = backtest(signals_of(), held, changes=changes, page=False)
    assert made.spec.strategy.stop_loss == 0.02
    assert made.spec.windows.train_days == 50
    assert made.signals.groupby("decided_at")["buy"].sum().max() == 1
    assert (made.trades["exit_reason"] == "stop").any()
    # With a number of buys nothing is tuned: the first signal is traded.
    assert made.equity["date"].iloc[0] == DAYS[120]
