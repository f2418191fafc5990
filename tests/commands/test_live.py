"""A live server as a process: what it prints, refuses and how it ends."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect

from rollsight.live.addresses import tls_hint
from rollsight.live.server import listening
from tests.support.commands import error_line, refused

ROOT = Path(__file__).parents[2]


MADE_UP = ("tests.support.live", "0", "5", "1")  # any port, five stocks of one run


@contextmanager
def serving(*called: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server as a process, and return the address that it prints."""
    with subprocess.Popen(
        [sys.executable, "-m", *called],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip().rpartition(" ")[2]
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_within_a_second_though_clients_are_there(number: signal.Signals) -> None:
    with serving(*MADE_UP) as (process, url):
        ended_by(number, process, url)


@pytest.mark.slow
def test_a_finished_run_is_served_and_replayed_until_a_signal(run_folder: Path) -> None:
    replay = ("--replay", "2024-01-01:2025-12-31", "--speed", "100")
    for options in ((), replay):
        called = ("rollsight", "live", str(run_folder), "--port", "0", *options)
        with serving(*called) as (process, url):
            ended_by(signal.SIGINT, process, url)


def ended_by(number: int, process: "subprocess.Popen[str]", url: str) -> None:
    assert url.startswith("http://127.0.0.1:")
    with connect(url.replace("http", "ws") + "/stream", max_size=None) as stream:
        assert '"state"' in stream.recv(timeout=5)
        began = time.monotonic()
        process.send_signal(number)
        assert process.wait(5) == 0
        assert time.monotonic() - began < 1
    assert process.communicate() == ("", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "give --token, or stay at 127.0.0.1"),
        (["--host", "::"], "give --token, or stay at 127.0.0.1"),
        (["--token", "secret"], "--token has 6 characters, a token has 16 or more"),
        (["--replay", "2024-01-02"], "write FROM:TO"),
        (["--speed", "0"], "--speed 0 is none"),
        (["--speed", "nan"], "--speed nan is none"),
        (["--host", "192.0.2.1", "--token", "x" * 16], "cannot be served"),
    ],
)
def test_what_cannot_be_served_is_one_line(arguments: list[str], said: str) -> None:
    assert said in refused("live", "nowhere", "--port", "0", *arguments)


def test_a_port_in_use_is_one_line_with_the_way_out() -> None:
    with listening("127.0.0.1", 0, None) as sock:
        port = str(sock.getsockname()[1])
        assert "in use: give --port 0 for a free one" in refused("live", "nowhere", "--port", port)


def test_a_run_that_is_none_is_one_line() -> None:
    assert "no run directory" in refused("live", "nowhere", "--port", "0")


def test_without_the_extra_it_says_what_to_install() -> None:
    hidden = (
        "import sys; sys.modules['uvicorn'] = None; from rollsight.commands import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", hidden, "live", "nowhere"],
        cwd=ROOT, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "needs the package uvicorn: pip install 'rollsight[live]'" in error_line(done.stderr)


def test_who_opens_it_to_others_is_told_how_to_encrypt_it() -> None:
    assert tls_hint("127.0.0.1", 8765) is None
    assert "caddy reverse-proxy --from live.example.org --to 127.0.0.1:8765" in str(
        tls_hint("0.0.0.0", 8765)
    )
