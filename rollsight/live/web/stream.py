"""One client's connection: what it says is answered, what waits for it is sent."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from rollsight.base.errors import RollsightError
from rollsight.live.messages import Message
from rollsight.live.web.connections import SLOW, TOO_MANY
from rollsight.live.web.hub import Client
from rollsight.live.web.questions import question
from rollsight.live.web.service import Service, log

MOST_A_SECOND = 20


async def stream(socket: WebSocket, service: Service) -> None:
    """Serve a connection until either side ends it."""
    try:
        await socket.accept()
    except OSError:  # it has gone already
        return
    client = service.hub.join()
    code = None
    try:
        code = await _first_of(
            _hear(socket, client, service), _send(socket, client, service), _full(client)
        )
    finally:
        service.hub.leave(client, dropped=code == SLOW)
    if code is not None:
        with suppress(WebSocketDisconnect, RuntimeError):  # it may be closed by now
            await socket.close(code)


async def _first_of(*works: Coroutine[Any, Any, int | None]) -> int | None:
    """Return the code with which the first work to end wants the connection closed, if it does."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return next(task.result() for task in tasks if task in done)


async def _hear(socket: WebSocket, client: Client, service: Service) -> int | None:
    heard: deque[float] = deque(maxlen=MOST_A_SECOND)
    while True:
        said = await socket.receive()
        if said["type"] == "websocket.disconnect":
            return SLOW if said.get("code") == SLOW else None
        now = time.monotonic()
        if len(heard) == MOST_A_SECOND and now - heard[0] < 1:
            return TOO_MANY
        heard.append(now)
        await _answered(said.get("text"), client, service)


async def _answered(text: str | None, client: Client, service: Service) -> None:
    try:
        if text is None:
            raise RollsightError("messages are text, never binary")
        await service.answer(client, *question(text))
    except RollsightError as error:
        _tell_error(str(error), client, service)
    except Exception as error:  # noqa: BLE001  # the desk's own fault, and the server goes on
        log.exception("the desk failed to answer")
        _tell_error(f"the server cannot answer: {type(error).__name__}", client, service)


def _tell_error(text: str, client: Client, service: Service) -> None:
    line = " ".join(text.split())
    service.hub.tell([client], [Message(None, None, None, None, ("error", line))])


async def _send(socket: WebSocket, client: Client, service: Service) -> int | None:
    with suppress(WebSocketDisconnect, RuntimeError):  # gone, or closed by the other work
        while True:
            await socket.send_text(await client.texts.get())
            service.hub.sent += 1
    return None


async def _full(client: Client) -> int | None:
    await client.full.wait()
    return SLOW
