"""The command line as a user meets it: real processes, real files."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

import rollsight
from rollsight.backtests.directory.claims import claim
from rollsight.backtests.spec import read_spec
from rollsight.commands import main
from tests.support.commands import NO_BUY, TINY, called, contents, invoke, refused
from tests.support.planted import planted_market


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market")
    return planted_market(folder, seed=3, strength=0.4, n_stocks=6, n_days=360)


@pytest.fixture(scope="module")
def finished(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run without its page, for what is not about pages."""
    out = tmp_path_factory.mktemp("runs") / "tiny"
    rollsight.run(read_spec("krx", TINY[1::2], str(market)), out=out, page=False)
    return out


@pytest.fixture(scope="module")
def reported(finished: Path, market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a second call makes of it, with a page, beside what killed and longer runs leave."""
    out = shutil.copytree(finished, tmp_path_factory.mktemp("runs") / "tiny")
    for name in (".equity.parquet.7.partial", "models/.000-0.pt.7.partial", "models/999-0.pt"):
        (out / name).write_bytes(b"torn")
    invoke(*called(market, out))
    return out


@pytest.fixture(scope="module")
def untraded(market: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run without a trade, of which QuantStats draws no sheet, and what the command said."""
    out = tmp_path_factory.mktemp("runs") / "none"
    return out, invoke(*called(market, out), *NO_BUY)


def without_page(folder: Path) -> dict[str, Any]:
    """Return the files of a run but its page, and the figures that come with that."""
    found = contents(folder)
    metrics = json.loads(found.pop("metrics.json")) | {"quantstats": {}}
    return {**found, "metrics.json": metrics, "report.html": None}


def test_a_run_writes_exactly_its_directory(finished: Path, reported: Path) -> None:
    names = {p.name for p in reported.iterdir()}
    assert names == {
        "run.toml", "manifest.json", "timings.json", "windows.parquet", "models",
        "signals.parquet", "trades.parquet", "orders.parquet", "equity.parquet",
        "attribution.parquet", "attribution_summary.parquet", "closes.parquet",
        "baselines.parquet", "seeds.parquet", "metrics.json", "report.html", ".lock",
    }  # fmt: skip
    assert {p.name for p in finished.iterdir()} == names - {"report.html"}
    assert (finished / ".lock").read_bytes() == b""
    windows = pd.read_parquet(finished / "windows.parquet")
    own = {f"{n:03d}{family}-0.pt" for n in windows["number"] for family in ("", "-logistic")}
    assert {p.name for p in (finished / "models").iterdir()} == own


def test_the_tables_have_the_promised_columns(finished: Path) -> None:
    promised = {
        "signals": "decided_at code window p_down p_hold p_up score threshold buy label "
                   "label_return settled_at band",
        "trades": "trade code window decided_at entry_at exit_at entry_price exit_price shares "
                  "gross_return net_return commission tax slippage exit_reason label "
                  "label_return outcome",
        "orders": "code submitted_at side shares status filled_at price slippage commission tax "
                  "reason",
        "equity": "date equity cash return benchmark_return universe_return",
        "attribution": "trade channel lag gradient contribution",
        "attribution_summary": "method period outcome channel share contribution difference low "
                               "high p_value q_value passed reason",
        "closes": "code date close",
        "baselines": "baseline decided_at code window p_down p_hold p_up score threshold buy",
    }  # fmt: skip
    for name, columns in promised.items():
        table = pd.read_parquet(finished / f"{name}.parquet")
        assert set(columns.split()) <= set(table.columns), name


def test_the_written_spec_gives_the_same_run_again(finished: Path) -> None:
    spec = read_spec(str(finished / "run.toml"))
    manifest = json.loads((finished / "manifest.json").read_text())
    assert spec.digest == manifest["spec_digest"]


def test_two_jobs_of_another_process_write_the_same_bytes(
    finished: Path, market: Path, tmp_path: Path
) -> None:
    call = [*called(market, tmp_path / "run"), "--jobs", "2", "--no-report"]
    command = [sys.executable, "-m", "rollsight", *call]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert contents(tmp_path / "run") == contents(finished)
    assert done.stderr.endswith(
        "Note: 6 stocks without a Market in listings.csv: KOSPI's rules are used\n"
    )


def test_a_second_call_takes_the_networks_and_writes_the_same_bytes(
    finished: Path, reported: Path
) -> None:
    assert without_page(reported) == without_page(finished)
    one, two = (
        {p.name: p.stat().st_mtime_ns for p in (out / "models").iterdir()}
        for out in (finished, reported)
    )
    assert one == two


def test_a_fresh_run_starts_over_and_ends_the_same(
    finished: Path, market: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    (out / "models" / "999-0.pt").write_bytes(b"old")
    for name in ("audit.json", "report.html"):
        (out / name).write_text("old")
    spec = read_spec("krx", TINY[1::2], str(market))
    rollsight.run(spec, out=out, fresh=True, page=False)
    assert contents(out) == contents(finished)
    # A network that was taken over would be as old as it was.
    oldest = min(p.stat().st_mtime_ns for p in (out / "models").iterdir())
    assert oldest > (finished / "metrics.json").stat().st_mtime_ns


def test_runs_and_audits_are_refused_while_a_run_goes_on_and_a_report_is_made_from_its_tables(
    finished: Path, reported: Path, market: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    with claim(out, read_spec(str(finished / "run.toml"))):
        before = contents(out)
        for command in (["run"], ["run", "--fresh"], ["audit"]):
            line = refused(*command, "krx", "--market", str(market), "--out", str(out), *TINY)
            assert f"is written by process {os.getpid()} on " in line
        assert contents(out) == before
        assert "Report:" in invoke("report", str(out))
    # The page and the numbers that the run would have written.
    assert contents(out) == contents(reported)


def test_a_page_in_korean_of_two_sections_goes_to_a_file_of_its_own(
    untraded: tuple[Path, str], tmp_path: Path
) -> None:
    out, _ = untraded
    before, page = contents(out), tmp_path / "page.html"
    invoke("report", str(out), "--out", str(page), "--lang", "ko", "--sections", "spec,data")
    assert contents(out) == before
    text = page.read_text(encoding="utf-8")
    assert '<html lang="ko">' in text
    assert re.findall(r'<section id="(\w+)"', text) == ["data", "spec"]
    one = ("report", str(out), "--sections", "data")
    assert "cannot be written" in refused(*one, "--out", str(tmp_path))


def test_a_run_draws_no_page_or_the_sections_asked_for(
    untraded: tuple[Path, str], market: Path, tmp_path: Path
) -> None:
    whole, _ = untraded
    out = shutil.copytree(whole, tmp_path / "run")
    call = [*called(market, out), *NO_BUY]
    said = refused(*call, "--no-report", "--sections", "data")
    assert "--sections=data with --no-report (page=False): there is no page" in said
    assert "did you mean 'trades'" in refused(*call, "--sections", "trade")
    assert "Report:" not in invoke(*call, "--no-report")
    assert contents(out) == {k: v for k, v in contents(whole).items() if k != "report.html"}
    done = CliRunner().invoke(main, [*call, "--sections", "spec,data"])
    # The numbers, QuantStats' sheet, and two sections.
    assert "write the report: 0 of 4" in done.stderr
    assert "write the report: 4 done in" in done.stderr
    page = (out / "report.html").read_text()
    assert re.findall(r'<section id="(\w+)"', page) == ["data", "spec"]
    assert without_page(out) == without_page(whole)


def test_a_run_without_buys_still_ends_with_a_complete_report(untraded: tuple[Path, str]) -> None:
    out, said = untraded
    assert "0 trading" in said
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["overall"]["figures"]["precision"] is None
    assert metrics["headline"]["final_equity"] == metrics["headline"]["cash"]
    page = (out / "report.html").read_text()
    assert "There was no trade." in page
    assert "is below threshold.min_score=1.5" in page


def test_an_unfinished_run_says_how_to_finish(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_bytes((finished / "run.toml").read_bytes())
    assert "call rollsight run again" in refused("report", str(tmp_path))


def test_a_call_that_fails_leaves_the_finished_run_alone(
    finished: Path, market: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    before = contents(out)
    line = refused(*called(market, out), "--set", "training.learning_rate=1e30", "--fresh")
    assert "training.learning_rate=1e+30" in line
    assert contents(out) == before


def test_another_spec_does_not_take_the_place_of_a_finished_run(
    finished: Path, market: Path
) -> None:
    before = contents(finished)
    call = called(market, finished)
    line = refused(*call, "--set", "strategy.stop_loss=0.05")
    assert "another spec (strategy.stop_loss is none there and 0.05 here): name another" in line
    line = refused("audit", *call[1:], "--set", "label.horizon=4")
    assert "another spec or other data, whose models would be lost (label.horizon is 3" in line
    assert contents(finished) == before


def test_a_table_that_cannot_be_written_ends_in_one_line_and_the_next_call_goes_on(
    finished: Path, market: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with claim(out, read_spec("krx")):
        (out / "equity.parquet").mkdir()
    line = refused(*called(market, out))
    assert f"--out {out} cannot be written (Is a directory): finished networks are kept" in line
    (out / "equity.parquet").rmdir()
    # An audit of other data, or a torn one, says nothing of this run.
    (out / "audit.json").write_text('{"spec_digest": "another"')
    rollsight.run(read_spec("krx", TINY[1::2], str(market)), out=out, page=False)
    assert contents(out) == contents(finished)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda out: (out / "models" / "001-0.pt").unlink(), "models/001-0.pt is missing"),
        (
            lambda out: (out / "models" / "001-0.pt").write_bytes(b"torn"),
            "models/001-0.pt is damaged",
        ),
        (
            lambda out: shutil.copy(out / "models" / "000-0.pt", out / "models" / "001-0.pt"),
            "models/001-0.pt have digest",
        ),
        (lambda out: (out / "equity.parquet").write_bytes(b"torn"), "has a damaged file"),
        (lambda out: (out / "manifest.json").write_text("[]"), "has a damaged file"),
        (lambda out: without_format(out / "manifest.json"), "is of format 1, this rollsight reads"),
    ],
)
def test_a_spoilt_run_directory_is_refused_by_the_file(
    finished: Path, tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    spoil(out)
    before = contents(out)
    for command in (["report"], ["compare", str(finished)], ["update"]):
        assert said in refused(*command, str(out)), command
    assert contents(out) == before


def test_numbers_of_another_run_are_not_compared(finished: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    metrics = json.loads((out / "metrics.json").read_text())
    spoilt = {"cannot be read": {}, "has the numbers of another run": other_data(metrics)}
    for said, content in spoilt.items():
        (out / "metrics.json").write_text(json.dumps(content))
        line = refused("compare", str(finished), str(out))
        assert f"metrics.json {said}" in line
        assert f"call rollsight report {out} to write it again" in line
    invoke("report", str(out), "--sections", "data")
    assert "Trades" in invoke("compare", str(finished), str(out))


def other_data(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return metrics as they are of another market."""
    return metrics | {"digests": metrics["digests"] | {"data_digest": "0" * 64}}


def without_format(path: Path) -> None:
    """Make a manifest one of a directory that was written before formats were counted."""
    manifest = json.loads(path.read_text())
    del manifest["format"]
    path.write_text(json.dumps(manifest))
