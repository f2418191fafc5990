"""Runs side by side: what differs in spec and figures, and whether a gain in money is luck."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from rollsight.backtests.spec import read_spec
from rollsight.base.errors import RollsightError
from rollsight.commands import main
from rollsight.reports.compare.compared import Compared, read_compared
from rollsight.reports.compare.numbers import FIGURES, Difference, compare_data, compare_lines
from rollsight.reports.compare.page import comparison
from rollsight.reports.page.language import Lang, korean, speak
from rollsight.reports.run.beside.riskfree import RiskFree
from rollsight.reports.run.scores.judgement import judged
from rollsight.reports.statistics.judgement import Evidence
from rollsight.workflows.run import run
from tests.support.fixtures import Show
from tests.support.planted import planted_market

TINY = [
    "baselines=[]",
    "market.benchmark=KS11", "market.indices=all", "features.lookback=12", "model.blocks=1",
    "model.width=4", "training.epochs=2",
    "training.shrink=false",
    "training.seeds=1", "windows.train_days=150", "windows.validation_days=60",
    "windows.test_days=60", "label.horizon=3",
]  # fmt: skip


def called(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def changed(run: Compared, **headline: Any) -> Compared:
    """Return a run with other figures in its headline."""
    head = replace(run.numbers.headline, **headline)
    return replace(run, numbers=replace(run.numbers, headline=head))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("market")
    planted_market(folder, seed=3, strength=0.4, n_stocks=6, n_days=330)
    outs = tmp_path_factory.mktemp("runs")
    for name, score in (("fixed", "p_up"), ("less", "p_up - p_down")):
        changes = [*TINY, f"name={name}", f"threshold.score={score}"]
        run(read_spec("krx", changes, str(folder)), out=outs / name, page=False)
    return outs / "fixed", outs / "less"


def test_the_spec_differs_where_it_was_changed_and_nowhere_else(runs: tuple[Path, Path]) -> None:
    data = compare_data([read_compared(out) for out in runs])
    assert data.spec == (Difference("threshold.score", ("p_up", "p_up - p_down")),)
    assert (data.same_data, data.same_span) == (True, True)


def test_the_figures_are_those_of_each_runs_own_report(runs: tuple[Path, Path]) -> None:
    data = compare_data([read_compared(out) for out in runs])
    figures = {f.title: f.values for f in data.figures}
    for column, out in enumerate(runs):
        metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
        assert figures["Trades"][column] == metrics["headline"]["trades"]
        assert figures["Precision of buys"][column] == metrics["overall"]["all_buys"]["precision"]
        own = metrics["headline"]["strategy"]["total_return"]
        assert figures["Total return, net"][column] == own
    # The models are the same; only what is held against the threshold is not.
    assert figures["Log-loss of all test rows"][0] == figures["Log-loss of all test rows"][1]
    assert figures["Total return, net"][0] != figures["Total return, net"][1]


def test_a_run_against_itself_gains_nothing(runs: tuple[Path, Path]) -> None:
    one = read_compared(runs[0])
    data = compare_data([one, one])
    assert data.spec == ()
    assert data.gains[0].value == 0
    assert data.gains[0].low is None


def test_the_gain_is_the_mean_difference_of_shared_sessions(runs: tuple[Path, Path]) -> None:
    one, other = (read_compared(out) for out in runs)
    whole = other.numbers.equity
    cut = replace(whole, date=whole.date[:50], return_=whole.return_[:50])
    shorter = replace(other, numbers=replace(other.numbers, equity=cut))
    (gain,) = compare_data([one, shorter]).gains
    returns = [np.array(r.numbers.equity.return_[1:50]) for r in (one, other)]
    assert gain.sessions == 49
    assert gain.value == pytest.approx((returns[1] - returns[0]).mean())


def test_a_run_without_a_trade_is_named_and_tested_against_none(runs: tuple[Path, Path]) -> None:
    one, other = (read_compared(out) for out in runs)
    assert compare_data([one, other]).gains[0].low is not None
    idle = changed(other, trades=0)
    for pair in ([one, idle], [idle, one]):
        data = compare_data(pair)
        assert (data.gains[0].low, data.gains[0].high) == (None, None)
        assert compare_lines(data)[-1].startswith("less (less) made no trade:")
        assert "less (less) made no trade:" in comparison(data, speak("en"))


def test_other_data_and_other_sessions_are_said(runs: tuple[Path, Path]) -> None:
    one, other = (read_compared(out) for out in runs)
    moved = replace(changed(other, first_session="1999-01-04"), data_digest="elsewhere")
    said = compare_lines(compare_data([one, moved]))[-2:]
    assert "different data" in said[0]
    assert "different sessions" in said[1]


def test_one_series_of_risk_free_rates_is_one_rate(runs: tuple[Path, Path]) -> None:
    one, other = (read_compared(out) for out in runs)

    def differ(*rates: RiskFree | None) -> bool:
        pair = [changed(run, risk_free=rate) for run, rate in zip((one, other), rates, strict=True)]
        return any("different risk-free" in said for said in compare_lines(compare_data(pair)))

    # The average is over each run's own sessions.
    assert not differ(RiskFree("US3M", 0.021), RiskFree("US3M", 0.034))
    assert differ(RiskFree(None, 0.021), RiskFree(None, 0.034))
    assert differ(RiskFree("US3M", 0.021), RiskFree("US1Y", 0.021))
    assert differ(RiskFree(None, 0.0), None)


def test_the_command_prints_a_column_a_run(runs: tuple[Path, Path]) -> None:
    done = called("compare", *map(str, runs))
    assert done.exit_code == 0
    head, spec, *_ = done.stdout.split("\n\n", 1)[1].splitlines()
    assert re.split(r"\s{2,}", head.strip()) == ["fixed (fixed)", "less (less)"]
    assert spec.split(maxsplit=2) == ["threshold.score", "p_up", "p_up - p_down"]
    assert "A day, less the first" in done.stdout


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_shows_every_figure_and_asks_for_nothing(
    runs: tuple[Path, Path], show: Show, tmp_path: Path, lang: Lang
) -> None:
    out = tmp_path / "compared.html"
    done = called("compare", *map(str, runs), "--out", str(out), "--lang", lang)
    assert done.stdout.endswith(f"Page: {out}\n")
    page = show(out.read_text(encoding="utf-8"))
    cells = page.locator("#figures tbody tr").all_inner_texts()
    data = compare_data([read_compared(out) for out in runs])
    assert len(cells) == len(FIGURES) + 1
    for row, found in zip(cells, data.figures, strict=False):
        assert row.split("\t") == found.row(speak(lang))
    assert "threshold.score\tp_up\tp_up - p_down" in page.locator("#spec tbody").inner_text()
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []


def test_each_run_is_judged_as_one_of_several(runs: tuple[Path, Path]) -> None:
    one, other = (read_compared(out) for out in runs)
    ahead = Evidence("stocks", 0.004, 0.001, 0.007, 0.03, 0.02, 0.99)  # p = 0.03 > 0.05 / 2
    lucky = replace(one.numbers.verdict, word="more", evidence=(ahead,))
    head = replace(one.numbers.headline, trades=9)
    numbers = replace(one.numbers, verdict=lucky, headline=head)
    data = compare_data([replace(one, numbers=numbers), other])
    first, second, how, *_ = compare_lines(data)
    assert judged(numbers, speak("en")).startswith("More than luck: ")
    assert first.startswith("fixed (fixed): Not distinguishable from luck: a buy earned +0.40 %")
    assert second.startswith("less (less): ")
    assert how.startswith("Of 2 runs the luckiest looks better than one alone")
    assert first in re.sub("<.*?>", "", comparison(data, speak("en"))).replace("\xa0", " ")


def test_every_figure_has_its_korean() -> None:
    assert {title for title, *_ in FIGURES} <= korean().keys()


def test_one_run_and_no_run_are_refused(runs: tuple[Path, Path], tmp_path: Path) -> None:
    assert "name two or more" in called("compare", str(runs[0])).stderr
    assert "is no run directory" in called("compare", str(runs[0]), str(tmp_path)).stderr
    torn = tmp_path / "torn"
    shutil.copytree(runs[0], torn)
    (torn / "metrics.json").unlink()
    with pytest.raises(RollsightError, match=r"metrics.json cannot be read: call rollsight report"):
        read_compared(torn)


def test_numbers_that_lack_a_key_are_refused_in_one_line(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(runs[0], other)
    path = other / "metrics.json"
    metrics = json.loads(path.read_text(encoding="utf-8"))
    head, buys = metrics["headline"], metrics["overall"]["all_buys"]
    for spoilt in (
        {k: v for k, v in metrics.items() if k != "skill"},
        metrics | {"headline": {k: v for k, v in head.items() if k != "trades"}},
        metrics | {"overall": {"all_buys": buys}},
        metrics | {"saliency": {"share": {}}},
        metrics | {"headline": None},
        metrics | {"equity": None},
        metrics | {"model_age": []},
        metrics | {"saliency": None},
        metrics | {"buys": None},
        metrics | {"digests": []},
        [],
    ):
        path.write_text(json.dumps(spoilt), encoding="utf-8")
        done = called("compare", str(runs[0]), str(other))
        assert done.exit_code != 0
        assert done.stderr == (
            f"Error: {path} cannot be read: call rollsight report {other} to write it again\n"
        )
    # A key that this version does not know is nobody's harm.
    path.write_text(json.dumps(metrics | {"later": {"a": 1}}), encoding="utf-8")
    assert called("compare", str(runs[0]), str(other)).exit_code == 0


def test_a_key_that_another_model_has_alone_stands_beside_none(runs: tuple[Path, Path]) -> None:
    first = read_compared(runs[0])
    folder = str(first.spec.market.folder)
    trees = read_spec("krx", [*TINY[:4], "model.name=boosting", "training.seeds=1"], folder)
    told = {d.key: d.values for d in compare_data([first, replace(first, spec=trees)]).spec}
    assert told["model.name"] == ("resnet", "boosting")
    assert told["model.width"] == ("4", "none")
    turned = compare_data([replace(first, spec=trees), first]).spec
    assert {d.key: d.values[::-1] for d in turned} == told
