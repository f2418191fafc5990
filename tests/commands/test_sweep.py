"""The command rollsight sweep as a user meets it: real processes, real files."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from rollsight.commands import main
from tests.support.commands import TINY, error_line, invoke, refused
from tests.support.planted import planted_market
from tests.workflows.test_resume import RUN

GRID = ["--grid", "strategy.stop_loss=none,0.05", "--grid", "threshold.min_buys=10,30"]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted_market(
        tmp_path_factory.mktemp("market"), seed=3, strength=0.4, n_stocks=6, n_days=360
    )


def asked(market: Path, out: Path, *more: str) -> list[str]:
    return ["sweep", "krx", "--market", str(market), "--out", str(out), *TINY, *more]


def started(*arguments: str, largest: str = "unlimited") -> "subprocess.Popen[str]":
    """Start the command in a process group of its own, with a largest file in KiB."""
    return subprocess.Popen(
        ["bash", "-c", f'ulimit -f {largest}; exec "$@"', "-", sys.executable, "-c", RUN,
         *arguments],
        text=True, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_dry_run_prints_the_plan_and_writes_nothing(market: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = invoke(*asked(market, out, *GRID, "--grid", "label.horizon=3,5", "--dry-run"))
    assert said.splitlines() == [
        "8 trials",
        "6 distinct trainings in 2 sets of networks",
        "4 distinct tables of signals, 8 backtests",
        "about 1 min at most with jobs=1",
        "on top of that: the page and 1 kept run with its own",
    ]
    assert not out.exists()


def test_a_plan_that_tries_in_batches_says_what_all_of_them_take(
    market: Path, tmp_path: Path
) -> None:
    tpe = ["--sampler", "tpe", "--trials", "20", "--grid", "label.horizon=3..5", "--keep", "0"]
    said = invoke(*asked(market, tmp_path / "out", *tpe, "--dry-run")).splitlines()
    assert said[0] == "20 trials, 8 at a time; of the first:"
    assert said[-2:] == [
        "up to 3 times that in all, a batch each",
        "on top of that: the page",
    ]


def test_a_sweep_says_what_it_chose_and_where_its_report_is(market: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(main, asked(market, out, *GRID), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "4 trials" in result.stderr
    assert "best on validation" in result.stderr
    assert "Note: 6 stocks without a Market in listings.csv: " in result.stderr
    assert re.search(r"Trials +4 done, 0 failed, 4 ever", result.stdout)
    assert re.search(r"Chosen +trial \d: strategy.stop_loss=", result.stdout)
    assert f"Report: {out / 'report.html'}" in result.stdout
    assert (out / "report.html").is_file()
    # The folder's own file is a spec with its sweep.
    again = invoke("sweep", str(out / "sweep.toml"), "--out", str(out))
    assert again == result.stdout


def test_bad_input_is_refused_in_one_line_that_names_it(market: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for wrong, said in {
        "strategy.stop_los=0.1": "did you mean 'stop_loss'?",
        "strategy.stop_loss=wide": "strategy.stop_loss='wide' is not allowed",
        "model.width=0": "model.width=0 is not allowed",
    }.items():
        assert said in refused(*asked(market, out, "--grid", wrong))
    hundred = ",".join(map(str, range(1, 101)))
    keys = ("threshold.min_buys", "strategy.max_positions", "label.horizon")
    million = [part for key in keys for part in ("--grid", f"{key}={hundred}")]
    assert refused(*asked(market, out, *million)) == (
        "Error: the sweep has 1,000,000 trials, over 10,000: draw fewer with --random N, or insist "
        "with --yes"
    )
    assert "is a sampler: leave --sampler and --trials out" in refused(
        *asked(market, out, *GRID, "--random", "2", "--sampler", "tpe")
    )
    assert "needs something to sweep" in refused(*asked(market, out))
    assert not out.exists()


def test_a_million_is_drawn_from(market: Path, tmp_path: Path) -> None:
    hundred = ",".join(map(str, range(1, 101)))
    keys = ("threshold.min_buys", "strategy.max_positions", "training.seed")
    million = [part for key in keys for part in ("--grid", f"{key}={hundred}")]
    said = invoke(*asked(market, tmp_path / "out", *million, "--random", "5", "--dry-run"))
    assert said.startswith("5 trials\n")


def test_what_every_trial_lacks_is_refused_and_is_no_try(market: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert "nosuch" in refused("sweep", "krx", "--market", "nosuch", "--out", str(out), *GRID)
    assert "must be below" in refused(*asked(market, out, "--grid", "label.down=0.03"))
    assert not out.exists()


def test_a_sweep_of_nothing_but_failures_ends_with_exit_code_1(
    market: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(main, asked(market, out, "--grid", "label.down=0.03,0.05"))
    assert result.exit_code == 1
    assert re.search(r"Trials +0 done, 2 failed, 2 ever", result.stdout)
    table = pd.read_parquet(out / "trials.parquet")
    assert table["error"].str.contains("must be below").all()
    assert "must be below" in (out / "report.html").read_text()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk_ends_in_one_line_and_loses_nothing(
    market: Path, tmp_path: Path, jobs: int
) -> None:
    out = tmp_path / "out"
    call = asked(market, out, *GRID, "--jobs", str(jobs), "--keep", "0")
    process = started(*call, largest="40")
    _, stderr = process.communicate(timeout=300)
    assert process.returncode == 2
    line = error_line("\n".join(s for s in stderr.splitlines() if s.startswith("Error")))
    assert line == (
        f"Error: {out} cannot be read or written (File too large): mend that or make room, and "
        "make the same call again; what is finished is kept"
    )
    kept = {p.name: p.stat().st_mtime_ns for p in (out / "networks").glob("*.pt")}
    assert len(kept) == 3
    invoke(*asked(market, out, *GRID, "--keep", "0"))
    assert {p.name: p.stat().st_mtime_ns for p in (out / "networks").glob("*.pt")} == kept
    assert not list(out.rglob("*.partial"))


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_in_one_line_and_keeps_what_is_finished(
    market: Path, tmp_path: Path, jobs: int
) -> None:
    out = tmp_path / "out"
    many = ["--grid", "strategy.max_positions=" + ",".join(map(str, range(1, 13)))]
    process = started(*asked(market, out, *many, "--jobs", str(jobs), "--keep", "0"))
    while process.poll() is None and len(list((out / "outcomes").glob("*.arrays"))) < 3:
        time.sleep(0.01)
    # Ctrl-C reaches every process of a terminal.
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 130, stderr
    assert stderr.splitlines()[-1] == (
        f"Interrupted; finished networks and trials are kept in {out}: the same call goes on"
    )
    assert "Traceback" not in stderr
    kept = {p.name: p.stat().st_mtime_ns for p in (out / "outcomes").glob("*.arrays")}
    assert 3 <= len(kept) < 12
    invoke(*asked(market, out, *many, "--keep", "0"))
    after = {p.name: p.stat().st_mtime_ns for p in (out / "outcomes").glob("*.arrays")}
    assert len(after) == 12
    assert {name: after[name] for name in kept} == kept
