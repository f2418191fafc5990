"""A desk in service: asked for news several times a second, and for what clients want to know."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

from rollsight.base.errors import RollsightError
from rollsight.live.desk import Desk, Health
from rollsight.live.messages import Message
from rollsight.live.web.deskthread import DeskThread
from rollsight.live.web.hub import Client, Hub, Watched
from rollsight.live.web.questions import is_day

POLL_SECONDS = 0.25
OLD_SECONDS = 120.0  # without an answer of the desk: what is shown may no longer be the newest
MOST_WATCHED = 100  # stocks at a time, since each is computed anew after every decision
ONE_CLIENT = frozenset({"detail", "heatmap"})  # kinds of answers that are of no use to others

log = logging.getLogger("rollsight.live")


class Service:
    """A desk's messages on their way to clients, and the clients' on their way to it."""

    def __init__(self, thread: DeskThread) -> None:
        self.hub = Hub()
        self.thread = thread
        self._health = Health("stale", None, 0)
        self._answered_at = time.monotonic()
        self._fault: str | None = None
        self._status: Message | None = None  # the desk's own, said again when a fault is over
        self._first_run: str | None = None
        self._answers: dict[tuple[Watched, str], asyncio.Task[Sequence[Message]]] = {}
        self._decided: set[str | None] = set()
        self._news = asyncio.Event()

    def begin(self) -> None:
        """Tell the hub all there is, before anything is asked of it."""
        self._spread(self.thread.wait_for(lambda desk: desk.state()))
        self._health = self.thread.wait_for(lambda desk: desk.health())
        self._answered_at = time.monotonic()

    async def poll(self) -> None:
        """Tell the hub what is new, for ever."""
        while True:
            try:
                found, self._health = await self.thread.call(_news_of)
                self._answered_at = time.monotonic()
                self._recovered()
                self._spread(found)
            except Exception as error:  # noqa: BLE001  # whatever it is, the last good state stays
                self._failed(error)
            await asyncio.sleep(POLL_SECONDS)

    async def keep_watched(self) -> None:
        """Tell clients after every decision of the stock that each watches, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            decided, self._decided = self._decided, set()
            for watched in self.hub.watched():
                if watched[0] in decided:
                    await self._tell_watched(watched)

    async def answer(self, client: Client, run: str | None, body: list[Any]) -> None:
        """Answer a client's message.

        Raises
        ------
        RollsightError
            If it cannot be answered.
        """
        run = self._first_run if run is None else run
        if body[0] == "unwatch":
            client.watched = None
        elif body[0] == "watch":
            await self._watch(client, (run, body[1]))
        elif body[0] in ONE_CLIENT:
            self.hub.tell([client], await self._answer((run, body[1]), body[0]))
        else:
            self._spread(await self.thread.call(lambda desk: desk.ask(run, body)))

    async def signals(self, run: str | None, session: str) -> dict[str, Any]:
        """Return the decision of a session as JSON knows it.

        Raises
        ------
        RollsightError
            If there is none.
        """
        if not is_day(session):
            raise RollsightError(f"{session!r} is no day: write one as in 2025-12-17")
        return await self.thread.call(lambda desk: desk.signals(run, session))

    def health(self) -> tuple[Health, float]:
        """Return how the desk is, and how many seconds ago it last said so."""
        age = time.monotonic() - self._answered_at
        health = self._health
        if self._fault is not None or age > OLD_SECONDS:
            health = Health("stale", health.session, health.decisions)
        return health, age

    def _spread(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        self._answers.clear()
        self.hub.publish(messages)
        for message in messages:
            if message.kind == "status":
                self._status = message
            if message.kind == "confidence":
                self._decided.add(message.run)
                self._news.set()
            self._first_run = self._first_run or message.run

    async def _watch(self, client: Client, watched: Watched) -> None:
        others = self.hub.watched()
        if watched not in others and len(others) >= MOST_WATCHED:
            raise RollsightError(
                f"{len(others)} stocks are watched, and no more than {MOST_WATCHED} can be: "
                'ask for ["detail", code] instead'
            )
        self.hub.tell([client], await self._answer(watched, "detail"))
        client.watched = watched
        self.hub.tell([client], await self._answer(watched, "heatmap"))

    async def _tell_watched(self, watched: Watched) -> None:
        for kind in ("detail", "heatmap"):
            try:
                answer = await self._answer(watched, kind)
            except RollsightError:
                continue  # not decided on now, as the confidences say: it has no map
            except Exception:  # whatever it is, the next decision may be told again
                log.exception("the desk failed to answer")
                continue
            self.hub.tell(self.hub.watched().get(watched, []), answer)

    async def _answer(self, watched: Watched, kind: str) -> Sequence[Message]:
        """Ask the desk once, however many clients want to know."""
        key = (watched, kind)
        if key not in self._answers:
            run, code = watched
            asked = self.thread.call(lambda desk: desk.ask(run, [kind, code]))
            self._answers[key] = asyncio.create_task(asked)
            self._answers[key].add_done_callback(_heard)
        # A client that leaves does not take the answer from the others.
        return await asyncio.shield(self._answers[key])

    def _failed(self, error: Exception) -> None:
        fault = " ".join(str(error).split())
        if not isinstance(error, RollsightError):
            fault = f"{type(error).__name__}: {fault}"
        if fault != self._fault:
            log.error("the desk failed: %s", fault, exc_info=error)
            self.hub.publish([_status(self._status, state="stale", text=fault)])
        self._fault = fault

    def _recovered(self) -> None:
        if self._fault is not None:
            self._fault = None
            self.hub.publish([self._status or _status(None, state=self._health.state, text="")])


def _heard(answer: asyncio.Task[Sequence[Message]]) -> None:
    """Take note of what was wrong, which a client that left does not hear."""
    if not answer.cancelled():
        answer.exception()


def _news_of(desk: Desk) -> tuple[Sequence[Message], Health]:
    return desk.poll(), desk.health()


def _status(before: Message | None, **changes: str) -> Message:
    content = {"log": []} | (before.body[1] if before else {}) | changes
    return Message(None, None, None, None, ("status", content))
