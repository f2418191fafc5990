"""The messages of docs/live.md as types: what a desk says is held against them.

``python -m tests.support.live.contract`` writes docs/live.schema.json, which is made from them.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic.json_schema import GenerateJsonSchema

SCHEMA = Path(__file__).parents[3] / "docs" / "live.schema.json"

Text = str | dict[Literal["en", "ko"], str]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Three = tuple[Share, Share, Share]
Price = float | None


class Strict(BaseModel):
    """Neither other keys nor values of other kinds."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Run(Strict):
    names: dict[str, str]
    channels: list[str]
    baselines: list[str]
    score: str
    first: Day
    last: Day
    currency: str | None = None


class Verdict(Strict):
    word: Literal["luck", "more", "worse", "little"]
    sentence: Text
    lucky: bool


class Window(Strict):
    number: int
    threshold: float | None
    gate: bool
    gate_reason: Text
    next_session: Day
    figures: dict[str, float | int | str | bool | None]


class Position(Strict):
    code: str
    entry_at: Day
    entry_price: float
    shares: int
    close: float
    value: float
    change: float


class Planned(Strict):
    code: str
    side: Literal["buy", "sell"]
    shares: int
    close: float | None


class Filled(Strict):
    model_config = ConfigDict(extra="allow")  # more columns of orders.parquet

    code: str
    side: Literal["buy", "sell"]
    shares: int
    filled: int
    status: str
    price: float | None
    reason: Text | None


class Promise(Strict):
    sessions: int
    low: float | None
    high: float | None
    within: bool | None


class Account(Strict):
    kind: Literal["run", "paper"]
    since: Day
    equity: float
    cash: float
    return_: float = Field(alias="return")
    curve: list[tuple[Day, float]]
    positions: list[Position]
    planned: list[Planned]
    filled: list[Filled]
    refused: dict[str, list[str]]
    promise: Promise | None = None
    late: int | None = None


class Status(Strict):
    state: Literal["live", "replay", "stale"]
    text: Text
    log: list[Text] = []
    first: Day | None = None
    last: Day | None = None
    playing: bool | None = None
    speed: float | None = None


class Detail(Strict):
    bars: list[tuple[Day, Price, Price, Price, Price, Price]]
    decisions: list[tuple[Day, Share, Share, Share, float | None, bool]]
    trades: list[tuple[Day, Day | None, float, Price, float | None]]


def _is_buy(said: list[str]) -> list[str]:
    if said[:1] != ["buy"]:
        raise ValueError("a buy begins with its kind")
    return said


BUY = {"type": "array", "prefixItems": [{"const": "buy"}], "items": {"type": "string"}}

Bodies = (
    Annotated[tuple[Literal["run"], Run], Tag("run")]
    | Annotated[tuple[Literal["verdict"], Verdict], Tag("verdict")]
    | Annotated[tuple[Literal["window"], Window], Tag("window")]
    | Annotated[
        tuple[Literal["quote"], list[tuple[str, Price, Price, Price, Price, Price, Price]]],
        Tag("quote"),
    ]
    | Annotated[tuple[Literal["confidence"], list[str], list[Three | None]], Tag("confidence")]
    | Annotated[tuple[Literal["score"], list[str], list[float | None]], Tag("score")]
    | Annotated[list[str], AfterValidator(_is_buy), WithJsonSchema(BUY), Tag("buy")]
    | Annotated[
        tuple[Literal["baseline"], str, list[str], list[float | None], list[bool]], Tag("baseline")
    ]
    | Annotated[tuple[Literal["account"], Account], Tag("account")]
    | Annotated[tuple[Literal["status"], Status], Tag("status")]
    | Annotated[tuple[Literal["heatmap"], str, list[str], list[list[float]]], Tag("heatmap")]
    | Annotated[tuple[Literal["detail"], str, Detail], Tag("detail")]
    | Annotated[tuple[Literal["error"], str], Tag("error")]
    | Annotated[tuple[Literal["state"], list["Envelope"]], Tag("state")]
)


class Envelope(Strict):
    """A message as a server sends it."""

    v: Literal[1]
    n: Annotated[int, Field(ge=0)]
    run: str | None
    session: Day | None
    at: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")] | None
    model: str | None
    m: Annotated[Bodies, Discriminator(lambda body: body[0])]


def held(text: str | bytes) -> Envelope:
    """Return a message as it came, or raise where it is not of the contract."""
    return Envelope.model_validate_json(text)


class _Untitled(GenerateJsonSchema):
    """Without titles, which only say the names again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema() -> dict[str, Any]:
    """Return the contract as JSON Schema."""
    found = TypeAdapter(Envelope).json_schema(schema_generator=_Untitled)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def written() -> str:
    return json.dumps(schema(), indent=1) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(written(), encoding="utf-8")
