"""What is said over the stream is what docs/live.md says."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rollsight.live.desks import open_desk
from rollsight.live.messages import Message
from tests.support.live.contract import SCHEMA, held, written
from tests.support.live.desk import MadeUpDesk
from tests.support.live.serving import served


def test_every_message_of_a_server_keeps_to_the_contract() -> None:
    kinds = set()
    with served(lambda: MadeUpDesk(runs=["one", "two"])) as server, server.stream() as stream:
        stream.send('["watch", "000001"]')
        stream.send('["step", 1]')
        stream.send('["nonsense"]')
        while "error" not in kinds:
            told = held(stream.recv(timeout=5))
            kinds.add(told.m[0])
    assert kinds == {"state", "detail", "heatmap", "window", "quote", "confidence", "buy",
                     "baseline", "account", "status", "error"}  # fmt: skip


@pytest.mark.parametrize("replay", [None, ("2024-01-01", "2025-12-31")])
def test_every_message_of_a_run_keeps_to_the_contract(
    run_folder: Path, replay: tuple[str, str] | None
) -> None:
    desk = open_desk([run_folder], replay=replay)
    told = list(desk.state())
    codes = next(message.body[1]["names"] for message in told if message.kind == "run")
    if replay:
        told += [message for _ in range(5) for message in desk.ask(None, ["step", 1])]
    told += desk.ask("small", ["detail", next(iter(codes))])
    for number, message in enumerate(told):
        held(json.dumps(message.envelope(number), allow_nan=False))


@pytest.mark.parametrize(
    "body",
    [
        ("buys", "A"),
        ("quote", [["A", 1.0, 1.0, 1.0, 1.0]]),
        ("confidence", ["A"], [[0.2, 0.3, 1.5]]),
        ("confidence", ["A"], [[0.2, 0.8]]),
        ("status", {"state": "dead", "text": "", "log": []}),
        ("verdict", {"word": "luck", "sentence": "", "lucky": True, "more": 1}),
        ("heatmap", "A", ["close"], [["1"]]),
    ],
)
def test_what_is_not_of_the_contract_is_seen(body: tuple[Any, ...]) -> None:
    message = Message("one", "2025-01-02", "2025-01-02T06:30:00Z", "8a5f", body)
    with pytest.raises(ValidationError):
        held(json.dumps(message.envelope(1)))


def test_the_schema_in_the_documentation_is_made_of_it() -> None:
    # python -m tests.support.live.contract
    assert SCHEMA.read_text(encoding="utf-8") == written()
