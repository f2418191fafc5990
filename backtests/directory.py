"""A run's directory: whose it is, who writes to it, and which of its files are ours."""

import json
import os
import re
import socket
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from rollsight.backtests.spec import RunSpec, to_toml
from rollsight.signals.errors import RollsightError
from rollsight.signals.files import whole_name, write_text

MARKER = "# A rollsight run; the keys below are all that it depends on beside its data."
TABLES = (
    "windows",
    "signals",
    "trades",
    "orders",
    "equity",
    "attribution",
    "attribution_summary",
    "closes",
)
SPEC = "run.toml"
# Empty, and it stays: to delete it could split the lock between two runs that wait for it.
LOCK = ".lock"
RUNNING = ".running"  # who holds the lock
WRITTEN = {f"{table}.parquet" for table in TABLES} | {
    "manifest.json", "metrics.json", "report.html", "timings.json", "audit.json",
}  # fmt: skip
NETWORK = re.compile(r"\d{3,}(-\d+)?\.pt")  # without a seed: of earlier formats


@contextmanager
def claim(out: Path, spec: RunSpec, *, fresh: bool = False) -> Iterator[None]:
    """Make ``out`` a run's directory, and keep every other run from it as long as this one goes on.

    Parameters
    ----------
    fresh : remove an earlier run's files; else they stay until the new ones are written

    Raises
    ------
    RollsightError
        If it is a file, a folder that holds something else than a run, or another run's at present.
    """
    _refuse_foreign(out)
    with ExitStack() as held:
        try:
            out.mkdir(parents=True, exist_ok=True)
            held.enter_context(locked(out))
            if fresh:
                _clear(out)
            if fresh or not is_run(out):
                write_spec(spec, out)
            (out / "models").mkdir(exist_ok=True)
        except OSError as error:
            raise RollsightError(f"--out {out} cannot be written ({error.strerror})") from error
        yield


def is_run(folder: Path) -> bool:
    """Return whether a folder holds a run of ours."""
    path = folder / SPEC
    return path.is_file() and path.read_bytes().removeprefix(BOM_UTF8).startswith(MARKER.encode())


def write_spec(spec: RunSpec, out: Path) -> None:
    """Write the whole spec, with the line by which a run's directory is known."""
    write_text(out / SPEC, f"{MARKER}\n{to_toml(spec)}")


def own_files(out: Path) -> list[Path]:
    """Return the files that runs have written into a directory, torn ones too; no stranger's."""
    top = [p for p in out.iterdir() if whole_name(p) in WRITTEN | {SPEC, RUNNING}]
    models = out / "models"
    # What a link leads to may be another run's.
    inside = [] if models.is_symlink() else [*models.glob("*")]
    networks = [p for p in inside if NETWORK.fullmatch(whole_name(p))]
    return [path for path in (*top, *networks) if path.is_file()]


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise RollsightError(f"--out {out} is a file: name a new folder, or one of an earlier run")
    if is_run(out) or not out.is_dir():
        return
    # A run that was killed at its first step leaves these.
    foreign = [p.name for p in out.iterdir() if whole_name(p) not in {LOCK, RUNNING, SPEC}]
    foreign += [SPEC] if (out / SPEC).exists() else []
    if foreign:
        raise RollsightError(
            f"--out {out} holds {sorted(foreign)[:5]} but no run of rollsight: name a new folder, "
            "or one of an earlier run"
        )


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold a directory against every other process.

    Raises
    ------
    RollsightError
        If another process holds it, naming that.
    """
    # The system lets go of the lock when its process ends, however it ends.
    lock = FileLock(out / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise RollsightError(
            f"--out {out} is written by {_writer(out)} at present: wait until that has ended, or "
            "name another folder"
        ) from error
    try:
        started = datetime.now().astimezone().isoformat(" ", "seconds")
        about = {"pid": os.getpid(), "host": socket.gethostname(), "started": started}
        write_text(out / RUNNING, json.dumps(about) + "\n")
        yield
    finally:
        (out / RUNNING).unlink(missing_ok=True)
        lock.release()


def _writer(out: Path) -> str:
    try:
        about = json.loads((out / RUNNING).read_text(encoding="utf-8"))
        return f"process {about['pid']} on {about['host']} (since {about['started']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"  # which has just begun, or is about to end


def _clear(out: Path) -> None:
    for path in own_files(out):
        # The marker stays, so that the directory is ours wherever this is cut short.
        if path.name not in {SPEC, RUNNING}:
            path.unlink()
    leak = out / "leak"
    if is_run(leak) and not leak.is_symlink():
        with locked(leak):
            _clear(leak)
        with suppress(OSError):  # what is a stranger's stays, and its folder with it
            (leak / "models").rmdir()
            if {p.name for p in leak.iterdir()} <= {SPEC, LOCK}:
                (leak / SPEC).unlink()
                (leak / LOCK).unlink()
                leak.rmdir()
