"""A value of the wrong kind, in a spec or in market.toml, is refused in our own words."""

from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, field_validator

from rollsight.backtests.spec import RunSpec, check_spec, read_spec
from rollsight.backtests.sweeps.spec import SweepSpec, check_sweep
from rollsight.base.errors import RollsightError
from rollsight.base.toml import toml_value
from rollsight.signals.folder.settings import IndexEntry, MarketToml, read_settings
from rollsight.training.models.families import FAMILIES
from rollsight.training.spec import ModelSpec
from tests.support.toys.families import centroids

DAY = date(2024, 1, 2)
KINDS: list[Any] = [
    "wide", "", ["a"], [[1]], [1], [DAY], {"a": 1}, [{"a": 1}], DAY, time(10), 3, 0.5, -1, True,
    float("nan"), float("inf"), 10**20, "2024-02-30",
]  # fmt: skip
FOREIGN = (
    "nput should", "tuple", "dictionary", "instance", "valid ", "datetime.", "pydantic", "type=",
    "ssertion", "ield required",
)  # fmt: skip
TABLE = "must be a table: its name in brackets on a line of its own, and its keys below that"
A_DATE = "must be a date without a time of day, as in 2024-01-02"
A_TIME = "must be a time of day, as in 16:00:00"


def refused(content: dict[str, Any]) -> str:
    with pytest.raises(RollsightError) as refusal:
        check_spec(content, "mine.toml")
    return str(refusal.value).removeprefix("mine.toml: ")


def told(folder: Path, lines: str) -> str:
    (folder / "market.toml").write_text(lines, encoding="utf-8")
    with pytest.raises(RollsightError) as refusal:
        read_settings(folder)
    return str(refusal.value).removeprefix(f"{folder / 'market.toml'}: ")


SPEC = {
    "list for text": ({"name": ["a"]}, 'name=["a"] is not allowed: must be a text in quotes'),
    "date for text": ({"market": {"calendar": DAY}}, "market.calendar=2024-01-02 is not allowed"),
    "table for number": ({"label": {"up": {"a": 1}}}, "label.up={a = 1} is not allowed: must be a"),
    "text for number": ({"label": {"up": "x"}}, "label.up='x' is not allowed: must be a number"),
    "text for table": ({"market": "krx"}, f"market='krx' is not allowed: {TABLE}"),
    "text for list": (
        {"market": {"indices": "KS11"}},
        "market.indices='KS11' is not allowed: must be a list in brackets, as in [\"KS11\"] "
        "or 'all'",
    ),
    "number in list": ({"market": {"indices": ["KS11", 3]}}, "market.indices=3 is not allowed"),
    "number for date": (
        {"market": {"start": 20240102}},
        f"market.start=20240102 is not allowed: {A_DATE}",
    ),
    "seconds for date": ({"market": {"end": 86400}}, f"market.end=86400 is not allowed: {A_DATE}"),
    "no such date": (
        {"market": {"start": "2024-02-30"}},
        f"market.start='2024-02-30' is not allowed: {A_DATE}",
    ),
    "true for number": (
        {"universe": {"top": True}},
        "universe.top=true is not allowed: must be a whole number",
    ),
    "number for true": (
        {"strategy": {"extend": 3}},
        "strategy.extend=3 is not allowed: must be true or false",
    ),
    "long": ({"model": {"width": "x" * 999}}, "... is not allowed: must be a whole number"),
}


@pytest.mark.parametrize("case", list(SPEC))
def test_a_spec_says_what_kind_a_value_must_be(case: str) -> None:
    content, expected = SPEC[case]
    message = refused(content)
    assert expected in message
    assert len(message) < 200


SETTINGS = {
    "closed = 2024-01-02": "closed=2024-01-02: must be a list in brackets, as in [2024-01-02]",
    "closed = [20240102]": f"closed=[20240102]: {A_DATE}",
    'closed = ["2024-02-30"]': f"closed.0='2024-02-30': {A_DATE}",
    "open = [2024-01-02T10:00:00]": f"open.0=2024-01-02T10:00:00: {A_DATE}",
    'notes = "adjusted"': "notes='adjusted': must be a list in brackets, as in [\"adjusted\"]",
    'calendar = ["XKRX"]': 'calendar=["XKRX"]: must be a text in quotes, as in "XKRX"',
    "[currency]": "currency={}: must be a text in quotes",
    "indices = 3": f"indices=3: {TABLE}",
    '[indices]\nKS11 = "XKRX"': f"indices.KS11='XKRX': {TABLE}",
    "[indices.KS11]\nclose = 1530": f"indices.KS11.close=1530: {A_TIME}",
    "[indices.KS11]\nclose = 2024-01-02": f"indices.KS11.close=2024-01-02: {A_TIME}",
    "[indices.KS11]\nlag_hours = true": "indices.KS11.lag_hours=true: must be a number",
    "[indices.KS11]\nlag_hours = [1]": "indices.KS11.lag_hours=[1]: must be a number",
    '[indices.KS11]\nverified = ""': "indices.KS11.verified='': must be one line of text that is",
}


@pytest.mark.parametrize("lines", list(SETTINGS))
def test_market_toml_says_what_kind_a_value_must_be(tmp_path: Path, lines: str) -> None:
    assert told(tmp_path, lines).startswith(SETTINGS[lines])


def test_a_grid_names_the_part_that_is_no_table() -> None:
    for grid, words in (
        ({"label": "abc"}, f"sweep.grid.label='abc' is not allowed: {TABLE}"),
        ({"market": {"start": DAY}}, "market.start=2024-01-02 is no list of values: write"),
    ):
        with pytest.raises(RollsightError) as refusal:
            check_sweep({"grid": grid}, "mine.toml")
        assert words in str(refusal.value)


def test_a_market_that_is_no_table_is_refused_beside_a_folder_too(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('market = "krx"\n')
    with pytest.raises(RollsightError, match="market='krx' is not allowed: must be a table"):
        read_spec(str(tmp_path / "mine.toml"), market=str(tmp_path))


@pytest.mark.parametrize("sign", ["9", "["])
def test_more_signs_than_toml_takes_are_a_text(sign: str) -> None:
    with pytest.raises(RollsightError, match=r"label\.horizon='.*\.\.\. is not allowed"):
        read_spec("sample", [f"label.horizon={sign * 9999}"])


def keys_of(model: type[BaseModel], *above: str) -> list[tuple[str, ...]]:
    """Return the path of every key of a specification, sections too."""
    found = []
    for key, info in model.model_fields.items():
        found.append((*above, key))
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            found += keys_of(info.annotation, *above, key)
    return found


def nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    return value


def test_no_key_answers_in_words_of_pydantic(tmp_path: Path) -> None:
    entry = [("indices", "KS11", *path) for path in keys_of(IndexEntry)]
    messages = []
    for value in KINDS:
        texts = [toml_value(nested(path, value))[1:-1] for path in (*keys_of(MarketToml), *entry)]
        for text in texts:
            (tmp_path / "market.toml").write_text(text.replace("}, ", "}\n"))
            messages.append(message_of(lambda: read_settings(tmp_path)))
        for path in keys_of(RunSpec):
            content = nested(path, value)
            messages.append(message_of(lambda c=content: check_spec(c, "mine.toml")))
        for path in keys_of(SweepSpec):
            content = {"grid": {"label": {"horizon": [1, 2]}}} | nested(path, value)
            messages.append(message_of(lambda c=content: check_sweep(c, "mine.toml")))
    assert [m for m in messages if any(word in m for word in FOREIGN) or "\n" in m] == []
    assert len([m for m in messages if m]) > 1000


def message_of(read: Any) -> str:
    try:
        read()
    except RollsightError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("family", list(FAMILIES))
def test_no_key_of_a_model_answers_in_words_of_pydantic(family: str) -> None:
    contents = [
        {"model": {"name": family, key: value}}
        for key in [*FAMILIES[family].options.model_fields, "absent"]
        for value in KINDS
    ]
    messages = [message_of(lambda c=content: check_spec(c, "mine.toml")) for content in contents]
    assert [m for m in messages if any(word in m for word in FOREIGN) or "\n" in m] == []
    assert len([m for m in messages if "model.name" in m or "[model] has no key" in m]) > 10


class Own(ModelSpec):
    """Keys as a user of one's own may write them."""

    needed: int
    short: str = Field("a", max_length=3)
    even: int = Field(2, multiple_of=2)
    few: tuple[int, ...] = Field((), max_length=2)
    where: Path = Path()
    odd: int | str = 1
    checked: int = 1

    @field_validator("checked")
    @classmethod
    def _small(cls, value: int) -> int:
        assert value < 10, "checked must be below 10"
        return value


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "model.needed must be given: it has no default"),
        ({"short": "long"}, "model.short='long' is not allowed: must be a text of 3 signs at most"),
        ({"even": 3}, "model.even=3 is not allowed: must be a multiple of 2"),
        ({"few": [1, 2, 3]}, "model.few=[1, 2, 3] is not allowed: must be a list of 2 at most"),
        ({"where": 3}, "model.where=3 is not allowed: must be another value"),
        ({"odd": [1]}, "model.odd=[1] is not allowed: must be a whole number or a text in quotes"),
        ({"checked": 11}, "model.checked: checked must be below 10"),
    ],
)
def test_keys_of_a_users_own_model_answer_in_our_words(
    given: dict[str, Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "own", replace(centroids, options=Own))
    whole = {"name": "own", **({"needed": 1} if given else {}), **given}
    assert said in refused({"model": whole})
