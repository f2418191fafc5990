"""A run with features of the user's own: named, audited, reported, updated and swept."""

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from pandas.testing import assert_frame_equal

from rollsight.backtests.audit.causality import future_edit, truncated, warmed_up
from rollsight.backtests.audit.differences import Fault
from rollsight.backtests.directory.result import read_result
from rollsight.backtests.owncode import run_digest
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.commands import main
from rollsight.reports.page.language import speak
from rollsight.reports.run.account.trades import trades
from rollsight.reports.run.data.datafacts import LostRows
from rollsight.reports.run.data.losses import losses_said
from rollsight.reports.run.saliency.section import saliency
from rollsight.workflows.run import Run, run
from rollsight.workflows.update import update
from tests.support.audits import TINY, own_index_market, subject_of
from tests.support.audits import spec_of as audited
from tests.support.chains import spec_of
from tests.support.sweeps.markets import planned

TOYS = "tests.support.toys.features"
CROWD, LEVEL, TOMORROW = (f"{TOYS}:{name}" for name in ("crowd", "level", "tomorrow"))
CHANNELS = ["close", "crowd", "KS11", "GSPC", "KS11 level", "GSPC level"]


def given(spec: RunSpec, stock: str, *index: str) -> RunSpec:
    """Return the spec with a feature of each stock, and of each index, beside the change."""
    update = {"stock": ("change", stock), "index": ("change", *index)}
    return spec.model_copy(update={"features": spec.features.model_copy(update=update)})


@pytest.fixture(scope="module")
def finished(folder: Path, store: Path) -> Run:
    return run(given(spec_of(folder), CROWD, LEVEL), store=store, page=False)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_index_market(tmp_path_factory.mktemp("audited"))


def test_its_channels_are_named_in_every_table_and_on_the_page(finished: Run) -> None:
    assert [c["name"] for c in finished.manifest["channels"]] == CHANNELS
    assert finished.manifest["channels"][1] == {"name": "crowd", "title": CROWD, "unit": "log"}
    assert list(finished.attribution["channel"].cat.categories) == CHANNELS
    assert finished.attribution_summary["channel"].drop_duplicates().tolist() == CHANNELS
    assert {len(own) for own in finished.windows["importance"]} == {len(CHANNELS)}
    assert finished.metrics["data"]["channels"] == finished.manifest["channels"]
    for say in (speak("en"), speak("ko")):
        page = saliency(finished.numbers, say) + trades(finished.numbers, say)
        for name in CHANNELS:
            assert name in page
        assert CROWD in page


def test_the_page_says_what_a_feature_costs_beside_indices_and_closes(finished: Run) -> None:
    lost = [("KS11", 3, 0.015), ("KS11 level", 2, 0.01), ("crowd", 40, 0.2), ("000010", 7, 0.035)]
    data = replace(finished.numbers.data, losses=tuple(LostRows(*loss) for loss in lost))
    assert losses_said(data, speak("en")) == [
        "Rows lost because an index had no fresh value: KS11 1.5 %.",
        "Rows lost because a feature had no value: KS11 level 1.0 %, crowd 20.0 %.",
        "Rows lost to holes in stocks' own closes: 7, in 1 stock, most in 000010 (7).",
    ]


def test_another_source_is_another_run_and_a_missing_one_none(
    folder: Path, mine: Path, tmp_path: Path
) -> None:
    spec = given(spec_of(folder), "mine:crowd")
    with pytest.raises(RollsightError, match="feature 'mine:crowd': there is no module"):
        run(spec, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    text = f"from {TOYS} import Crowd\n\n\nclass Mine(Crowd):\n    {{}}\n\n\ncrowd = Mine()\n"
    mine.write_text(text.format('"""Mine."""'), encoding="utf-8")
    digest = run_digest(spec)
    mine.write_text(text.format('"""My own."""'), encoding="utf-8")
    assert run_digest(spec) == digest
    mine.write_text(text.format("scale = 2"), encoding="utf-8")
    assert run_digest(spec) != digest
    with pytest.raises(RollsightError, match="there is no module 'myindices'"):
        run_digest(given(spec_of(folder), "change", "myindices:level"))


def test_features_are_swept_and_an_unknown_one_is_a_trial_that_failed(folder: Path) -> None:
    plan = planned(spec_of(folder), {"features.stock": [["change"], ["change", CROWD], ["chagne"]]})
    assert [t.channels[:2] for t in plan.trainings] == [("close", "KS11"), ("close", "crowd")]
    assert [t.training for t in plan.trials[:2]] == [0, 1]
    assert plan.trainings[0].keys != plan.trainings[1].keys
    assert plan.trials[2].fault.startswith("no feature is called 'chagne' (have ['")
    assert "; did you mean 'change'?" in plan.trials[2].fault


@pytest.mark.slow
def test_an_update_is_the_run_of_the_whole(
    folder: Path, finished: Run, store: Path, tmp_path: Path
) -> None:
    market, out = tmp_path / "market", tmp_path / "run"
    shutil.copytree(folder, market)
    prices = pd.read_parquet(folder / "prices.parquet")
    last = sorted(prices["Date"].unique())[-20]
    for name in ("prices", "indices"):
        table = pd.read_parquet(folder / f"{name}.parquet")
        table[table["Date"] <= last].to_parquet(market / f"{name}.parquet", index=False)
    run(given(spec_of(market), CROWD, LEVEL), out=out, store=store, page=False)
    for name in ("prices", "indices"):
        shutil.copy(folder / f"{name}.parquet", market)
    update(out, page=False)
    assert_frame_equal(read_result(out).signals, finished.signals)


def test_an_honest_feature_stands_up_to_the_audit(market: Path) -> None:
    subject = subject_of(given(audited(market), CROWD, LEVEL))
    assert future_edit(subject, seed=0) == []
    assert truncated(subject, subject.folds[1].window.test.start + 20) == []
    assert warmed_up(subject, 30) == []


def test_a_feature_that_looks_ahead_is_found_by_stock_day_and_name(market: Path) -> None:
    subject = subject_of(given(audited(market), TOMORROW))
    day = subject.folds[1].window.test.start + 20
    session = str(subject.ready.market.sessions[day])
    what = "its value of 000000 and of 3 other stocks changes with what is known later"
    assert truncated(subject, day) == [Fault("tomorrow", session, what)]
    (fault,) = future_edit(subject, seed=0)
    assert (fault.series, fault.what) == ("tomorrow", what)


def test_a_feature_that_needs_more_than_it_says_is_found_by_a_later_beginning(
    market: Path, mine: Path
) -> None:
    mine.write_text(
        "import numpy as np\n\n\n"
        "class Mean:\n"
        "    unit, needs, warm_up, cross_sectional = 'fraction', ('Close',), 0, False\n\n"
        "    def __call__(self, panel):\n"
        "        close = panel['Close']\n"
        "        return close / (np.cumsum(close, axis=1) / np.arange(1, close.shape[1] + 1)) - 1\n"
        "\n\nmean = Mean()\n",
        encoding="utf-8",
    )
    subject = subject_of(given(audited(market), "mine:mean"))
    assert future_edit(subject, seed=0) == []
    (fault,) = warmed_up(subject, 30)
    assert fault.series == "mean"
    assert fault.what.endswith("3 other stocks changes with what comes before its warm-up")


@pytest.mark.slow
def test_the_audits_command_fails_a_feature_that_looks_ahead(market: Path) -> None:
    changes = [*TINY, f"features.stock=['change','{TOMORROW}']"]
    found = CliRunner().invoke(
        main,
        ["audit", "krx", "--market", str(market), "--trials", "4",
         *(part for change in changes for part in ("--set", change))],
    )  # fmt: skip
    assert found.exit_code == 1
    failed = [line for line in found.stdout.splitlines() if line.startswith("FAILED")]
    assert any("another future" in line for line in failed)
    assert "tomorrow on 20" in found.stdout
