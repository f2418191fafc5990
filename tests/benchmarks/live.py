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
LONG = 2000  # bytes


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
    memory, cpu, own, began = [], _cpu(pid), time.process_time(), time.monotonic()
    while time.monotonic() < began + seconds:
        await asyncio.sleep(seconds / 20)
        memory.append(_megabytes(pid))
    cpu, own = _cpu(pid) - cpu, time.process_time() - own
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
        "clients_cpu_share": own / seconds,
        "memory_mb": memory,
    }


class Reader(asyncio.Protocol):
    """A client that looks at short messages alone: what is measured is the server."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self.received, self.lost = 0, False
        self._left = b""
        self._skipped = 0  # bytes of a long message that are still to come
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(
            b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember it."""
        self.lost = True

    def data_received(self, data: bytes) -> None:
        """Take messages as they come."""
        self.received += len(data)
        left = data[self._skipped :] if self._skipped else data
        self._skipped -= min(self._skipped, len(data))
        left = self._left + left
        if not self._upgraded:
            head, end, left = left.partition(b"\r\n\r\n")
            self._upgraded = bool(end)
            left = left if end else head
        while self._upgraded and (found := _frame(left)) is not None:
            code, begin, end_at = found
            if end_at > len(left) and end_at - begin > LONG:
                self._skipped, left = end_at - len(left), b""
                break
            if end_at > len(left):
                break
            self._take(code, left[begin:end_at] if end_at - begin <= LONG else b"")
            left = left[end_at:]
        self._left = left

    def _take(self, code: int, payload: bytes) -> None:
        if code == 9:  # a ping; a mask of zeros leaves the answer as it is
            self._transport.write(bytes([0x8A, 0x80 | len(payload)]) + bytes(4) + payload)
        elif b'"m":["status"' in payload:
            text = json.loads(payload)["m"][1]["text"]
            if text:
                self.delays.append(time.monotonic() - float(text))


def _frame(left: bytes) -> tuple[int, int, int] | None:
    """Return code, begin and end of the content of a server's frame whose head is there."""
    if len(left) < 2:
        return None
    extra = {126: 2, 127: 8}.get(left[1], 0)
    if len(left) < 2 + extra:
        return None
    size = int.from_bytes(left[2 : 2 + extra], "big") if extra else left[1]
    return left[0] & 15, 2 + extra, 2 + extra + size


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
