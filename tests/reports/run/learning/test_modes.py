"""Runs trained in other ways, side by side, and how a report says its own."""

import json
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from rollsight.backtests.spec import read_spec
from rollsight.base.records import record
from rollsight.commands import main
from rollsight.reports.compare.compared import read_compared
from rollsight.reports.compare.modes import AGED, WHOLE, drift, modes_data
from rollsight.reports.compare.numbers import compare_data, compare_lines
from rollsight.reports.page.language import Lang, korean, speak
from rollsight.reports.run.learning.modes import Training, training_data, training_line
from rollsight.reports.run.learning.thresholds import losses_figure
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.page import render
from rollsight.reports.run.saliency.attribution import Saliency
from rollsight.workflows.run import run
from tests.support.planted import planted_market

TINY = [
    "baselines=[]",
    "market.benchmark=KS11", "market.indices=all", "features.lookback=12", "model.blocks=1",
    "model.width=4", "training.epochs=2",
    "training.shrink=false",
    "training.seeds=1", "windows.train_days=150", "windows.validation_days=60",
    "windows.test_days=60", "label.horizon=3",
]  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("market")
    planted_market(folder, seed=3, strength=0.4, n_stocks=6, n_days=330)
    outs = []
    for mode in ("retrain", "fine-tune"):
        outs.append(tmp_path_factory.mktemp("runs") / mode)
        spec = read_spec("krx", [*TINY, f"training.mode={mode}"], str(folder))
        run(spec, out=outs[-1], page=False)
    return outs


def test_modes_are_compared_by_cost_gain_and_drift(runs: list[Path]) -> None:
    data = compare_data([read_compared(out) for out in runs]).modes
    assert data is not None
    assert data.names == ("retrain", "fine-tune, replay 0.5, distillation 0, rate 0.3")
    found = {f.title: f.values for f in data.figures}
    for column, out in enumerate(runs):
        metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
        windows = pd.read_parquet(out / "windows.parquet")
        epochs = sum(len(losses) for each in windows["train_loss"] for losses in each)
        assert found["Epochs trained"][column] == epochs == metrics["training"]["epochs"]
        timings = json.loads((out / "timings.json").read_text(encoding="utf-8"))
        seconds = found["Seconds of training"][column]
        assert seconds == timings["seconds_training"]
        assert 0 < seconds < timings["seconds"]
        skill = metrics["skill"]
        gain = skill["frequency_log_loss"] - skill["log_loss"]
        assert found["Log-loss gain"][column] == gain
        bins = metrics["model_age"]["bins"]
        own = [f.values[column] for f in data.figures if f.facts]
        assert own == [b[key] for key in ("gain", "edge") for b in bins]
    drift = found["Channel shares, rank correlation from window to window"]
    assert all(-1 <= value <= 1 for value in drift)


@pytest.mark.slow
def test_where_networks_lay_ready_the_seconds_are_not_told(
    runs: list[Path], tmp_path: Path
) -> None:
    out = shutil.copytree(runs[0], tmp_path / "again")
    (out / "models" / "000-0.pt").unlink()
    run(read_spec(str(out / "run.toml")), out=out, page=False)
    assert json.loads((out / "timings.json").read_text())["seconds_training"] is None


def test_runs_trained_in_one_way_have_no_such_section(runs: list[Path]) -> None:
    one = read_compared(runs[0])
    data = compare_data([one, one])
    assert data.modes is None
    assert not any("Epochs trained" in line for line in compare_lines(data))


def test_the_drift_is_the_mean_rank_correlation_of_neighbouring_windows() -> None:
    def maps(period: str, *shares: float, outcome: str = "all") -> Saliency:
        return Saliency(
            method="gradient", period=period, outcome=outcome, trades=9, passed=False, reason="",
            share=dict(zip("abc", shares, strict=True)), contribution={}, difference=None,
            low=None, high=None, p_value=None, q_value=None,
        )  # fmt: skip

    # From the first to the second the order is turned over, then one pair changes places: rank
    # correlations -1 and 0.5.
    windows = [
        maps("window 000", 0.5, 0.3, 0.2), maps("window 001", 0.2, 0.3, 0.5),
        maps("window 002", 0.3, 0.2, 0.5),
    ]  # fmt: skip
    others = [maps("year 2024", 1, 0, 0), maps("window 001", 1, 0, 0, outcome="profit")]
    assert drift([*windows, *others]) == pytest.approx(-0.25)
    assert drift(windows[:1]) is None


def test_networks_that_lay_ready_have_no_seconds_and_no_label_no_gain(runs: list[Path]) -> None:
    one, other = (read_compared(out) for out in runs)
    windows = pd.DataFrame({"train_loss": [[[1.0, 0.9], [1.1]]], "best_epoch": [[2, 0]]})
    training = training_data(one.spec, windows)
    unlabelled = replace(one.numbers.skill, log_loss=None, frequency_log_loss=None)
    numbers = replace(one.numbers, training=training, skill=unlabelled)
    data = modes_data([replace(one, numbers=numbers, seconds_training=None), other])
    assert data is not None
    found = {f.title: f.values for f in data.figures}
    assert training.networks == 2
    assert found["Epochs trained"][0] == 3
    assert found["Networks that kept the weights they started from"][0] == 1
    assert found["Seconds of training"] == (None, other.seconds_training)
    assert found["Log-loss gain"][0] is None


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_command_and_page_show_the_modes(runs: list[Path], tmp_path: Path, lang: Lang) -> None:
    out = tmp_path / "compared.html"
    arguments = ["compare", *map(str, runs), "--out", str(out), "--lang", lang]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    lines = [re.split(r"\s{2,}", line.strip()) for line in done.stdout.splitlines()]
    assert ["Training", "retrain", "fine-tune, replay 0.5, distillation 0, rate 0.3"] in lines
    assert any(line[0] == "Log-loss gain, 11 to 20 sessions old" for line in lines)
    html, say = out.read_text(encoding="utf-8"), speak(lang)
    section = html[html.index('id="modes"') : html.index('id="spec"')]
    for title, *_ in WHOLE:
        assert say(title) in section
    for title, *_ in AGED:
        assert say(title, first=1, last=10) in section


def test_every_figure_of_the_modes_has_its_korean() -> None:
    assert {title for title, *_ in (*WHOLE, *AGED)} <= korean().keys()


def test_the_report_says_how_its_networks_were_trained(runs: list[Path]) -> None:
    plain, tuned = (json.loads((out / "metrics.json").read_text(encoding="utf-8")) for out in runs)
    anew, taken_on = (record(Training, m["training"]) for m in (plain, tuned))
    assert training_line(anew, speak("en")).startswith(
        "Every network is trained from scratch on its window's train span, less the dates that it "
        "leaves out: 2 networks, "
    )
    said = training_line(taken_on, speak("en"))
    assert "50 % of each step's stretches replay older rows" in said
    page = unescape(
        render(record(RunNumbers, tuned), "", "", say=speak("en"), sections=["thresholds"])
    )
    assert said in page.replace("\N{NO-BREAK SPACE}", " ")
    warm = replace(taken_on, mode="warm-start", replay=None, distillation=None)
    assert "trains on its window's whole train span" in training_line(warm, speak("en"))
    for training in (anew, taken_on, warm):
        korean_line = training_line(training, speak("ko"))
        assert not set(re.findall(r"[A-Za-z]{3,}", korean_line))


def test_a_curve_begins_with_the_weights_that_a_network_started_from(runs: list[Path]) -> None:
    tuned = json.loads((runs[1] / "metrics.json").read_text(encoding="utf-8"))
    numbers = record(RunNumbers, tuned)
    first, second = numbers.windows[:2]
    assert [len(w.validation_loss[0]) - len(w.train_loss[0]) for w in (first, second)] == [
        0, 1,
    ]  # fmt: skip
    idle = replace(second, train_loss=((),), validation_loss=((1.1,),), best_epoch=(0,))
    drawn = replace(numbers, windows=(first, second, replace(idle, number=2)))
    assert losses_figure(drawn, speak("en")).count("<svg") == 1
