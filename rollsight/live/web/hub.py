"""Who is told what: every message is numbered, written down once, and laid before its clients."""

import asyncio
import json
from collections.abc import Iterable, Sequence

from rollsight.live.messages import Message
from rollsight.live.web.newest import Newest

WAITING = 1000  # messages that may wait for one client

Watched = tuple[str | None, str]  # run and code


class Client:
    """What waits to be sent to one connection.

    Attributes
    ----------
    texts
        messages in the order of their numbers
    full
        set when one more was to wait than may: the connection is to be ended
    watched
        run and code whose detail and heatmap it is told after every decision
    """

    def __init__(self) -> None:
        self.texts: asyncio.Queue[str] = asyncio.Queue(WAITING)
        self.full = asyncio.Event()
        self.watched: Watched | None = None

    def put(self, text: str) -> None:
        """Let a message wait, and never wait for the client."""
        try:
            self.texts.put_nowait(text)
        except asyncio.QueueFull:
            self.full.set()


class Hub:
    """The clients of a server, and all that they have been told."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.sent = self.dropped = 0
        self._number = 0
        self._newest = Newest()
        self._state: str | None = None  # as it is sent, until it changes

    def join(self) -> Client:
        """Return a new client, before whom the state lies."""
        client = Client()
        client.put(self._state_text())
        self.clients.add(client)
        return client

    def leave(self, client: Client, *, dropped: bool) -> None:
        """Forget a client."""
        self.clients.discard(client)
        self.dropped += dropped

    def publish(self, messages: Sequence[Message]) -> None:
        """Tell every client, and keep what those who come later must be told."""
        for message in messages:
            text = self._written(message)
            self._newest.add(self._number, message)
            self._state = None
            _put(self.clients, text)

    def tell(self, clients: Iterable[Client], messages: Sequence[Message]) -> None:
        """Tell some clients alone what the others need not know."""
        for message in messages:
            _put(clients, self._written(message))

    def watched(self) -> dict[Watched, list[Client]]:
        """Return who watches what."""
        found: dict[Watched, list[Client]] = {}
        for client in self.clients:
            if client.watched is not None:
                found.setdefault(client.watched, []).append(client)
        return found

    def _written(self, message: Message) -> str:
        text = _json(message.envelope(self._number + 1))
        self._number += 1
        return text

    def _state_text(self) -> str:
        if self._state is None:
            state = Message(None, None, None, None, ("state", self._newest.envelopes()))
            self._state = _json(state.envelope(self._number))
        return self._state


def _put(clients: Iterable[Client], text: str) -> None:
    for client in clients:
        client.put(text)


def _json(value: object) -> str:
    # ASCII alone: bytes are made of it for each client, and of ASCII they are a copy.
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
