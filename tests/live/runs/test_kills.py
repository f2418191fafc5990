"""A server killed at any instant goes on where its journal ends, and ends with the same bytes."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rollsight.backtests.directory.result import read_table
from rollsight.live.desks import replay_journal

KILLS, SESSIONS = 30, 90
PATIENCE = 120.0  # seconds that a server may take to begin, on a busy machine


def served(run: Path, first: str, last: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "rollsight", "live", str(run), "--replay", f"{first}:{last}",
         "--speed", "1000", "--paper", "--port", "0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def until(server: subprocess.Popen[bytes], path: Path, count: int) -> None:
    """Wait until a journal has so many lines."""
    end = time.monotonic() + PATIENCE
    while lines(path) < count:
        assert server.poll() is None, "the server ended by itself"
        assert time.monotonic() < end, f"{lines(path)} lines of {count}"
        time.sleep(0.005)


@pytest.mark.slow
def test_killed_at_thirty_instants_the_journal_ends_with_the_same_bytes(
    run_folder: Path, tmp_path: Path
) -> None:
    days = read_table(run_folder, "equity")["date"].astype(str)
    first, last = days.iloc[0], days.iloc[SESSIONS - 1]
    # The folder and its market, which stands beside it, are not touched.
    once, often = (tmp_path / name / "small" for name in ("once", "often"))
    for out in (once, often):
        shutil.copytree(run_folder, out)
    whole = replay_journal(once)
    server = served(once, first, last)
    until(server, whole, SESSIONS + 1)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()

    draw, kept = random.Random(16), replay_journal(often)
    done = 0
    for kill in range(KILLS):
        server = served(often, first, last)
        if kill % 3:  # while it writes, or before it has begun to
            until(server, kept, min(done + draw.randint(1, 4), SESSIONS + 1))
            time.sleep(draw.random() * 0.05)
        else:
            time.sleep(draw.random() * 6)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        assert lines(kept) >= done  # what was written stays
        done = lines(kept)
    server = served(often, first, last)
    until(server, kept, SESSIONS + 1)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    assert kept.read_bytes() == whole.read_bytes()
