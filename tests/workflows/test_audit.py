"""The audit as a user meets it: what it passes, what it finds, and what it writes."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.directory.manifest import data_digest
from rollsight.commands import main
from rollsight.reports.run.checks import Audit, Check
from rollsight.workflows.audit import audit
from tests.support.audits import TINY, declare, own_index_market, spec_of

NAMES = [
    "another future", "trained again", "truncation", "warm-up", "ledger against prices",
    "label against fill", "delayed execution", "placebo",
]  # fmt: skip
DAY_EARLY = '[indices.{}]\ncalendar = "{}"\nlag_hours = -24\n'


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_index_market(tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs") / "audited"


@pytest.fixture(scope="module")
def honest(market: Path, out: Path) -> Result:
    return called(market, "--out", str(out))


def called(market: Path, *arguments: str) -> Result:
    changes = [part for change in TINY for part in ("--set", change)]
    return CliRunner().invoke(
        main, ["audit", "krx", "--market", str(market), "--trials", "4", *changes, *arguments],
        catch_exceptions=False,
    )  # fmt: skip


def checks_of(out: Path) -> dict[str, dict[str, object]]:
    content = json.loads((out / "audit.json").read_text(encoding="utf-8"))
    return {check["name"]: check for check in content["checks"]}


def failed(result: Result) -> list[str]:
    """Return the names of the checks that the command prints as failed."""
    lines = [line for line in result.stdout.splitlines() if line.startswith("FAILED")]
    return [name for line in lines for name in NAMES if name in line[:31]]


def test_an_honest_market_passes_every_check(honest: Result, out: Path) -> None:
    assert honest.exit_code == 0, honest.output
    lines = honest.stdout.splitlines()
    assert [line[:6] for line in lines] == ["passed"] * 8
    assert all(name in line for name, line in zip(NAMES, lines, strict=True))
    checks = checks_of(out)
    assert list(checks) == NAMES
    assert all(c["passed"] and c["faults"] == [] for c in checks.values())
    # The trials asked for, the three windows, five cuts, two beginnings, the three indices.
    trials = [checks[name]["trials"] for name in NAMES[:5]]
    assert trials[0] == 4
    assert trials[1:2] + trials[3:] == [3, 2, 3]
    assert checks["label against fill"]["trials"] != 0


def test_the_outcome_names_the_run_that_it_is_of(honest: Result, market: Path, out: Path) -> None:
    content = json.loads((out / "audit.json").read_text(encoding="utf-8"))
    assert set(content) == {"spec_digest", "data_digest", "chain_digest", "checks"}
    assert content["spec_digest"] == spec_of(market).digest
    assert content["data_digest"] == data_digest(prepare(spec_of(market)).market)
    assert {p.name for p in out.iterdir()} == {"run.toml", "models", "audit.json", ".lock"}


def test_a_second_audit_trains_no_window_again_and_says_the_same(
    honest: Result, market: Path, out: Path
) -> None:
    models = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in (out / "models").iterdir()}
    said = (out / "audit.json").read_bytes()
    assert len(models) == 3
    again = called(market, "--out", str(out))
    assert again.stdout == honest.stdout
    assert (out / "audit.json").read_bytes() == said
    assert models == {
        p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in (out / "models").iterdir()
    }


def test_a_join_by_date_fails_and_the_us_series_and_a_day_are_named(
    market: Path, tmp_path: Path
) -> None:
    result = called(market, "--set", "features.join=same-date", "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert {"another future", "truncation", "ledger against prices"} <= set(failed(result))
    checks = checks_of(tmp_path / "out")
    for name in ("another future", "truncation"):
        faults = checks[name]["faults"]
        assert isinstance(faults, list)
        assert [fault.split(" on ")[0] for fault in faults] == ["GSPC", "NG"]
        for fault in faults:
            day = fault.split(" on ")[1].split(":")[0]
            assert "2015-06" < day < "2016-06", day
            assert "its input changes with what is known later" in fault
            assert fault in result.stdout
    assert not checks["another future"]["passed"]
    # The driver's next close is the stocks' next session.
    (fault,) = checks["ledger against prices"]["faults"]
    assert fault.startswith("GSPC on ")


def test_the_markets_own_index_declared_a_day_early_is_found_by_the_prices(
    market: Path, tmp_path: Path
) -> None:
    early = declare(market, tmp_path / "early", DAY_EARLY.format("KS11", "XKRX"))
    result = called(early)
    assert result.exit_code == 1
    # The declared instant is what the other checks go by: only prices can tell.
    assert "ledger against prices" in failed(result)
    assert not {"another future", "trained again", "truncation", "warm-up"} & set(failed(result))
    (line,) = (x for x in result.stdout.splitlines() if "KS11 on" in x)
    assert "declared known by the close, it goes with the stocks' next session (+0." in line


def test_an_unrelated_index_declared_early_is_said_not_to_be_seen(
    honest: Result, market: Path, tmp_path: Path
) -> None:
    entry = '[indices.NG]\ntimezone = "America/New_York"\nclose = 17:00:00\nlag_hours = -24\n'
    result = called(declare(market, tmp_path / "early", entry))
    assert result.exit_code == 0, result.output
    for found in (honest, result):
        (line,) = (x for x in found.stdout.splitlines() if "ledger against prices" in x)
        assert "; a wrong time of NG could not be seen" in line
        assert line.endswith("NG (24 h)") == (found is result)


@pytest.mark.slow
def test_an_honest_market_with_ranks_stops_and_a_delisting_passes_every_check(
    market: Path, tmp_path: Path
) -> None:
    folder = declare(market, tmp_path / "delisted", "")
    prices = pd.read_parquet(folder / "prices.parquet")
    days = np.sort(prices["Date"].unique())
    prices = prices[(prices["Code"] != "000000") | (prices["Date"] < days[215])]
    prices.to_parquet(folder / "prices.parquet", index=False)
    (folder / "listings.csv").write_text(
        f"Code,Delisted,DelistingDate\n000000,True,{pd.Timestamp(days[218]):%Y-%m-%d}\n",
        encoding="utf-8",
    )
    for changes in ((), ("universe.top=2", "universe.value_days=20", "strategy.stop_loss=0.02",
                         "strategy.take_profit=0.02")):  # fmt: skip
        checks = audit(spec_of(folder, *changes), trials=20)
        assert [fault for check in checks for fault in check.faults] == []


@pytest.mark.slow
def test_the_outcome_does_not_depend_on_the_jobs(
    honest: Result, market: Path, out: Path, tmp_path: Path
) -> None:
    result = called(market, "--out", str(tmp_path / "out"), "--jobs", "2")
    assert result.stdout == honest.stdout
    assert (tmp_path / "out" / "audit.json").read_bytes() == (out / "audit.json").read_bytes()


@pytest.mark.slow
def test_the_outcome_of_a_join_by_date_does_not_depend_on_the_jobs(
    market: Path, tmp_path: Path
) -> None:
    spec = spec_of(market, "features.join=same-date")
    one, two = (audit(spec, trials=7, jobs=jobs) for jobs in (1, 2))
    assert one == two
    assert not one[0].passed


@pytest.mark.slow
def test_the_models_of_an_earlier_run_are_audited_and_its_files_are_left_alone(
    market: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    changes = [part for change in TINY for part in ("--set", change)]
    arguments = ["run", "krx", "--market", str(market), "--out", str(out), *changes]
    assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 0
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in out.rglob("*") if p.is_file()}
    assert called(market, "--out", str(out)).exit_code == 0
    assert (out / "audit.json").is_file()
    assert before == {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in before}


def test_without_a_directory_nothing_is_kept(
    market: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    checks = audit(spec_of(market), trials=1)
    assert checks.passed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [("--trials", "0"), ("--jobs", "0"), ("--seed", "-1"), ("--set", "universe.top=0")]
)
def test_a_misuse_is_refused_and_leaves_no_file(
    market: Path, tmp_path: Path, arguments: tuple[str, str]
) -> None:
    result = called(market, "--out", str(tmp_path / "out"), *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_check_names_six_faults_and_counts_the_rest() -> None:
    found = Check("another future", 9, tuple(f"S{n} on a day" for n in range(9)), "said so")
    passed = Check("placebo", 1, (), "measured")
    assert repr(Audit([found, passed])).splitlines() == [
        "FAILED   another future      9  said so",
        *(f"{'':32}S{n} on a day" for n in range(6)),
        f"{'':32}and 3 more",
        "passed   placebo             1  measured",
    ]
    assert not Audit([found, passed]).passed
    assert Audit([passed]).passed
