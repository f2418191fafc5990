"""Malformed frames and requests drawn from a seed: none of them ends the server."""

import json
import logging
import random
import re
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rollsight.live.web.questions import KINDS
from tests.support.live.desk import MadeUpDesk
from tests.support.live.serving import Served, heard, served

CODES = ["000000", "000001", "nope", "", "x" * 200, "\u0000", "종목", "../..", "__class__"]

REQUESTS = [
    b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\ntoken=",
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\ntoken\r\n0\r\n",
    b"GET /signals/2025-01-05.json?run=one HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /?lang=ko HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: rollsight_session=a\r\n\r\n" * 3,
]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served(MadeUpDesk) as found:
        yield found


def test_hundreds_of_malformed_frames_leave_the_server_as_it_was(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    assert fuzz(server, seed=1, frames=400).total() > 0
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


@pytest.mark.slow
def test_ten_thousand_malformed_frames_leave_the_server_as_it_was(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    before = open_files()
    fuzz(server, seed=2, frames=10_000)
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []
    assert open_files() <= before + 2


def test_malformed_requests_leave_the_server_as_it_was(
    server: Served, caplog: pytest.LogCaptureFixture
) -> None:
    draw = random.Random(3)
    for _ in range(100):
        with server.opened() as sock:
            taken(sock, mutated(draw, draw.choice(REQUESTS)))
            if draw.random() < 0.5:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                list(answers(sock))
    assert server.ask("/healthz").code == 200
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


def fuzz(server: Served, *, seed: int, frames: int) -> "Counter[int | str]":
    """Send frames over many connections, and return how often each was answered how."""
    draw = random.Random(seed)
    ends: Counter[int | str] = Counter()
    sent = 0
    while sent < frames:
        with server.unread() as sock:
            # Fewer than a flood, so that what is malformed is what ends the connection.
            for _ in range(draw.randint(0, 12)):
                sent += 1
                if not taken(sock, frame(draw)):
                    break
            if draw.random() < 0.1:  # it goes without a word
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                ends.update(answers(sock))
    with server.stream() as stream:
        heard(stream, "state")
        stream.send('["detail", "000001"]')
        heard(stream, "detail")
    assert server.ask("/healthz").code == 200
    until_alone(server)
    return ends


def taken(sock: socket.socket, data: bytes) -> bool:
    try:
        sock.sendall(data)
    except ConnectionError:
        return False
    return True


def answers(sock: socket.socket) -> Iterator[int | str]:
    """Yield what a server answers until it ends the connection or is silent for a while."""
    sock.settimeout(0.02)
    found = b""
    with suppress(TimeoutError, ConnectionError):
        while part := sock.recv(65_536):
            found += part
    closed = re.search(rb"\x88.(..)[^\x81]*$", found, re.DOTALL)
    if closed:
        yield struct.unpack(">H", closed[1])[0]
    if b'"m":["error"' in found:
        yield "error"


def until_alone(server: Served) -> None:
    end = time.monotonic() + 30
    while "rollsight_clients 0\n" not in server.ask("/metrics").text:
        assert time.monotonic() < end
        time.sleep(0.05)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def frame(draw: random.Random) -> bytes:
    """Return a frame that is whole and says nonsense, or one that is broken itself."""
    payload = draw.choice([noise, nearly_json, nested, question])(draw)
    if draw.random() < 0.3:
        payload = mutated(draw, payload)
    if draw.random() < 0.1:
        payload = payload * draw.randint(2, 200)
    first = 0x81 if draw.random() < 0.6 else draw.randrange(256)
    whole = bytes([first]) + length(draw, len(payload)) + bytes(4) + payload
    if draw.random() < 0.2:
        whole = mutated(draw, whole)
    if draw.random() < 0.1:
        whole = whole[: draw.randrange(len(whole))]
    return whole


def length(draw: random.Random, size: int) -> bytes:
    if draw.random() < 0.05:  # another than it is
        size = draw.choice([0, 125, 65_535, 2**32, 2**63 - 1, 2**63])
    masked = 0 if draw.random() < 0.05 else 0x80
    if size < 126:
        return bytes([masked | size])
    if size < 65_536:
        return bytes([masked | 126]) + struct.pack(">H", size)
    return bytes([masked | 127]) + struct.pack(">Q", size)


def noise(draw: random.Random) -> bytes:
    return draw.randbytes(draw.randrange(300))


def nearly_json(draw: random.Random) -> bytes:
    signs = ["[", "]", "{", "}", '"', ",", ":", "NaN", "-", "1e999", "9" * 400, "null", "\\ud800"]
    return "".join(draw.choices(signs, k=draw.randrange(40))).encode()


def nested(draw: random.Random) -> bytes:
    return draw.choice([b"[", b'{"m":', b'{"run":[']) * draw.randrange(1, 2000)


def question(draw: random.Random) -> bytes:
    values = [*CODES, 0, -1, 10**30, 1.5, -0.0, True, None, [], {}, "2025-02-30", "2025-01-05"]
    body = [draw.choice(list(KINDS)), *draw.choices(values, k=draw.randrange(3))]
    return json.dumps({"run": draw.choice(["one", "no", 1]), "m": body}).encode()


def mutated(draw: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.randrange(1, 4)):
        if changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)
