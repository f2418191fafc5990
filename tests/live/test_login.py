"""A server that asks for a token: who comes in, and who does not."""

import json
import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.live.desk import MadeUpDesk
from tests.support.live.serving import Served, heard, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TOKEN = "a-token-that-nobody-guesses"
FOREIGN = {"Origin": "https://attacker.example"}


@pytest.fixture(scope="module")
def guarded() -> Iterator[Served]:
    with served(MadeUpDesk, TOKEN) as found:
        yield found


def refusal(server: Served, **headers: str) -> int:
    with pytest.raises(InvalidStatus) as refused, server.stream(**headers):
        pass
    return refused.value.response.status_code


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", ["/metrics", "/signals/2025-01-05.json", "/assets/screen.js"])
def test_no_address_answers_without_the_token(guarded: Served, path: str) -> None:
    for headers in (
        {},
        bearer("wrong"),
        bearer(TOKEN[:-1]),
        {"Cookie": f"rollsight_session={TOKEN}"},
    ):
        assert guarded.ask(path, **headers).code == 401
    assert guarded.ask(f"{path}?token={TOKEN}").code == 401
    assert guarded.ask(path, **bearer(TOKEN)).code == 200


def test_no_stream_is_opened_without_the_token(guarded: Served) -> None:
    assert refusal(guarded, Authorization="") == 401
    assert refusal(guarded, **bearer(f"{TOKEN}x")) == 401
    with guarded.stream() as stream:
        assert heard(stream, "state")["n"] > 0


def test_health_and_login_alone_are_open_and_the_screen_leads_to_login(guarded: Served) -> None:
    assert guarded.ask("/healthz").code == 200
    home = guarded.ask("/?lang=ko")
    assert (home.code, home.headers["location"]) == (303, "/login?lang=ko")
    assert "토큰" in guarded.ask("/login?lang=ko").text
    assert "<script" not in guarded.ask("/login").text


def test_the_token_begins_a_session_of_another_name(guarded: Served) -> None:
    assert guarded.ask("/login", "POST", "token=wrong").code == 403
    done = guarded.ask("/login", "POST", f"token={TOKEN}")
    cookie = done.headers["set-cookie"]
    assert (done.code, done.headers["location"]) == (303, "/")
    assert TOKEN not in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    session = cookie.partition(";")[0]
    again = guarded.ask("/login", "POST", f"token={TOKEN}").headers["set-cookie"]
    assert again.partition(";")[0] != session
    assert guarded.ask("/", Cookie=session).code == 200
    assert guarded.ask("/", Cookie=f"{session[:-1]}.").code == 303


def test_a_browser_logs_in_once_and_sees_the_stocks(guarded: Served, browser: "Browser") -> None:
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{guarded.port}/?lang=ko")
    page.fill("input[name=token]", "not-the-token-at-all")
    page.click("button")
    assert "토큰이 맞지 않습니다." in page.inner_text("[role=alert]")
    page.fill("input[name=token]", TOKEN)
    page.click("button")
    page.locator(".rows .row").first.wait_for()
    assert page.url.endswith("/?lang=ko")
    page.reload()
    page.locator(".rows .row").first.wait_for()
    assert page.evaluate("document.cookie") == ""  # no script can read it
    page.close()


def test_who_guesses_ten_times_is_not_listened_to(guarded: Served) -> None:
    # From an address of its own, named by a proxy on this machine.
    here = {"X_Forwarded_For": "203.0.113.9"}
    for _ in range(10):
        assert guarded.ask("/login", "POST", "token=guess", **here).code == 403
    assert guarded.ask("/login", "POST", f"token={TOKEN}", **here).code == 429
    assert guarded.ask("/metrics", **bearer(TOKEN), **here).code == 401
    assert guarded.ask("/metrics", **bearer(TOKEN)).code == 200


@pytest.mark.parametrize(
    "body", ["token=" + "x" * 5000, "token", "token=%ff%00", "&".join(["token=x"] * 50), "\x00"]
)
def test_a_login_that_is_none_is_refused(guarded: Served, body: str) -> None:
    # Each from an address of its own, so that none is refused for the others.
    answer = guarded.ask("/login", "POST", body, X_Forwarded_For=f"203.0.113.{len(body) % 250}")
    assert answer.code in {403, 413}


def test_a_page_of_another_origin_may_not_log_in_or_read(guarded: Served) -> None:
    assert guarded.ask("/login", "POST", f"token={TOKEN}", **FOREIGN).code == 403
    assert guarded.ask("/metrics", **bearer(TOKEN), **FOREIGN).code == 403


@pytest.mark.parametrize("host", ["x/healthz?", "x/login#", "x/login?a=", "a@b", "x:1:2", "[::1"])
def test_no_name_of_the_server_passes_for_an_open_address(guarded: Served, host: str) -> None:
    for path in ("/metrics", "/signals/2025-01-05.json", "/"):
        assert guarded.ask(path, Host=host).code == 403
    assert refusal(guarded, Authorization="") == 401


def test_who_goes_in_the_middle_of_a_body_leaves_no_line_in_a_log(
    guarded: Served, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        with guarded.opened() as sock:
            sock.sendall(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\ntok")
            time.sleep(0.01)
    assert guarded.ask("/healthz").code == 200
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_the_token_is_in_no_answer_and_no_log(
    guarded: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    texts = [guarded.ask(p, **bearer(TOKEN)).text for p in ("/", "/login", "/metrics", "/healthz")]
    guarded.ask(f"/?token={TOKEN}")
    guarded.ask("/login", "POST", f"token={TOKEN}")
    assert TOKEN not in "".join([*texts, caplog.text, json.dumps(list(map(str, caplog.records)))])
