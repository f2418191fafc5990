"""Schedulers and workers of dask, started by hand as processes of their own."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    about = folder / "scheduler.json"
    with process("scheduler", "--port", "0", "--scheduler-file", str(about)) as pid:
        (folder / "scheduler.pid").write_text(str(pid))
        while not about.exists():
            time.sleep(0.05)
        yield json.loads(about.read_text())["address"]


@contextmanager
def worker(address: str, *options: str) -> Iterator[None]:
    with process("worker", address, "--nthreads", "1", *options):
        yield


@contextmanager
def process(kind: str, *options: str) -> Iterator[int]:
    started = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard", *options],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield started.pid
    finally:
        started.terminate()
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
