"""What clients of a real server are told, and when."""

import asyncio
import gc
import json
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from rollsight.base.errors import RollsightError
from rollsight.live.messages import Message
from rollsight.live.web import connections
from rollsight.live.web.deskthread import DeskThread
from rollsight.live.web.service import Service
from tests.support.live.desk import MadeUpDesk
from tests.support.live.serving import Served, heard, served


class FaultyDesk(MadeUpDesk):
    """Fails where it is told to."""

    fault: Exception | None = None

    def poll(self) -> Sequence[Message]:
        if self.fault is not None:
            raise self.fault
        return super().poll()

    def ask(self, run: str | None, body: Sequence[Any]) -> Sequence[Message]:
        if body == ["detail", "broken"]:
            raise ZeroDivisionError("by zero")
        if body == ["heatmap", "000002"]:
            raise RollsightError("this model has no maps")
        if body == ["heatmap", "000003"]:
            raise OSError("the disk is full")
        return super().ask(run, body)


@pytest.fixture(scope="module")
def desk() -> FaultyDesk:
    return FaultyDesk(runs=("one", "two"))


@pytest.fixture(scope="module")
def server(desk: FaultyDesk) -> Iterator[Served]:
    with served(lambda: desk) as found:
        yield found


def said(stream: ClientConnection, *body: Any, run: str | None = None) -> None:
    stream.send(json.dumps({"run": run, "m": body}))


def metric(server: Served, name: str) -> float:
    lines = server.ask("/metrics").text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"rollsight_{name} ")))


def until(server: Served, name: str, value: float) -> None:
    """Wait until a metric has a value."""
    end = time.monotonic() + 30
    while metric(server, name) != value:
        assert time.monotonic() < end, (name, metric(server, name))
        time.sleep(0.05)


def test_the_state_comes_first_and_what_follows_has_ascending_numbers(server: Served) -> None:
    with server.stream() as stream:
        state = json.loads(stream.recv(timeout=5))
        said(stream, "step", 1)
        numbers = [heard(stream, kind)["n"] for kind in ("window", "quote", "buy")]
    assert state["m"][0] == "state"
    assert all(told["n"] <= state["n"] for told in state["m"][1])
    kinds = [(told["run"], told["m"][0]) for told in state["m"][1]]
    assert len(kinds) == len(set(kinds)) == 17  # 8 of each run, and the status
    assert numbers == [state["n"] + 1, state["n"] + 2, state["n"] + 4]


def test_what_one_client_changes_all_see_and_a_later_one_too(server: Served) -> None:
    with server.stream() as one, server.stream() as other:
        heard(one, "state")
        heard(other, "state")
        said(one, "seek", "2025-02-03")
        found = [heard(stream, "confidence") for stream in (one, other)]
    assert found[0] == found[1]
    assert found[0]["session"] == "2025-02-03"
    with server.stream() as later:
        state = heard(later, "state")
    assert found[0] in state["m"][1]


def test_who_watches_a_stock_alone_is_told_of_it_after_every_decision(server: Served) -> None:
    with server.stream() as watching, server.stream() as other:
        said(watching, "watch", "000001", run="two")
        first = [heard(watching, kind) for kind in ("detail", "heatmap")]
        said(other, "step", 1)
        then = [heard(watching, kind) for kind in ("detail", "heatmap")]
        said(watching, "unwatch")
        said(other, "step", 1)
        said(other, "heatmap", "000004")
        kinds = [heard(other, "heatmap")["m"][1], watching_hears_only_news(watching)]
    assert [m["m"][1] for m in (*first, *then)] == ["000001"] * 4
    assert {m["run"] for m in (*first, *then)} == {"two"}
    assert first[0]["session"] < then[0]["session"]
    assert kinds == ["000004", True]


def watching_hears_only_news(stream: ClientConnection) -> bool:
    said(stream, "step", 0)  # answered by a status
    while (kind := json.loads(stream.recv(timeout=5))["m"][0]) != "status":
        assert kind not in {"detail", "heatmap"}
    return True


def test_what_many_watch_is_asked_for_once(server: Served, desk: FaultyDesk) -> None:
    before = desk.asked
    with ExitStack() as opened:
        streams = [opened.enter_context(server.stream()) for _ in range(8)]
        for stream in streams:
            said(stream, "watch", "000004")
            heard(stream, "heatmap")
        assert desk.asked - before == 2  # detail and heatmap
        before = desk.asked
        said(streams[0], "step", 1)
        found = {heard(stream, "heatmap")["n"] for stream in streams}
    assert len(found) == 1  # one message, written once
    assert desk.asked - before == 3  # the step, detail and heatmap


@pytest.mark.parametrize(
    ("code", "fault"),
    [("000002", "this model has no maps"), ("000003", "the server cannot answer: OSError")],
)
def test_a_stock_without_a_map_is_watched_all_the_same(
    server: Served, caplog: pytest.LogCaptureFixture, code: str, fault: str
) -> None:
    with server.stream() as stream:
        said(stream, "watch", code)
        assert heard(stream, "detail")["m"][1] == code
        assert heard(stream, "error")["m"] == ["error", fault]
        for _ in range(2):
            said(stream, "step", 1)
            assert heard(stream, "detail")["m"][1] == code
    logged = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert bool(logged) == (code == "000003")  # the desk's own fault is, a refusal is not


@pytest.mark.parametrize(
    ("text", "fault"),
    [("[", "is no JSON"), (b"\x00", "never binary"), ('["detail", "nope"]', "no stock 'nope'"),
     ('{"run": "no", "m": ["pause"]}', "no run is called 'no'"),
     ('["detail", "broken"]', "the server cannot answer: ZeroDivisionError")],
)  # fmt: skip
def test_what_cannot_be_answered_is_told_to_its_sender(
    server: Served, text: str | bytes, fault: str
) -> None:
    with server.stream() as stream:
        stream.send(text)
        assert fault in heard(stream, "error")["m"][1]
        said(stream, "detail", "000001")
        heard(stream, "detail")


def test_a_desk_that_fails_is_stale_and_comes_back(server: Served, desk: FaultyDesk) -> None:
    with server.stream() as stream:
        before = heard(stream, "state")["m"][1][-1]
        desk.fault = KeyError("prices")
        stale = heard(stream, "status")
        unwell = server.ask("/healthz")
        desk.fault = None
        back = heard(stream, "status")
    assert stale["m"][1] == {**before["m"][1], "state": "stale", "text": "KeyError: 'prices'"}
    assert (unwell.code, json.loads(unwell.text)["state"]) == (503, "stale")
    assert back["m"] == before["m"]
    assert server.ask("/healthz").code == 200


def test_a_client_that_takes_nothing_is_dropped_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "STALLED_SECONDS", 0.3)
    monkeypatch.setattr(connections, "LINGER_SECONDS", 0.3)
    # Enough that what is sent does not fit into the sockets' own buffers.
    large = MadeUpDesk(stocks=2500)
    with served(lambda: large) as server, server.stream() as stream, server.unread():
        for _ in range(15):
            said(stream, "step", 1)
            began = time.monotonic()
            heard(stream, "account")
            assert time.monotonic() - began < 20
        until(server, "clients_dropped_total", 1)
        until(server, "clients", 1)


def test_a_client_that_goes_in_the_middle_of_a_frame_is_forgotten(server: Served) -> None:
    until(server, "clients", 0)
    with server.unread() as sock:
        until(server, "clients", 1)
        sock.sendall(b"\x81\xfe\x01")
    until(server, "clients", 0)
    assert server.ask("/healthz").code == 200


def test_whoever_comes_back_gets_the_state(server: Served) -> None:
    with server.stream() as stream:
        first = heard(stream, "state")
        said(stream, "step", 1)
        heard(stream, "status")
    with server.stream() as stream:
        assert heard(stream, "state")["n"] > first["n"]


def test_who_leaves_before_an_error_is_told_leaves_nothing_behind() -> None:
    """A task whose error nobody takes note of is told of on stderr, pages long."""
    going, begun, noise = threading.Event(), threading.Event(), list[str]()

    class WaitingDesk(MadeUpDesk):
        def ask(self, run: str | None, body: Sequence[Any]) -> Sequence[Message]:
            begun.set()
            going.wait(30)
            raise RollsightError(f"{body[1]!r} is no code")

    async def left() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, said: noise.append(said["message"]))
        service = Service(DeskThread(WaitingDesk))
        service.begin()
        asking = asyncio.create_task(service.answer(service.hub.join(), None, ["detail", "nope"]))
        await loop.run_in_executor(None, begun.wait, 30)
        asking.cancel()
        going.set()
        await service.thread.call(lambda desk: desk.health())
        await asyncio.sleep(0)
        del service, asking
        gc.collect()

    with ThreadPoolExecutor(1) as alone:  # a browser of another test may hold this thread's loop
        alone.submit(lambda: asyncio.run(left())).result()
    assert noise == []
