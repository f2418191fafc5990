"""How many may come, how long they may stay, and how a server ends that holds them."""

import json
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import pytest

from rollsight.live.messages import Message
from rollsight.live.web import connections, service
from rollsight.live.web.hub import WAITING, Hub
from tests.support.live.desk import MadeUpDesk
from tests.support.live.serving import Served, heard, served


class HangingDesk(MadeUpDesk):
    """Answers no more until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def poll(self) -> Sequence[Message]:
        self.go.wait(10)
        return []


def ends(server: Served) -> bool:
    """Return whether a connection that says nothing is ended by the server."""
    with server.opened() as sock:
        sock.settimeout(0.2)
        try:
            return sock.recv(1) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True


def test_one_connection_too_many_is_ended_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 2)
    with served(MadeUpDesk) as server:
        with server.opened(), server.stream() as stream:
            heard(stream, "state")
            assert ends(server)
            stream.send('["detail", "000001"]')
            heard(stream, "detail")
        assert not ends(server)


def test_a_connection_without_a_stream_does_not_stay_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "LIFE_SECONDS", 0.3)
    monkeypatch.setattr(connections, "LINGER_SECONDS", 0.1)
    asked = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with served(MadeUpDesk) as server, server.stream() as stream, server.opened() as sock:
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() < began + 30:
                sock.sendall(asked)
                if not sock.recv(65_536):
                    break
                time.sleep(0.05)
        assert 0.2 < time.monotonic() - began < 20
        time.sleep(0.3)
        stream.send('["detail", "000001"]')  # a stream stays
        heard(stream, "detail")


def test_as_many_stocks_are_watched_as_can_be_computed_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "MOST_WATCHED", 1)
    with served(MadeUpDesk) as server, server.stream() as one, server.stream() as other:
        one.send('["watch", "000001"]')
        heard(one, "heatmap")
        other.send('["watch", "000002"]')
        assert "1 stocks are watched" in heard(other, "error")["m"][1]
        other.send('["watch", "000001"]')
        heard(other, "heatmap")


def test_a_client_for_whom_too_much_waits_is_known() -> None:
    hub = Hub()
    one, other = hub.join(), hub.join()
    status = Message(None, None, None, None, ("status", {}))
    hub.publish([status] * (WAITING - 1))
    assert not one.full.is_set()  # the state and all after it
    one.texts.get_nowait()
    hub.publish([status])
    assert (one.full.is_set(), other.full.is_set()) == (False, True)


def test_a_server_ends_within_a_second_though_a_client_takes_nothing() -> None:
    large = MadeUpDesk(stocks=2500)
    with served(lambda: large) as server, server.unread(), server.stream() as stream:
        for _ in range(15):
            stream.send('["step", 1]')
            heard(stream, "quote")
        began = time.monotonic()
        server.server.stop()
        server.thread.join(5)
        assert time.monotonic() - began < 20


def test_a_desk_that_hangs_is_called_stale_and_keeps_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "OLD_SECONDS", 0.2)
    hanging = HangingDesk()
    with served(lambda: hanging) as server:
        time.sleep(0.3)
        unwell = server.ask("/healthz")
        assert (unwell.code, json.loads(unwell.text)["state"]) == (503, "stale")
        with server.stream() as stream:
            assert heard(stream, "state")["m"][1]  # the last good state
        began = time.monotonic()
        server.server.stop()
        server.thread.join(5)
        server.server.close()
        assert time.monotonic() - began < 20
        hanging.go.set()
