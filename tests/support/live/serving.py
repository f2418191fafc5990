"""Real servers on loopback, in a thread or as a process, and sockets to ask them with."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from rollsight.live.desk import Desk
from rollsight.live.server import Server, listening


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    server: Server
    port: int
    token: str | None

    def stream(self, **headers: str) -> ClientConnection:
        """Return a connection to the stream."""
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return connect(
            f"ws://127.0.0.1:{self.port}/stream",
            additional_headers=headers,
            compression=None,
            max_size=None,
        )

    def socket(self) -> socket.socket:
        """Return a connection that has said nothing."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def raw(self, text: str | bytes) -> bytes:
        """Return all that is answered to bytes, until the server ends the connection."""
        with self.socket() as sock:
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
def served(open_desk: Callable[[], Desk], token: str | None = None) -> Iterator[Served]:
    """Serve a desk in a thread of this process."""
    sock = listening("127.0.0.1", 0, token)
    ready = threading.Event()
    server = Server(open_desk, sock, token, lambda _url: ready.set())
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(10)
        yield Served(server, sock.getsockname()[1], token)
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
