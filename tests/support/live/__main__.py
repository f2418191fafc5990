"""Serve made-up numbers: python -m tests.support.live [PORT [STOCKS [RUNS [TOKEN]]]]."""

import sys

from rollsight.live.server import Server, listening, serve
from tests.support.live.desk import MadeUpDesk


def _main(port: str = "8765", stocks: str = "2500", runs: str = "2", *token: str) -> None:
    names = ["one", "two", "three", "four"][: int(runs)]
    sock = listening("127.0.0.1", int(port), *(token or (None,)))
    desk = MadeUpDesk(runs=names, stocks=int(stocks), sessions=400)
    serve(Server(lambda: desk, sock, *(token or (None,)), lambda url: print(url, flush=True)))  # noqa: T201


_main(*sys.argv[1:])
