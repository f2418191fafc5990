"""Real servers on loopback, in a thread or as a process, and sockets to ask them with."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from rollsight.live.desk import Desk
from rollsight.live.server import Server, listening

T = TypeVar("T")


def in_thread(asked: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns, run where no loop runs: a browser holds the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    server: Server
    thread: threading.Thread
    port: int
    token: str | None

    def stream(self, **headers: str) -> AbstractContextManager[ClientConnection]:
        """Connect to the stream."""
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return connect(
            f"ws://127.0.0.1:{self.port}/stream",
            additional_headers=headers,
            compression=None,
            max_size=None,
        )

    def opened(self) -> socket.socket:
        """Return a connection that has said nothing."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def unread(self) -> socket.socket:
        """Return a stream of which nothing is read, with little room for what is sent."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", self.port))
        sock.sendall(
            b"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        return sock

    def raw(self, text: str | bytes) -> bytes:
        """Return all that is answered to bytes, until the server ends the connection."""
        with self.opened() as sock:
            sock.sendall(text.encode() if isinstance(text, str) else text)
            found = b""
            while part := sock.recv(65536):
                found += part
        return found

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str) -> "Answer":
        """Return the answer to a request; a header named with _ has - in its place."""
        headers = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"} | headers
        if body:
            headers |= {"Content-Length": str(len(body))}
        lines = [f"{method} {path} HTTP/1.1"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head, _, found = self.raw("\r\n".join([*lines, "", body])).partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        pairs = (line.partition(": ")[::2] for line in rest)
        return Answer(int(first.split()[1]), {n.lower(): v for n, v in pairs}, found.decode())


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    code: int
    headers: dict[str, str]
    text: str


@contextmanager
def served(
    open_desk: Callable[[], Desk], token: str | None = None, *, port: int = 0
) -> Iterator[Served]:
    """Serve a desk in a thread of this process."""
    sock = listening("127.0.0.1", port, token)
    ready = threading.Event()
    server = Server(open_desk, sock, token, lambda _url: ready.set())
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(10)
        yield Served(server, thread, sock.getsockname()[1], token)
    finally:
        server.stop()
        thread.join(10)
        server.close()


def heard(stream: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next envelope of a kind, whatever comes before it."""
    while True:
        found: dict[str, Any] = json.loads(stream.recv(timeout=5))
        if found["m"][0] == kind:
            return found


def end_of(stream: ClientConnection) -> int:
    """Return the code with which the server ends a stream; 1006 where it says none."""
    try:
        while True:
            stream.recv(timeout=5)
    except ConnectionClosed as ended:
        return 1006 if ended.rcvd is None else ended.rcvd.code
