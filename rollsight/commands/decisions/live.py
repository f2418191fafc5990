"""The command rollsight live."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rollsight.base.errors import RollsightError
from rollsight.commands.options import MARKET
from rollsight.live.addresses import tls_hint

if TYPE_CHECKING:
    from rollsight.live.desk import Desk


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=click.Path(path_type=Path))
@MARKET
@click.option("--host", default="127.0.0.1", help="Address to serve at; others want --token.")
@click.option("--port", default=8765, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--watch", is_flag=True, help="Fetch the market folder's new sessions once a day.")
@click.option("--paper", is_flag=True, help="Keep a paper account of each run.")
@click.option("--replay", metavar="FROM:TO", help="Walk through what was decided.")
@click.option("--speed", default=1.0, help="Of a replay, sessions a second.")
@click.option(
    "--token",
    envvar="ROLLSIGHT_TOKEN",
    show_envvar=True,
    help="Ask everybody for this, of 16 characters or more.",
)
def live(
    runs: tuple[Path, ...],
    market: str | None,
    host: str,
    port: int,
    watch: bool,
    paper: bool,
    replay: str | None,
    speed: float,
    token: str | None,
) -> None:
    """Serve the newest decisions of the finished runs in RUN to browsers and programs."""
    try:
        from rollsight.live.server import Server, listening, serve
    except ModuleNotFoundError as error:
        raise RollsightError(
            f"rollsight live needs the package {error.name}: pip install 'rollsight[live]'"
        ) from error
    span = _span(replay)
    if not 0 < speed <= 1000:
        raise RollsightError(f"--speed {speed:g} is none: name sessions a second, 1000 at most")
    # Before a desk is opened, which takes seconds: a port in use is told at once.
    sock = listening(host, port, token)
    hint = tls_hint(host, sock.getsockname()[1])
    if hint:
        click.echo(f"Note: {hint}", err=True)
    asked = {"market": market, "watch": watch, "paper": paper, "replay": span, "speed": speed}
    server = Server(
        lambda: _desk(runs, asked), sock, token, lambda url: click.echo(f"rollsight live: {url}")
    )
    serve(server)
    # All connections are closed, and what a call of the desk writes bears to be left any time;
    # to take down the interpreter and its libraries would take seconds.
    sys.stdout.flush()
    os._exit(0)


def _desk(runs: tuple[Path, ...], asked: dict[str, Any]) -> "Desk":
    from rollsight.live.desks import open_desk

    return open_desk(runs, **asked)


def _span(replay: str | None) -> tuple[str, str] | None:
    if replay is None:
        return None
    first, colon, last = replay.partition(":")
    if not colon:
        raise RollsightError(
            f"--replay {replay!r} is no span: write FROM:TO, as in 2024-01-02:2024-12-30"
        )
    return first, last
