"""Who is refused before anything is asked or told."""

import logging
import re
from collections.abc import Callable

from h11 import LocalProtocolError
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from rollsight.base.errors import RollsightError
from rollsight.live.addresses import is_loopback
from rollsight.live.web.keys import SHORTEST, Keys

log = logging.getLogger("rollsight.live")

COOKIE = "rollsight_session"
OPEN = frozenset({"/healthz", "/login"})  # addresses that want no token
LONGEST_BODY = 4096
# Nothing else: with a slash or a question mark in it, it would pass for a path.
HOST = re.compile(r"(\[(?P<address>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(:\d{1,5})?")
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def refuse_open_bind(host: str, token: str | None) -> None:
    """Raise where others could reach a server that asks for no token, or one easily guessed."""
    if token is None and not is_loopback(host):
        raise RollsightError(
            f"--host {host} can be reached from other machines: give --token, or stay at 127.0.0.1"
        )
    if token is not None and len(token) < SHORTEST:
        raise RollsightError(
            f"--token has {len(token)} characters, a token has {SHORTEST} or more: make one with "
            'python -c "import secrets; print(secrets.token_urlsafe())"'
        )


class Guard:
    """Refuses what comes by another name, from another page or without a token."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self.app, self.keys = app, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = self.refusal(HTTPConnection(scope))
        if refusal is not None and scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(refusal)
            return
        try:
            await (refusal or self.app)(scope, receive, _with_headers(send))
        except (ClientDisconnect, LocalProtocolError):
            pass  # it went in the middle, or went on with what is no request
        except Exception:
            # Raised again for uvicorn, which ends the connection; its own log is off.
            log.exception("%r could not be answered", scope["path"])
            raise

    def refusal(self, asked: HTTPConnection) -> Response | None:
        """Return the answer to what is refused."""
        checks: tuple[Callable[[HTTPConnection], Response | None], ...]
        checks = (self._host, self._origin, _size, self._token)
        return next((found for check in checks if (found := check(asked)) is not None), None)

    def _host(self, asked: HTTPConnection) -> Response | None:
        hosts = asked.headers.getlist("host")
        name = _hostname(hosts[0]) if len(hosts) == 1 else None
        # Without a token a name of somebody else's that leads here would open all to his page.
        if name is None or not (self.keys.asked or is_loopback(name)):
            return _said(403, "open this as 127.0.0.1 or localhost, or start it with --token")
        return None

    def _origin(self, asked: HTTPConnection) -> Response | None:
        host = asked.headers["host"].lower()
        for origin in asked.headers.getlist("origin"):
            scheme, _, name = origin.lower().partition("://")
            if scheme not in {"http", "https"} or name != host:
                return _said(403, "a page of another origin may not ask")
        return None

    def _token(self, asked: HTTPConnection) -> Response | None:
        if not self.keys.asked or asked.scope["path"] in OPEN:
            return None
        address = address_of(asked)
        if self.keys.knows(asked.cookies.get(COOKIE, "")):
            return None
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and not self.keys.refuses(address):
            if self.keys.fits(token.strip()):
                return None
            self.keys.failed(address)
        if asked.scope["type"] == "http" and asked.scope["path"] == "/" and not kind:
            return RedirectResponse(f"/login?{asked.url.query}", 303)
        return _said(401, "this wants a token", {"www-authenticate": "Bearer"})


def address_of(asked: HTTPConnection) -> str:
    """Return the address of who asks."""
    return asked.client.host if asked.client else ""


def _size(asked: HTTPConnection) -> Response | None:
    length = asked.headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > LONGEST_BODY:
        return _said(413, f"more than {LONGEST_BODY:,} bytes", {"connection": "close"})
    return None


def _hostname(host: str) -> str | None:
    found = HOST.fullmatch(host)
    return found and (found["name"] or found["address"])


def _said(code: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{text}\n", code, {**HEADERS, **(headers or {})})


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
