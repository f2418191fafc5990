"""A run's directory: whose it is, who writes to it, and which of its files are ours."""

import json
import os
import re
import socket
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from rollsight.backtests.spec import RunSpec, to_toml
from rollsight.base.errors import RollsightError
from rollsight.base.files import whole_name, write_text

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
    "baselines",
    "seeds",
)
SPEC = "run.toml"
MANIFEST = "manifest.json"  # written last: without it a run has not finished
# Empty, and it stays: to delete it could split the lock between two runs that wait for it.
LOCK = ".lock"
RUNNING = ".running"  # who holds the lock
WRITTEN = {f"{table}.parquet" for table in TABLES} | {
    MANIFEST, "metrics.json", "report.html", "timings.json", "audit.json",
}  # fmt: skip
# A window's, with the family of a baseline; without a seed: of earlier formats.
NETWORK = re.compile(r"\d{3,}((-[^\W\d][\w.]*)?-\d+)?\.pt")


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
