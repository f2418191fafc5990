"""What somebody who means harm may send, tried one by one at a real server."""

import ast
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

import rollsight.live
from rollsight.live.web import connections
from tests.support.live.desk import MadeUpDesk
from tests.support.live.serving import Served, end_of, heard, served


@pytest.fixture(scope="module")
def served_open() -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as changed, served(MadeUpDesk) as found:
        changed.setattr(connections, "REQUEST_SECONDS", 0.4)
        yield found


def refusal(server: Served, **headers: str) -> int:
    with pytest.raises(InvalidStatus) as refused, server.stream(**headers):
        pass
    return refused.value.response.status_code


@pytest.mark.parametrize(
    "origin",
    ["https://attacker.example", "null", "http://127.0.0.1:1", "http://localhost:{port}",
     "http://127.0.0.1:{port}.attacker.example", "file://127.0.0.1:{port}"],
)  # fmt: skip
def test_a_page_of_another_origin_opens_no_stream(served_open: Served, origin: str) -> None:
    assert refusal(served_open, Origin=origin.format(port=served_open.port)) == 403


def test_a_page_of_our_own_opens_one(served_open: Served) -> None:
    with served_open.stream(Origin=f"http://127.0.0.1:{served_open.port}") as stream:
        heard(stream, "state")


@pytest.mark.parametrize("host", ["attacker.example", "127.0.0.1.attacker.example:80", "[", ""])
def test_a_name_of_somebody_else_that_leads_here_is_refused(served_open: Served, host: str) -> None:
    assert served_open.ask("/", Host=host).code in {400, 403}


def test_a_second_host_is_refused(served_open: Served) -> None:
    two = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: attacker.example\r\n\r\n"
    assert served_open.raw(two).split()[1] in {b"400", b"403"}


@pytest.mark.parametrize(
    "name",
    ["../screen.py", "..%2fscreen.py", "%2e%2e/screen.py", "....//screen.py", "..\\screen.py",
     "/etc/passwd", "%2fetc%2fpasswd", "screen.js%00", "screen.js/../../screen.py", "", "."],
)  # fmt: skip
def test_no_path_leads_out_of_the_assets(served_open: Served, name: str) -> None:
    assert served_open.ask(f"/assets/{name}").code == 404


@pytest.mark.parametrize(
    "session", ["../manifest", "2025-13-45", "x", "2025-01-05%00", "9999-01-01"]
)
def test_a_session_that_is_none_is_not_found(served_open: Served, session: str) -> None:
    assert served_open.ask(f"/signals/{session}.json").code == 404


def test_every_answer_forbids_scripts_in_the_page(served_open: Served) -> None:
    for path in ("/", "/nowhere", "/healthz", "/assets/screen.js", "/signals/2025-01-05.json"):
        headers = served_open.ask(path).headers
        assert "script-src 'self'; style-src 'self';" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    for lang in ("en", "ko"):
        page = served_open.ask(f"/?lang={lang}").text
        assert "<style" not in page
        assert " style=" not in page


def test_a_script_as_the_name_of_a_stock_stays_a_text(served_open: Served) -> None:
    with served_open.stream() as stream:
        state = heard(stream, "state")
    (about,) = [e["m"][1] for e in state["m"][1] if e["m"][0] == "run"]
    assert about["names"]["000000"] == "<script>alert(1)</script>"
    answer = served_open.ask("/signals/2025-01-05.json")
    assert answer.headers["content-type"] == "application/json"
    assert "<script>alert" not in served_open.ask("/?lang=<script>alert(1)</script>").text


def test_a_message_of_100_mb_ends_the_connection_at_its_first_bytes(served_open: Served) -> None:
    frame = b"\x81\xff" + struct.pack(">Q", 100_000_000) + bytes(4)
    assert ended_with(served_open, frame) == 1009


def test_parts_that_are_too_long_together_end_it_too(served_open: Served) -> None:
    part = b"\x01\xfe" + struct.pack(">H", 3000) + bytes(4 + 3000)
    assert ended_with(served_open, part + b"\x80" + part[1:]) == 1009


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x02hi", 1002),  # not masked
        (b"\xf1\x80" + bytes(4), 1002),  # bits of no extension
        (b"\x83\x80" + bytes(4), 1002),  # a frame of no kind
        (b"\x80\x80" + bytes(4), 1002),  # a part of nothing
        (b"\x09\x80" + bytes(4), 1002),  # a ping in parts
        (b"\x88\x81" + bytes(5), 1002),  # an end with half a code
        (b"\x81\x81" + bytes(4) + b"\xff", 1007),  # no UTF-8
    ],
)
def test_a_broken_frame_ends_the_connection(served_open: Served, frame: bytes, code: int) -> None:
    assert ended_with(served_open, frame) == code


@pytest.mark.parametrize("first", [b"\x89", b"\x8a", b"\x00"], ids=["pings", "pongs", "parts"])
def test_a_flood_of_empty_frames_ends_the_connection(served_open: Served, first: bytes) -> None:
    begun = b"\x01\x80" + bytes(4) if first == b"\x00" else b""
    assert ended_with(served_open, begun + (first + b"\x80" + bytes(4)) * 500) == 1008


def test_more_than_twenty_messages_a_second_end_it(served_open: Served) -> None:
    said = b'["unwatch"]'
    frame = b"\x81" + bytes([0x80 | len(said)]) + bytes(4) + said
    assert ended_with(served_open, frame * 25) == 1008


def ended_with(server: Served, frames: bytes) -> int:
    with server.stream() as stream:
        heard(stream, "state")
        stream.socket.sendall(frames)
        return end_of(stream)


@pytest.mark.parametrize(
    "begun",
    [b"GET / HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
     b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\ntoken="],
    ids=["line", "header", "body"],
)  # fmt: skip
def test_a_request_that_is_never_whole_is_cut_off(served_open: Served, begun: bytes) -> None:
    with served_open.opened() as sock:
        sock.sendall(begun)
        began = time.monotonic()
        drop_by_drop(sock)
    assert 0.3 < time.monotonic() - began < 20


def test_a_connection_that_says_nothing_is_cut_off(served_open: Served) -> None:
    began = time.monotonic()
    assert served_open.raw(b"") == b""
    assert 0.3 < time.monotonic() - began < 20


def test_a_second_request_that_is_never_whole_is_cut_off_too(served_open: Served) -> None:
    with served_open.opened() as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"200 OK" in sock.recv(65_536)
        began = time.monotonic()
        drop_by_drop(sock)
    assert 0.3 < time.monotonic() - began < 20


def drop_by_drop(sock: socket.socket) -> None:
    """Send a byte now and then until the other side has had enough."""
    sock.settimeout(0.1)
    end = time.monotonic() + 30
    try:
        while time.monotonic() < end:
            try:
                if sock.recv(1000) == b"":
                    return
            except TimeoutError:
                sock.sendall(b"x")
    except ConnectionError:
        return


def test_a_body_that_is_too_long_is_refused_by_its_length_alone(served_open: Served) -> None:
    answer = served_open.raw(
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000000\r\n\r\n"
    )
    assert answer.split()[1] == b"413"


def test_a_head_without_end_is_refused(served_open: Served) -> None:
    answer = served_open.raw(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 70_000)
    assert answer.split()[1] == b"400"


def test_nothing_of_the_server_reads_a_pickle() -> None:
    for path in Path(rollsight.live.__path__[0]).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (getattr(node, "module", None), *(a.name for a in node.names))
        }
        assert not names & {"pickle", "dill", "joblib", "marshal", "shelve"}, path
