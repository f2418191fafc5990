"""A finished run is readable whenever the call that replaces it is killed, which then goes on."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from rollsight.backtests.directory.result import read_manifest, read_result
from tests.support.commands import TINY, contents, invoke
from tests.support.planted import planted_market

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and forks are POSIX's"),
]

# Everything is imported, and nothing computed, before it forks.
NURSERY = """
import json, os, sys
import rollsight.workflows.run, rollsight.workflows.update
from rollsight.commands import main
from tests.support.processes.forks import killed_at
def silently(arguments):
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    main(arguments, standalone_mode=False)
for line in sys.stdin:
    step, *arguments = json.loads(line)
    print(json.dumps(killed_at(step, lambda: silently(arguments))), flush=True)
"""
NEVER = 10**9
SESSIONS = 5  # that the finished run does not know of
Nursery = "subprocess.Popen[str]"


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """A process whose children are killed at a step."""
    command = [sys.executable, "-c", NURSERY]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


def killed(nursery: Nursery, step: int, *arguments: str) -> bool:
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(json.dumps([step, *arguments]) + "\n")
    nursery.stdin.flush()
    return bool(json.loads(nursery.stdout.readline()))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("market")
    return planted_market(folder, seed=3, strength=0.4, n_stocks=6, n_days=360)


@pytest.fixture(scope="module")
def old(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, whose market has grown since."""
    out: Path = tmp_path_factory.mktemp("runs") / "old"
    prices, indices = (pd.read_parquet(market / f"{n}.parquet") for n in ("prices", "indices"))
    end = sorted(prices["Date"].unique())[-1 - SESSIONS]
    prices[prices["Date"] <= end].to_parquet(market / "prices.parquet", index=False)
    indices[indices.index <= end].to_parquet(market / "indices.parquet")
    invoke("run", "krx", "--market", str(market), "--out", str(out), *TINY)
    prices.to_parquet(market / "prices.parquet", index=False)
    indices.to_parquet(market / "indices.parquet")
    return out


@pytest.mark.parametrize("kind", ["run", "update", "fresh", "fresh, then not"])
def test_whenever_a_call_is_killed_the_old_run_is_read_and_the_same_call_ends_alike(
    nursery: Nursery, market: Path, old: Path, tmp_path: Path, kind: str
) -> None:
    def call(out: Path) -> list[str]:
        if kind == "update":
            return ["update", str(out)]
        own = ["run", "krx", "--market", str(market), "--out", str(out), *TINY]
        other = ["--set", "windows.test_days=40", "--set", "label.horizon=2"]
        return own if kind == "run" else [*own, *other, "--fresh"]

    whole = shutil.copytree(old, tmp_path / "whole")
    assert not killed(nursery, NEVER, *call(whole))
    expected, kills, went_on, step = contents(whole), 0, 0, 0
    while True:
        out = shutil.copytree(old, tmp_path / str(step))
        if not killed(nursery, step, *call(out)):
            break
        kills += 1
        assert read_result(out).manifest in [read_manifest(old), read_manifest(whole)], step
        if kills % 3 == 0:
            assert "Report:" in invoke("report", str(out))
        if kind == "fresh, then not":
            assert not killed(nursery, NEVER, *[w for w in call(out) if w != "--fresh"])
            went_on += contents(out) == expected
            # What was killed before it began leaves a finished run of another spec: refused.
            assert read_manifest(out) in [read_manifest(old), read_manifest(whole)], step
        if kind != "fresh, then not" or contents(out) != expected:
            assert not killed(nursery, NEVER, *call(out))
        assert contents(out) == expected, step
        shutil.rmtree(out)
        step += 3 + step // 2
    assert kills >= 5
    assert kind != "fresh, then not" or 5 <= went_on < kills
