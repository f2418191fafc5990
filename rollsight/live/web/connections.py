"""Connections with limits that uvicorn has no settings for: on time, number and frames."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

# Codes that end a WebSocket.
TOO_MANY, SLOW = 1008, 1013

MOST_CONNECTIONS = 900  # a process may commonly have 1,024 files open
REQUEST_SECONDS = 10.0  # until a request is whole
LIFE_SECONDS = 120.0  # of a connection without a stream: whoever asks for more opens another
STALLED_SECONDS = 5.0  # without taking what is sent
LINGER_SECONDS = 5.0  # between the end that is said and the end that is made
SHUTDOWN_SECONDS = 0.3  # the same, of the server
CONTROL_FRAMES = 100  # a second, and parts of messages too


class Requests(H11Protocol):
    """A connection that must send its requests in time and may not stay for ever."""

    _whole: asyncio.TimerHandle | None = None  # when the request has to be
    _life: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, where not too many others are there."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
            return
        self._whole = self.loop.call_later(REQUEST_SECONDS, transport.abort)
        self._life = self.loop.call_later(LIFE_SECONDS, self._end_after, LINGER_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request, which is to be whole in time from its first byte on."""
        if self._whole is None:
            self._whole = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)
        super().data_received(data)
        upgraded = self.transport.get_protocol() is not self
        if upgraded or self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}:
            _cancel(self._whole)
            self._whole = None
        if upgraded:
            _cancel(self._life)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        _cancel(self._whole, self._life)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End with the server."""
        self._end_after(SHUTDOWN_SECONDS)

    def _end_after(self, seconds: float) -> None:
        """End after the answer that is being given, which the client is to take soon."""
        self.loop.call_later(seconds, self.transport.abort)
        with suppress(h11.LocalProtocolError):  # it is broken already
            super().shutdown()


class Streams(WebSocketsSansIOProtocol):
    """A WebSocket whose client takes what is sent to it, and sends no flood of small frames."""

    _stalled: asyncio.TimerHandle | None = None
    _second, _frames = 0.0, 0

    def pause_writing(self) -> None:
        """Give the client a few seconds to take what was sent."""
        super().pause_writing()
        self._stalled = self.loop.call_later(
            STALLED_SECONDS, self.refuse, SLOW, "does not take what is sent"
        )

    def resume_writing(self) -> None:
        """Go on: the client took it."""
        super().resume_writing()
        _cancel(self._stalled)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        _cancel(self._stalled)
        super().connection_lost(exc)

    def handle_ping(self) -> None:
        """Answer a ping, and count it."""
        self._count()
        super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Take a pong, and count it."""
        self._count()
        super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        """Take a part of a message, and count it."""
        self._count()
        super().handle_cont(event)

    def refuse(self, code: int, reason: str) -> None:
        """End the connection, whether the client listens or not."""
        if self.close_sent or self.transport.is_closing():
            return
        ended: Any = {"type": "websocket.disconnect", "code": code, "reason": reason}
        self.queue.put_nowait(ended)
        self.conn.fail(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._end_after(LINGER_SECONDS)

    def keepalive_timeout(self) -> None:
        """End the connection of a client that answers no ping."""
        super().keepalive_timeout()
        self._end_after(LINGER_SECONDS)

    def shutdown(self) -> None:
        """End with the server."""
        super().shutdown()
        self._end_after(SHUTDOWN_SECONDS)

    def _end_after(self, seconds: float) -> None:
        self.transport.close()
        self.loop.call_later(seconds, self.transport.abort)

    def _count(self) -> None:
        now = time.monotonic()
        if now - self._second >= 1:
            self._second, self._frames = now, 0
        self._frames += 1
        if self._frames > CONTROL_FRAMES:
            self.refuse(TOO_MANY, "too many frames")


def _cancel(*timers: asyncio.TimerHandle | None) -> None:
    for timer in timers:
        if timer is not None:
            timer.cancel()
