"""A program's own end of a live server's stream."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
)

from rollsight.base.errors import RollsightError
from rollsight.live.addresses import is_loopback
from rollsight.live.messages import VERSION, Message

SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
FIRST_SECONDS, LONGEST_SECONDS = 0.5, 30.0  # until the server is tried again
LONGEST_MESSAGE = 2**28  # bytes
LOST = (OSError, TimeoutError, InvalidHandshake, ConnectionClosed)


class Stream:
    """Messages of a live server as they come, over every connection that is lost.

    Iterated over, or entered and then iterated over, it yields the newest message of every kind
    and run first, then what is new; after a lost connection it begins again with the newest.
    """

    def __init__(self, url: str, token: str | None) -> None:
        self._url = _stream_of(url)
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._connected()
        return self

    async def __aexit__(self, *_error: object) -> None:
        """End the connection."""
        await self.close()

    async def __aiter__(self) -> AsyncIterator[Message]:
        """Yield messages, connecting where that was not done."""
        socket = await self._connected()
        try:
            while True:
                with suppress(ConnectionClosed):
                    async for text in socket:
                        for message in _messages_of(text, self._url):
                            yield message
                socket = await self._connected_again()
        finally:
            await self.close()

    async def ask(self, *body: Any, run: str | None = None) -> None:
        """Send a message, as in ``ask("watch", "005930")``; its answer comes among the others."""
        socket = await self._connected()
        await socket.send(json.dumps(body if run is None else {"run": run, "m": body}))

    async def close(self) -> None:
        """End the connection, where there is one."""
        if self._socket is not None:
            await self._socket.close()
        self._socket = None

    async def _connected(self) -> ClientConnection:
        if self._socket is None:
            try:
                self._socket = await self._connection()
            except LOST as error:
                said = " ".join(str(error).split())
                raise RollsightError(
                    f"no live server answers at {self._url} ({said}): start rollsight live there"
                ) from error
        return self._socket

    async def _connected_again(self) -> ClientConnection:
        pause = FIRST_SECONDS
        while True:
            # Many clients of one server shall not all come back at the same instant.
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            with suppress(*LOST):
                self._socket = await self._connection()
                return self._socket
            pause = min(2 * pause, LONGEST_SECONDS)

    async def _connection(self) -> ClientConnection:
        try:
            return await connect(
                self._url,
                additional_headers=self._headers,
                compression=None,
                max_size=LONGEST_MESSAGE,
                proxy=None if is_loopback(urlsplit(self._url).hostname or "") else True,
            )
        except InvalidURI as error:
            raise RollsightError(f"{self._url} is no address: {error}") from error
        except InvalidStatus as error:
            code = error.response.status_code
            if code in REFUSED:
                raise RollsightError(f"{self._url} answers {code}: {REFUSED[code]}") from error
            raise


REFUSED = {
    401: "give connect the token that the server was started with",
    403: "the server is to be called by the name of its --host, or 127.0.0.1",
    404: "no live server of rollsight is served there",
}


def _stream_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket that is not closed
        parts = urlsplit("")
    if parts.scheme not in SCHEMES or not parts.netloc:
        raise RollsightError(f"{url!r} is no address of a server: write http://127.0.0.1:8765")
    path = parts.path.rstrip("/").removesuffix("/stream")
    return f"{SCHEMES[parts.scheme]}://{parts.netloc}{path}/stream"


def _messages_of(text: str | bytes, url: str) -> Iterator[Message]:
    try:
        said = json.loads(text)
        version = said["v"]
        body = said["m"]
    except (ValueError, TypeError, KeyError):
        raise RollsightError(f"{url} is no stream of a live server of rollsight") from None
    if version != VERSION:
        raise RollsightError(
            f"{url} sends messages of version {version}, this rollsight reads version {VERSION}: "
            "install the same version at both ends"
        )
    for told in body[1] if body[0] == "state" else [said]:
        about = (told["run"], told["session"], told["at"], told["model"])
        yield Message(*about, tuple(told["m"]))
