"""A run under a rule of the user's own: recomputed, audited, reported, updated and swept."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from rollsight.backtests.account.backtest import Traded
from rollsight.backtests.audit.causality import Subject
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.directory.result import read_result
from rollsight.backtests.owncode import run_digest
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.execution import work, work_of
from rollsight.backtests.sweeps.reader import OtherDataError
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.backtests.workers.executors import executor
from rollsight.base.digests import chain_digest
from rollsight.base.errors import RollsightError
from rollsight.base.progress import silent
from rollsight.reports.page.language import speak
from rollsight.reports.run.account.money import money
from rollsight.reports.statistics.plausibility import fills
from rollsight.signals.folder.reading import read_folder
from rollsight.workflows.audit import audit
from rollsight.workflows.decide import decide
from rollsight.workflows.run import Run, run
from rollsight.workflows.update import update
from rollsight.workflows.zoo.walk import zoo
from tests.support.chains import spec_of
from tests.support.sweeps.markets import home_of, planned, worked

FADING = "tests.support.toys.rules:fading"


def under(spec: RunSpec, rule: str) -> RunSpec:
    strategy = spec.strategy.model_copy(update={"rule": rule})
    return spec.model_copy(update={"strategy": strategy})


@pytest.fixture(scope="module")
def finished(folder: Path, store: Path) -> Run:
    return run(under(spec_of(folder), FADING), store=store, page=False)


def test_its_trades_are_recomputed_and_reported(finished: Run) -> None:
    assert finished.trades["exit_reason"].value_counts()["rule"] > 10
    assert finished.manifest["equity_residual"] < 0.01
    steps = {s["step"]: s for s in finished.metrics["money"]["steps"]}
    assert steps["rule"]["rows"] > 10
    section = money(finished.numbers.money, finished.numbers.headline, speak("en"))
    assert "Exits of the rule" in section
    assert "which of them the rule chose" in section
    assert "most probable are bought first" not in section


def test_a_spec_without_anything_of_ones_own_depends_on_our_code_alone(folder: Path) -> None:
    assert run_digest(spec_of(folder)) == chain_digest()


def test_every_fill_is_the_one_that_its_label_stands_for(finished: Run) -> None:
    ready = prepare(finished.spec)
    trades, orders = finished.trades, finished.orders
    subject = Subject(
        finished.spec, read_folder(finished.spec.market.folder), ready, (), finished.signals,
        Traded(trades, orders, finished.equity, finished.signals["action"], 0.0),
    )  # fmt: skip
    assert fills(subject) == []


def test_another_source_is_another_run_and_a_missing_one_none(
    folder: Path, mine: Path, tmp_path: Path
) -> None:
    spec = under(spec_of(folder), "mine:rule")
    with pytest.raises(RollsightError, match="there is no module 'mine'"):
        run(spec, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    text = (
        "from tests.support.toys.rules import Fading\n\n\nclass Mine(Fading):\n    "
        "{}\n\n\nrule = Mine()\n"
    )
    mine.write_text(text.format("share = 2"), encoding="utf-8")
    digest, (trial,) = run_digest(spec), planned(spec, {"label.horizon": [5]}).trials
    mine.write_text(text.format('"""Mine."""\n\n    share = 2'), encoding="utf-8")
    assert run_digest(spec) == digest
    mine.write_text(text.format("share = 200"), encoding="utf-8")
    assert run_digest(spec) != digest
    (other,) = planned(spec, {"label.horizon": [5]}).trials
    assert other.key != trial.key
    assert (other.spec_digest, other.training) == (trial.spec_digest, trial.training)


def test_rules_are_swept_and_an_unknown_one_is_a_trial_that_failed(
    folder: Path, store: Path, tmp_path: Path
) -> None:
    rules = ["hold", FADING, "hodl", "absent:rule"]
    plan = planned(spec_of(folder), {"strategy.rule": rules})
    assert plan.trials[3].fault.startswith("rule 'absent:rule': there is no module 'absent'")
    known = "no rule is called 'hodl' (have ['hold', 'rank']); did you mean 'hold'?"
    assert plan.trials[2].fault.startswith(known)
    _, found = worked(plan, replace(home_of(tmp_path), networks=store))
    held, fading = (found[trial.key] for trial in plan.trials[:2])
    assert isinstance(held, Outcome)
    assert isinstance(fading, Outcome)
    assert held.returns.tolist() != fading.returns.tolist()


def test_a_source_that_changes_after_the_planning_ends_the_sweep(
    folder: Path, mine: Path, store: Path, tmp_path: Path
) -> None:
    mine.write_text("from tests.support.toys.rules import fading as rule\n", encoding="utf-8")
    plan = planned(under(spec_of(folder), "mine:rule"), {"label.horizon": [5]})
    mine.write_text("from tests.support.toys.rules import choosy as rule\n", encoding="utf-8")
    home = replace(home_of(tmp_path / "sweep"), networks=store)
    with pytest.raises(OtherDataError, match=r"has another source on .*, and sweep again"):
        worked(plan, home)
    assert not list((tmp_path / "sweep" / "outcomes").glob("*"))


@pytest.mark.slow
def test_workers_find_it_by_its_name(folder: Path, mine: Path, store: Path, tmp_path: Path) -> None:
    mine.write_text("from tests.support.toys.rules import fading as rule\n", encoding="utf-8")
    plan = planned(under(spec_of(folder), "mine:rule"), {"label.horizon": [3, 5]})
    todo = work_of(plan, replace(home_of(tmp_path / "sweep"), networks=store))
    with executor("loky", jobs=2) as two:
        found = work(todo, two, silent, lambda outcome: outcome.validation.sharpe)
    assert all(isinstance(outcome, Outcome) and outcome.traded for outcome in found.values())


def test_an_update_is_the_run_of_the_whole_unless_the_source_is_another(
    folder: Path, finished: Run, store: Path, mine: Path, tmp_path: Path
) -> None:
    market, out = tmp_path / "market", tmp_path / "run"
    shutil.copytree(folder, market)
    mine.write_text("from tests.support.toys.rules import fading as rule\n", encoding="utf-8")
    spec = under(spec_of(market), "mine:rule")
    prices = pd.read_parquet(folder / "prices.parquet")
    last = sorted(prices["Date"].unique())[-20]
    for name in ("prices", "indices"):
        table = pd.read_parquet(folder / f"{name}.parquet")
        table[table["Date"] <= last].to_parquet(market / f"{name}.parquet", index=False)
    run(spec, out=out, store=store, page=False)
    for name in ("prices", "indices"):
        shutil.copy(folder / f"{name}.parquet", market)
    mine.write_text("from tests.support.toys.rules import idle as rule\n", encoding="utf-8")
    opened: list[Callable[[], object]] = [
        lambda: update(out),
        lambda: audit(spec, out=out),
        lambda: decide(out, str(last)[:10]),
    ]
    for extended in opened:
        with pytest.raises(
            RollsightError, match="made with another source of the rule 'mine:rule'"
        ):
            extended()
    as_it_was = "# As it was.\nfrom tests.support.toys.rules import fading as rule\n"
    mine.write_text(as_it_was, encoding="utf-8")
    update(out, page=False)
    assert_frame_equal(read_result(out).orders, finished.orders)


@pytest.mark.slow
def test_a_zoo_under_another_source_of_a_rule_is_walked_anew(
    folder: Path, mine: Path, tmp_path: Path
) -> None:
    spec = under(spec_of(folder), "mine:rule")
    mine.write_text("from tests.support.toys.rules import fading as rule\n", encoding="utf-8")
    walked = zoo(spec, ("logistic",), out=tmp_path)
    assert len(read_result(tmp_path / "logistic").trades) > 0
    mine.write_text("from tests.support.toys.rules import idle as rule\n", encoding="utf-8")
    again = zoo(spec, ("logistic",), out=tmp_path)
    assert len(read_result(tmp_path / "logistic").trades) == 0
    assert again.html != walked.html
