"""How soon many clients have a new decision, and what memory the server takes meanwhile.

A process of its own serves made-up decisions of many stocks, and another holds the clients:
python -m tests.benchmarks.live [SECONDS].
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rollsight.live.messages import Message
from rollsight.live.server import Server, listening, serve
from tests.support.live.desk import MadeUpDesk

ROOT = Path(__file__).parents[2]
CLIENTS, STOCKS, EVERY = 500, 2500, 5.0  # EVERY: seconds between decisions


class TimedDesk(MadeUpDesk):
    """Says in each status, the last message of a decision, when it was begun."""

    def poll(self) -> Sequence[Message]:
        began = time.monotonic()
        return [_stamped(m, began) if m.kind == "status" else m for m in super().poll()]


def _stamped(message: Message, began: float) -> Message:
    return Message(None, None, None, None, ("status", {**message.body[1], "text": repr(began)}))


def live(seconds: float = 20.0) -> dict[str, Any]:
    """Return delays in seconds until clients have a decision, and the server's memory in MB."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.live", "serve"], stdout=subprocess.PIPE, cwd=ROOT
    ) as server:
        assert server.stdout is not None
        try:
            port = int(server.stdout.readline().rpartition(b":")[2])
            return asyncio.run(_measured(port, server.pid, seconds))
        finally:
            server.terminate()


async def _measured(port: int, pid: int, seconds: float) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Reader, "127.0.0.1", port) for _ in range(CLIENTS)]
    readers = [reader for _, reader in made]
    memory, cpu, began = [], _cpu(pid), time.monotonic()
    while time.monotonic() < began + seconds:
        await asyncio.sleep(seconds / 20)
        memory.append(_megabytes(pid))
    cpu = _cpu(pid) - cpu
    delays = np.concatenate([reader.delays for reader in readers])
    return {
        "clients": CLIENTS,
        "stocks": STOCKS,
        "seconds": seconds,
        "lost": sum(reader.lost for reader in readers),
        "decisions_received": len(delays),
        "megabytes_received": sum(reader.received for reader in readers) / 1e6,
        "delay_median": float(np.median(delays)),
        "delay_99": float(np.quantile(delays, 0.99)),
        "delay_most": float(delays.max()),
        "server_cpu_share": cpu / seconds,
        "memory_mb": memory,
    }


class Reader(asyncio.Protocol):
    """A client that reads no more of a frame than it must: what is measured is the server."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self.received, self.lost = 0, False
        self._left = bytearray()
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        host = "127.0.0.1:{}".format(transport.get_extra_info("peername")[1])
        transport.write(
            f"GET /stream HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            .encode()
        )  # fmt: skip

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        self._left += data
        if not self._upgraded:
            if b"\r\n\r\n" not in self._left:
                return
            del self._left[: self._left.index(b"\r\n\r\n") + 4]
            self._upgraded = True
        while (frame := _frame(self._left)) is not None:
            self._take(*frame)

    def _take(self, code: int, payload: bytes) -> None:
        if code == 9:  # a ping; a mask of zeros leaves the answer as it is
            answer = bytes([0x8A, 0x80 | len(payload)]) + bytes(4) + payload
            self._transport.write(answer)
        elif b'"m":["status"' in payload[:120]:
            text = json.loads(payload)["m"][1]["text"]
            if text:
                self.delays.append(time.monotonic() - float(text))


def _frame(left: bytearray) -> tuple[int, bytes] | None:
    """Take a whole frame of a server from what was received."""
    if len(left) < 2:
        return None
    extra = {126: 2, 127: 8}.get(left[1], 0)
    size = int.from_bytes(left[2 : 2 + extra]) if extra else left[1]
    end = 2 + extra + size
    if len(left) < max(2 + extra, end):
        return None
    code, payload = left[0] & 15, bytes(left[2 + extra : end])
    del left[:end]
    return code, payload


def _megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _serve() -> None:
    desk = TimedDesk(stocks=STOCKS, sessions=100_000, every=EVERY)
    sock = listening("127.0.0.1", 0, None)
    serve(Server(lambda: desk, sock, None, lambda url: print(url, flush=True)))  # noqa: T201


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        _serve()
    else:
        print(json.dumps(live(*map(float, sys.argv[1:])), indent=1))  # noqa: T201
