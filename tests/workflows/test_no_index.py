"""A run on the stocks' own inputs needs no index, from its prices to its page and its audit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytest

from rollsight import RollsightError, decide, run
from rollsight.backtests.audit.ledgerday import ledger_day
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.directory.manifest import data_digest
from rollsight.backtests.holdout.market import market_of
from rollsight.backtests.spec import RunSpec, check_spec, read_spec
from rollsight.reports.page.language import speak
from rollsight.reports.run.data.section import data
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import MarketSpec
from rollsight.workflows.audit import audit
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market
from tests.support.simulated.reverting import reverting_market

NONE: Mapping[str, Any] = {"indices": [], "benchmark": None}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a market folder of prices and nothing else."""
    made = write_market(tmp_path_factory.mktemp("market"), Recipe(n_stocks=4, n_days=220))
    (made / "indices.parquet").unlink()
    return made


def without_index(folder: Path, mode: str = "retrain") -> RunSpec:
    content = spec_of(folder, mode).model_dump(mode="json")
    return check_spec(content | {"market": content["market"] | NONE}, "test")


def test_networks_that_go_on_learn_without_an_index(folder: Path, tmp_path: Path) -> None:
    made = run(without_index(folder, "fine-tune"), out=tmp_path / "run", page=False)
    assert made.metrics["data"]["ledger"] == []
    assert [channel["name"] for channel in made.metrics["data"]["channels"]] == ["close"]
    assert set(made.attribution["channel"]) == {"close"}
    assert ">Ledger<" not in data(made.numbers, speak("en"))
    assert len(decide(tmp_path / "run", str(made.signals["decided_at"].max().date()))) == 4


@pytest.mark.slow
def test_a_run_without_an_index_has_a_page_and_passes_its_audit(
    folder: Path, tmp_path: Path
) -> None:
    spec = without_index(folder)
    made = run(spec, out=tmp_path / "run")
    assert " 0 indices " in made.html
    checks = audit(spec, out=tmp_path / "run", trials=4)
    # Nothing is held against a ledger: that check has no case.
    assert [check.name for check in checks if not check.trials] == ["ledger against prices"]
    assert [check.faults for check in checks if check.trials and not check.passed] == []


def test_the_preset_for_us_folders_needs_none(tmp_path: Path) -> None:
    folder = reverting_market(tmp_path / "us", n_days=420)
    (folder / "indices.parquet").unlink()
    days = [f"windows.{span}_days=60" for span in ("train", "validation", "test")]
    changes = ["threshold.best=4", "strategy.max_positions=4", "strategy.keep=12", *days]
    changes += ["market.indices=[]", "market.benchmark=none"]
    ready = prepare(read_spec("us-rank", changes, str(folder)))
    assert (ready.samples.shared, ready.samples.indices.shape[1]) == ((), 0)
    assert len(ready.samples.own) > 50


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("all", "has no indices.parquet or indices.csv (have ['market.toml', 'prices.parquet'])"),
        (("KS11",), "has no indices.parquet or indices.csv"),
    ],
)
def test_indices_that_are_asked_for_need_their_file(
    folder: Path, asked: Literal["all"] | tuple[str, ...], said: str
) -> None:
    with pytest.raises(RollsightError) as refusal:
        read_market(MarketSpec(folder=str(folder), indices=asked))
    assert said in str(refusal.value)
    assert ", or set market.indices=[] and no market.benchmark" in str(refusal.value)


def test_a_ledger_of_no_index_is_refused(folder: Path) -> None:
    with pytest.raises(RollsightError, match=r"market\.indices=\[\] uses no index, and a ledger"):
        ledger_day(without_index(folder))


def test_a_folder_with_indices_may_leave_them_out(tmp_path: Path) -> None:
    """What its file of indices holds is not looked at then."""
    folder = write_market(tmp_path / "with", Recipe(n_stocks=4, n_days=220))
    spec = without_index(folder)
    before = data_digest(market_of(spec))
    pd.DataFrame({"Date": pd.to_datetime(["2024-01-02"]), "KS11": [-1.0]}).to_parquet(
        folder / "indices.parquet", index=False
    )
    assert data_digest(market_of(spec)) == before
