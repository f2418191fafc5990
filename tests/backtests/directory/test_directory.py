"""A run's directory belongs to one run at a time, and no stranger's file is ever touched."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rollsight.backtests.directory.claims import claim
from rollsight.backtests.directory.directory import LOCK, MARKER, RUNNING, is_run, own_files
from rollsight.backtests.spec import read_spec
from rollsight.base.errors import RollsightError

SPEC = read_spec("sample")
HOLDER = """
import sys
from pathlib import Path
from rollsight.backtests.directory.claims import claim
from rollsight.backtests.spec import read_spec
with claim(Path(sys.argv[1]), read_spec("sample")):
    print("held", flush=True)
    sys.stdin.readline()
"""


def held_by(out: Path) -> "subprocess.Popen[str]":
    """Return a process that claims a directory until it is told, or killed."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(out)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def refusal(out: Path, *, fresh: bool = False) -> str:
    with pytest.raises(RollsightError) as caught, claim(out, SPEC, fresh=fresh):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def names(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*")}


def test_a_second_run_is_told_who_was_first_and_touches_nothing(tmp_path: Path) -> None:
    out = tmp_path / "run"
    holder = held_by(out)
    about = json.loads((out / RUNNING).read_text())
    assert about["pid"] == holder.pid
    before = {p: p.read_bytes() for p in out.iterdir() if p.is_file()}
    for fresh in (False, True):
        said = refusal(out, fresh=fresh)
        assert f"process {holder.pid} on {about['host']} (since {about['started']})" in said
    assert {p: p.read_bytes() for p in out.iterdir() if p.is_file()} == before
    holder.communicate("\n")
    assert holder.returncode == 0
    with claim(out, SPEC):
        assert json.loads((out / RUNNING).read_text())["pid"] == os.getpid()
        assert "process" in refusal(out)
    assert names(out) == {LOCK, "run.toml", "models"}


def test_the_lock_of_a_killed_run_is_no_obstacle(tmp_path: Path) -> None:
    holder = held_by(tmp_path)
    holder.kill()
    holder.communicate()
    assert names(tmp_path) == {LOCK, RUNNING, "run.toml", "models"}
    with claim(tmp_path, SPEC):
        pass
    assert names(tmp_path) == {LOCK, "run.toml", "models"}


def test_an_error_lets_go_of_the_directory(tmp_path: Path) -> None:
    with pytest.raises(KeyError), claim(tmp_path, SPEC):
        raise KeyError
    with claim(tmp_path, SPEC):
        pass


@pytest.mark.parametrize(
    "left",
    [
        [],
        [LOCK],
        [LOCK, "..running.4711.partial"],
        [LOCK, RUNNING],
        [LOCK, RUNNING, ".run.toml.4711.partial"],
    ],
)
def test_what_a_run_killed_at_its_first_steps_leaves_is_ours(
    tmp_path: Path, left: list[str]
) -> None:
    for name in left:
        (tmp_path / name).write_text("")
    with claim(tmp_path, SPEC):
        assert is_run(tmp_path)


@pytest.mark.parametrize("name", ["thesis.txt", ".thesis.txt.4711.partial", "run.toml", "models"])
def test_what_is_not_ours_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("years of work")
    (tmp_path / ".run.toml.4711.partial").write_text("")
    for fresh in (False, True):
        assert f"'{name}'" in refusal(tmp_path, fresh=fresh)
    assert names(tmp_path) == {name, ".run.toml.4711.partial"}


def test_a_fresh_run_removes_what_runs_wrote_and_no_strangers_file(tmp_path: Path) -> None:
    ours = ["signals.parquet", "report.html", "audit.json", "models/000-0.pt", "models/007.pt",
            "models/1000-12.pt", ".equity.parquet.4711.partial", "models/.000-1.pt.4711.partial",
            "leak/manifest.json", "leak/models/000-0.pt", "leak/.lock"]  # fmt: skip
    strange = ["notes.txt", "signals.csv", "models/best.pt", ".notes.txt.1.partial", "data/x.pt"]
    for name in (*ours, *strange):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    for folder in (tmp_path, tmp_path / "leak"):
        (folder / "run.toml").write_text(f"{MARKER}\nold")
    with claim(tmp_path, SPEC):
        assert {*ours, *strange} <= names(tmp_path)
    with claim(tmp_path, SPEC, fresh=True):
        assert set(own_files(tmp_path)) == {tmp_path / "run.toml", tmp_path / RUNNING}
    assert names(tmp_path) == {*strange, "data", "models", "run.toml", LOCK}
    assert read_spec(str(tmp_path / "run.toml")) == SPEC


def test_a_fresh_run_leaves_a_leaking_run_with_a_strangers_file_its_folder(tmp_path: Path) -> None:
    (tmp_path / "leak").mkdir()
    for folder in (tmp_path, tmp_path / "leak"):
        (folder / "run.toml").write_text(f"{MARKER}\nold")
    (tmp_path / "leak" / "notes.txt").write_text("x")
    (tmp_path / "leak" / "metrics.json").write_text("x")
    with claim(tmp_path, SPEC, fresh=True):
        pass
    assert names(tmp_path / "leak") == {"notes.txt", "run.toml", LOCK}


def test_a_fresh_run_may_be_the_first(tmp_path: Path) -> None:
    with claim(tmp_path / "new" / "run", SPEC, fresh=True):
        assert is_run(tmp_path / "new" / "run")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "cannot be written" in refusal(tmp_path / "file" / "run")


def test_starting_over_removes_nothing_that_a_link_leads_to(tmp_path: Path) -> None:
    other, out = tmp_path / "other", tmp_path / "out"
    for folder in (other, out):
        with claim(folder, read_spec("sample")):
            pass
        (folder / "models" / "000-0.pt").write_bytes(b"a network")
    (out / "models" / "000-0.pt").unlink()
    (out / "models").rmdir()
    (out / "models").symlink_to(other / "models")
    (out / "leak").symlink_to(other)
    with claim(out, read_spec("sample"), fresh=True):
        pass
    assert (other / "models" / "000-0.pt").read_bytes() == b"a network"
    assert (other / "run.toml").is_file()
