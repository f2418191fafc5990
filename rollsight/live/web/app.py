"""The addresses of a server, and what each answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from rollsight.base.errors import RollsightError
from rollsight.live.screen import assets, screen
from rollsight.live.web.keys import Keys
from rollsight.live.web.login import lang_of, login
from rollsight.live.web.security import Guard
from rollsight.live.web.service import Service
from rollsight.live.web.stream import stream


def app_of(service: Service, token: str | None, ready: Callable[[], None]) -> ASGIApp:
    """Return what answers, behind what refuses; it says when it is ready."""
    keys = Keys(token)
    routes = [
        Route("/", _home),
        Route("/assets/{name}", _asset),
        Route("/login", partial(login, keys=keys), methods=["GET", "POST"]),
        Route("/signals/{session}.json", partial(_signals, service=service)),
        Route("/healthz", partial(_healthz, service=service)),
        Route("/metrics", partial(_metrics, service=service)),
        WebSocketRoute("/stream", partial(stream, service=service)),
    ]
    return Guard(Starlette(routes=routes, lifespan=lambda _app: _at_work(service, ready)), keys)


@asynccontextmanager
async def _at_work(service: Service, ready: Callable[[], None]) -> AsyncIterator[None]:
    works = [asyncio.create_task(service.poll()), asyncio.create_task(service.keep_watched())]
    ready()
    yield
    for work in works:
        work.cancel()


async def _home(request: Request) -> Response:
    return HTMLResponse(screen(lang_of(request)))


async def _asset(request: Request) -> Response:
    # A name is looked up among those that are there: no path leads out of the folder.
    kind, content = assets().get(request.path_params["name"], ("", b""))
    if not kind:
        return PlainTextResponse("no such file\n", 404)
    return Response(content, media_type=kind)


async def _signals(request: Request, service: Service) -> Response:
    run, session = request.query_params.get("run"), request.path_params["session"]
    try:
        return JSONResponse(await service.signals(run, session))
    except RollsightError as error:
        return JSONResponse({"error": str(error)}, 404)


async def _healthz(_request: Request, service: Service) -> Response:
    health, age = service.health()
    said = {"state": health.state, "session": health.session, "age": round(age, 3)}
    return JSONResponse(said, 503 if health.state == "stale" else 200)


async def _metrics(_request: Request, service: Service) -> Response:
    health, age = service.health()
    figures = (
        ("clients", "gauge", len(service.hub.clients)),
        ("messages_sent_total", "counter", service.hub.sent),
        ("clients_dropped_total", "counter", service.hub.dropped),
        ("state_age_seconds", "gauge", round(age, 3)),
        ("stale", "gauge", int(health.state == "stale")),
        ("decisions_total", "counter", health.decisions),
    )
    lines = (f"# TYPE rollsight_{n} {kind}\nrollsight_{n} {value}\n" for n, kind, value in figures)
    return PlainTextResponse("".join(lines), media_type="text/plain; version=0.0.4")
