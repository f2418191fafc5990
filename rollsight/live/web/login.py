"""The page that asks a browser for the token, once."""

from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rollsight.live.web.keys import Keys
from rollsight.live.web.security import COOKIE, LONGEST_BODY, address_of
from rollsight.reports.page.language import Lang, Say, speak


def lang_of(request: Request) -> Lang:
    """Return the language that an address asks for."""
    return "ko" if request.query_params.get("lang") == "ko" else "en"


async def login(request: Request, keys: Keys) -> Response:
    """Ask for the token, or begin a session with it."""
    say = speak(lang_of(request))
    home = "/?lang=ko" if say.lang == "ko" else "/"
    if not keys.asked:
        return RedirectResponse(home, 303)
    if request.method != "POST":
        return _page(say)
    address = address_of(request)
    if keys.refuses(address):
        return _page(say, say("Too many wrong tokens: try again in a minute."), 429)
    token = await _token(request)
    if token is None or not keys.fits(token):
        keys.failed(address)
        return _page(say, say("This is not the token."), 403)
    answer = RedirectResponse(home, 303)
    answer.set_cookie(
        COOKIE,
        keys.begin(),
        httponly=True,
        samesite="strict",
        # A proxy with TLS before the server shows in the page's own address alone.
        secure=request.headers.get("origin", "").startswith("https://"),
    )
    return answer


async def _token(request: Request) -> str | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_BODY:
            return None
    try:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=5)
    except ValueError:
        return None
    return fields.get("token", [""])[0]


def _page(say: Say, fault: str = "", code: int = 200) -> Response:
    said = f'<p role="alert">{escape(fault)}</p>' if fault else ""
    return HTMLResponse(
        f'<!DOCTYPE html>\n<html lang="{say.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>rollsight</title></head><body><main><h1>rollsight</h1>{said}"
        f'<form method="post" action="/login?lang={say.lang}"><p><label>{escape(say("Token"))} '
        '<input name="token" type="password" required autofocus autocomplete="current-password">'
        f"</label> <button>{escape(say('Log in'))}</button></p></form></main></body></html>\n",
        code,
        # With no-referrer a browser would send the form under the origin "null".
        {"referrer-policy": "same-origin"},
    )
