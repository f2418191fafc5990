"""The Python client: what it yields, over servers that end and come back."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.sync.server import serve

import rollsight
from rollsight.base.errors import RollsightError
from rollsight.live import client
from rollsight.live.messages import Message
from rollsight.live.server import listening
from tests.support.live.desk import MadeUpDesk
from tests.support.live.serving import Served, in_thread, served

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served(MadeUpDesk, TOKEN) as found:
        yield found


def url_of(server: Served) -> str:
    return f"http://127.0.0.1:{server.port}"


async def first_of(stream: AsyncIterator[Message], kind: str) -> Message:
    async for message in stream:
        if message.kind == kind:
            return message
    raise AssertionError(kind)


def test_the_state_is_yielded_as_its_messages_and_then_what_is_new(server: Served) -> None:
    async def heard() -> tuple[list[str], Message]:
        async with rollsight.live.connect(url_of(server), TOKEN) as stream:
            kinds = []
            async for message in stream:
                kinds.append(message.kind)
                if message.kind == "status":
                    break
        async with rollsight.live.connect(url_of(server), TOKEN) as stream:
            await stream.ask("detail", "000001", run="one")
            return kinds, await first_of(stream.__aiter__(), "detail")

    kinds, detail = in_thread(asyncio.wait_for(heard(), 60))
    assert kinds == ["run", "verdict", "window", "quote", "confidence", "buy", "baseline",
                     "account", "status"]  # fmt: skip
    assert (detail.run, detail.session, detail.at) == ("one", "2025-01-21", "2025-01-21T06:30:00Z")
    assert detail.body[1] == "000001"
    assert detail.model is not None


def test_a_server_that_comes_back_is_heard_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "FIRST_SECONDS", 0.05)

    async def heard() -> list[str | None]:
        found = []
        with served(lambda: MadeUpDesk(runs=["before"])) as server:
            stream = rollsight.live.connect(url_of(server)).__aiter__()
            found.append((await first_of(stream, "run")).run)
        # What was told before the end may still come.
        with served(lambda: MadeUpDesk(runs=["after"]), port=server.port):
            async for message in stream:
                if message.run == "after":
                    found.append(message.run)
                    break
        await stream.aclose()  # type: ignore[attr-defined]
        return found

    assert in_thread(heard()) == ["before", "after"]


async def refused(url: str, token: str | None = None) -> str:
    with pytest.raises(RollsightError) as error:
        await asyncio.wait_for(first_of(rollsight.live.connect(url, token).__aiter__(), ""), 5)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_wrong_token_is_refused_in_one_line(server: Served) -> None:
    said = in_thread(refused(url_of(server), "wrong"))
    assert "401: give connect the token" in said
    assert "wrong" not in said


def test_where_nothing_answers_is_said_at_once() -> None:
    with listening("127.0.0.1", 0, None) as sock:
        port = sock.getsockname()[1]
    assert "start rollsight live there" in in_thread(refused(f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize("url", ["127.0.0.1:8765", "ftp://127.0.0.1", "", "http://", "http://[::1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    assert "write http://127.0.0.1:8765" in in_thread(refused(url))


@contextmanager
def saying(text: str | bytes) -> Iterator[str]:
    """Serve one message to whoever comes, as a server of another kind or version does."""
    with serve(lambda socket: socket.send(text), "127.0.0.1", 0) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{other.socket.getsockname()[1]}"
        other.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps({"v": 2, "n": 1, "m": ["state", []]}),
         "sends messages of version 2, this rollsight reads version 1"),
        ("hello", "is no stream of a live server"),
        (b"\x80\x04", "is no stream of a live server"),
        ("[]", "is no stream of a live server"),
        ('{"v": 1}', "is no stream of a live server"),
    ],
)  # fmt: skip
def test_another_version_or_server_is_refused_in_one_line(text: Any, said: str) -> None:
    with saying(text) as url:
        assert said in in_thread(refused(url))


def test_a_port_in_use_is_said_with_the_way_out(server: Served) -> None:
    with pytest.raises(RollsightError, match="is in use: give --port 0 for a free one"):
        listening("127.0.0.1", server.port, None)
