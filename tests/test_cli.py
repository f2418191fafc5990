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

from rollsight.backtests.directory.claims import claim
from rollsight.backtests.spec import read_spec
from rollsight.commands import main
from tests.planted import planted_market

TINY = [
    "--set", "market.benchmark=KS11", "--set", "market.indices=all",
    "--set", "features.lookback=20", "--set", "model.blocks=1", "--set", "model.width=4",
    "--set", "training.epochs=2", "--set", "windows.train_days=150",
    "--set", "windows.validation_days=60", "--set", "windows.test_days=60",
    "--set", "label.horizon=3",
]  # fmt: skip


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted_market(
        tmp_path_factory.mktemp("market"), seed=3, strength=0.4, n_stocks=6, n_days=360
    )


@pytest.fixture(scope="module")
def finished(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "tiny"
    invoke("run", "krx", "--market", str(market), "--out", str(out), *TINY)
    return out


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str) -> str:
    """Return the one line with which a command refuses."""
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 2
    return error_line(result.stderr)


def error_line(stderr: str) -> str:
    """Return the one line that stderr has beside those of the stages."""
    stage = re.compile(r"[a-z ]+: (\d+ done in [\d:]+|\d+ of \d+(, [\d:]+ left)?)")
    (line,) = [line for line in stderr.splitlines() if not stage.fullmatch(line)]
    assert line.startswith("Error: ")
    return line


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "timings.json"
    }


def test_a_run_writes_exactly_its_directory(finished: Path) -> None:
    names = {p.name for p in finished.iterdir()}
    assert names == {
        "run.toml", "manifest.json", "timings.json", "windows.parquet", "models",
        "signals.parquet", "trades.parquet", "orders.parquet", "equity.parquet",
        "attribution.parquet", "attribution_summary.parquet", "closes.parquet",
        "metrics.json", "report.html", ".lock",
    }  # fmt: skip
    assert (finished / ".lock").read_bytes() == b""
    windows = pd.read_parquet(finished / "windows.parquet")
    assert len(list((finished / "models").glob("*.pt"))) == len(windows)


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
    }  # fmt: skip
    for name, columns in promised.items():
        table = pd.read_parquet(finished / f"{name}.parquet")
        assert set(columns.split()) <= set(table.columns), name


def test_the_written_spec_gives_the_same_run_again(finished: Path) -> None:
    spec = read_spec(str(finished / "run.toml"))
    manifest = json.loads((finished / "manifest.json").read_text())
    assert spec.digest == manifest["spec_digest"]


def test_two_jobs_and_a_second_call_write_the_same_bytes(
    finished: Path, market: Path, tmp_path: Path
) -> None:
    out = tmp_path / "again"
    arguments = ["run", "krx", "--market", str(market), "--out", str(out), *TINY]
    done = subprocess.run(
        [sys.executable, "-m", "rollsight", *arguments, "--jobs", "2"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert contents(out) == contents(finished)
    assert done.stderr.endswith(
        "Note: 6 stocks without a Market in listings.csv: KOSPI's rules are used\n"
    )
    models = {p: p.stat().st_mtime_ns for p in (out / "models").iterdir()}
    # What killed and longer runs leave behind.
    for name in (".equity.parquet.7.partial", "models/.000-0.pt.7.partial", "models/999-0.pt"):
        (out / name).write_bytes(b"torn")
    invoke(*arguments)
    assert contents(out) == contents(finished)
    assert {p: p.stat().st_mtime_ns for p in (out / "models").iterdir()} == models


def test_a_fresh_run_starts_over_and_ends_the_same(
    finished: Path, market: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    shutil.copytree(finished, out)
    (out / "models" / "999-0.pt").write_bytes(b"old")
    (out / "audit.json").write_text("old")
    invoke("run", "krx", "--market", str(market), "--out", str(out), *TINY, "--fresh")
    assert contents(out) == contents(finished)
    # A network that was taken over would be as old as it was.
    oldest = min(p.stat().st_mtime_ns for p in (out / "models").iterdir())
    assert oldest > (finished / "report.html").stat().st_mtime_ns


def test_a_second_run_and_an_audit_are_refused_while_one_goes_on(
    finished: Path, market: Path, tmp_path: Path
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


def test_report_makes_the_same_page_from_the_tables(finished: Path) -> None:
    before = contents(finished)
    (finished / "report.html").unlink()
    assert "Report:" in invoke("report", str(finished))
    assert contents(finished) == before


def test_a_page_in_korean_of_two_sections_goes_to_a_file_of_its_own(
    finished: Path, tmp_path: Path
) -> None:
    before, page = contents(finished), tmp_path / "page.html"
    invoke("report", str(finished), "--out", str(page), "--lang", "ko", "--sections", "data,trades")
    assert contents(finished) == before
    text = page.read_text(encoding="utf-8")
    assert '<html lang="ko">' in text
    assert re.findall(r'<section id="(\w+)"', text) == ["trades", "data"]
    assert "cannot be written" in refused("report", str(finished), "--out", str(tmp_path))


def test_a_run_without_buys_still_ends_with_a_complete_report(market: Path, tmp_path: Path) -> None:
    out = tmp_path / "none"
    said = invoke(
        "run", "krx", "--market", str(market), "--out", str(out), *TINY,
        "--set", "threshold.min_score=1.5",
    )  # fmt: skip
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
    line = refused(
        "run", "krx", "--market", str(market), "--out", str(out), *TINY,
        "--set", "training.learning_rate=1e30", "--fresh",
    )  # fmt: skip
    assert "training.learning_rate=1e+30" in line
    assert contents(out) == before


def test_another_spec_does_not_take_the_place_of_a_finished_run(
    finished: Path, market: Path
) -> None:
    before = contents(finished)
    call = ["run", "krx", "--market", str(market), "--out", str(finished), *TINY]
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
    call = ("run", "krx", "--market", str(market), "--out", str(out), *TINY)
    line = refused(*call)
    assert f"--out {out} cannot be written (Is a directory): finished networks are kept" in line
    (out / "equity.parquet").rmdir()
    # An audit of other data, or a torn one, says nothing of this run.
    (out / "audit.json").write_text('{"spec_digest": "another"')
    invoke(*call)
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
    invoke("report", str(out))
    assert "Trades" in invoke("compare", str(finished), str(out))


def other_data(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return metrics as they are of another market."""
    return metrics | {"digests": metrics["digests"] | {"data_digest": "0" * 64}}


def without_format(path: Path) -> None:
    """Make a manifest one of a directory that was written before formats were counted."""
    manifest = json.loads(path.read_text())
    del manifest["format"]
    path.write_text(json.dumps(manifest))
