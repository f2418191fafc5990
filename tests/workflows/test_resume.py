"""A run that is killed at any instant goes on, and ends with the bytes of one that was not."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rollsight.backtests.directory.directory import RUNNING
from tests.support.commands import TINY, contents
from tests.support.planted import planted_market

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and process groups are POSIX's"),
]

KILLS, TORN = 15, 5  # of each number of jobs; so many of them inside a write
# What a background job starts ignores Ctrl-C, unless told otherwise.
RUN = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from rollsight.commands import main
main()
"""
IN_A_ROW = 4  # kills of one directory, before it is left to end
SMALL = [*TINY, "--set", "windows.test_days=20"]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted_market(
        tmp_path_factory.mktemp("market"), seed=3, strength=0.4, n_stocks=6, n_days=360
    )


def started(market: Path, out: Path, jobs: int, *, epochs: int = 2) -> "subprocess.Popen[str]":
    """Start a run as the leader of a process group of its own."""
    command = [sys.executable, "-c", RUN, "run", "krx", "--market", str(market), "--out", str(out)]
    more = ["--jobs", str(jobs), "--set", f"training.epochs={epochs}"]
    patient = ["--set", f"training.patience={epochs}"]
    return subprocess.Popen(
        [*command, *SMALL, *more, *patient],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def ended(run: "subprocess.Popen[str]") -> None:
    _, said = run.communicate()
    assert run.returncode == 0, said


def torn(out: Path) -> set[Path]:
    return {*out.glob(".*.partial"), *out.glob("models/.*.partial")}


def stored(out: Path) -> bool:
    return any((out / "models").glob("*.pt"))


def at_work(run: "subprocess.Popen[str]", out: Path) -> bool:
    """Wait until a run has its directory and a network is stored, and return whether it goes on."""
    running = out / RUNNING
    while run.poll() is None:
        if stored(out) and running.is_file() and f'"pid": {run.pid},' in running.read_text():
            return True
        time.sleep(0.001)
    return False


def in_a_write(run: "subprocess.Popen[str]", out: Path, writes: int) -> bool:
    """Wait for so many writes, the last one still under way, and return whether it came so far."""
    seen = torn(out)
    left = writes
    while run.poll() is None:
        new = torn(out) - seen
        seen |= new
        left -= len(new)
        if new and left <= 0:
            return True
    return False


def kill(run: "subprocess.Popen[str]", *, workers: bool) -> None:
    """Kill a run, and its workers with it or not: those see to that themselves."""
    if workers:
        os.killpg(run.pid, signal.SIGKILL)
    else:
        run.kill()
    run.wait()
    assert run.stderr is not None
    run.stderr.close()


def struck(market: Path, folder: Path, jobs: int, life: float) -> list[Path]:
    """Kill runs until there were enough kills, and return the directories, which all ended."""
    rng = np.random.default_rng(jobs)
    kills = inside = 0
    outs: list[Path] = []
    while kills < KILLS or inside < TORN:
        assert len(outs) < 3 * KILLS, f"{inside} of {kills} kills were inside a write"
        out = folder / f"jobs{jobs}-{len(outs)}"
        outs.append(out)
        for _ in range(IN_A_ROW):
            run = started(market, out, jobs)
            goes_on, earlier = at_work(run, out), torn(out)
            if goes_on and inside < TORN:
                goes_on = in_a_write(run, out, int(rng.integers(1, 9)))
            elif goes_on:
                time.sleep(life * rng.random() ** 2)  # the more often, the earlier
                goes_on = run.poll() is None
            if not goes_on:
                break
            kill(run, workers=jobs == 1 or bool(rng.integers(2)))
            kills += 1
            inside += bool(torn(out) - earlier)
        else:
            run = started(market, out, jobs)
        ended(run)
    return outs


def test_a_run_killed_at_any_instant_goes_on_and_ends_with_the_same_bytes(
    market: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "whole"
    run = started(market, whole, 1)
    assert at_work(run, whole)
    began = time.monotonic()
    ended(run)
    life = time.monotonic() - began
    expected = contents(whole)
    assert not torn(whole)
    with ThreadPoolExecutor(2) as lanes:
        tasks = [lanes.submit(struck, market, tmp_path, jobs, life) for jobs in (1, 2)]
        outs = [out for task in tasks for out in task.result()]
    for out in outs:
        found = contents(out)
        assert found.keys() == expected.keys(), out
        assert found == expected, out


def workers_of(run: "subprocess.Popen[str]") -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(run.pid), "-f", "LokyProcess"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [int(pid) for pid in found.stdout.split()]


def last_words(run: "subprocess.Popen[str]") -> list[str]:
    """Return what a run says that is about no stage, when it has ended."""
    _, said = run.communicate()
    return [line for line in said.splitlines() if not line.split(": ")[-1][0].isdigit()]


def test_a_run_outlives_a_killed_worker_and_ends_with_the_same_bytes(
    market: Path, tmp_path: Path
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "run"
    ended(started(market, whole, 1, epochs=100))
    run = started(market, out, 2, epochs=100)
    assert at_work(run, out)
    os.kill(workers_of(run)[0], signal.SIGKILL)
    ended(run)
    assert contents(out) == contents(whole)
    assert not (out / RUNNING).exists()


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_in_one_line_and_keeps_what_is_finished(
    market: Path, tmp_path: Path, jobs: int
) -> None:
    out = tmp_path / "run"
    run = started(market, out, jobs, epochs=100)
    assert at_work(run, out)
    os.killpg(run.pid, signal.SIGINT)
    assert last_words(run) == [
        f"Interrupted; finished networks are kept in {out}: the same call goes on"
    ]
    assert run.returncode == 130
    assert stored(out)
    assert not torn(out)
    assert not (out / RUNNING).exists()
