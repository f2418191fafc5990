"""Serve a desk at an address until the process is asked to end."""

import errno
import logging
import signal
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from rollsight.base.errors import RollsightError
from rollsight.live.addresses import url_of
from rollsight.live.desk import Desk
from rollsight.live.web.app import app_of
from rollsight.live.web.connections import Requests, Streams
from rollsight.live.web.deskthread import DeskThread
from rollsight.live.web.questions import LONGEST_MESSAGE
from rollsight.live.web.security import refuse_open_bind
from rollsight.live.web.service import Service

PING_SECONDS = 20.0
CLOSE_SECONDS = 0.2  # for the desk's last call
UNTAKEN_SECONDS = 30  # what is sent and not taken ends a connection, whatever its state


def listening(host: str, port: int, token: str | None) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    RollsightError
        If others could come in unasked, or the port is not to be had.
    """
    refuse_open_bind(host, token)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        found = socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise RollsightError(
                f"port {port} of {host} is in use: give --port 0 for a free one"
            ) from None
        raise RollsightError(f"port {port} of {host} cannot be served: {error}") from None
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNTAKEN_SECONDS * 1000)
    return found


class Server:
    """A desk served at a socket.

    Parameters
    ----------
    ready
        called with the address once it answers
    """

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        sock: socket.socket,
        token: str | None,
        ready: Callable[[str], None],
    ) -> None:
        self._sock = sock
        self._thread = DeskThread(open_desk)
        self.service = Service(self._thread)
        app = app_of(self.service, token, lambda: ready(url_of(*sock.getsockname()[:2])))
        self._uvicorn = uvicorn.Server(_config(app))

    def run(self) -> None:
        """Open the desk, and serve it until `stop`."""
        self._thread.open()
        self.service.begin()
        self._uvicorn.run(sockets=[self._sock])

    def stop(self) -> None:
        """End soon; from any thread."""
        self._uvicorn.should_exit = True

    def close(self) -> None:
        """Ask the desk for nothing more, and leave its last call a moment to end."""
        self._sock.close()
        self._thread.close(CLOSE_SECONDS)


def serve(server: Server) -> None:
    """Serve until SIGINT or SIGTERM."""
    ends = (signal.SIGINT, signal.SIGTERM)
    # uvicorn raises a signal once more when all is closed, for whoever was asked before.
    before = [signal.signal(number, signal.default_int_handler) for number in ends]
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in zip(ends, before, strict=True):
            signal.signal(number, handler)
        server.close()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=Requests,
        ws=Streams,
        ws_max_size=LONGEST_MESSAGE,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
        server_header=False,
        access_log=False,
        # What a client sends wrong is its own matter: a log of it could fill a disk.
        log_config=None,
        log_level=logging.CRITICAL,
    )
