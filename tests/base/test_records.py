"""Numbers with types become JSON, and what JSON holds of them becomes them again."""

import json
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

from rollsight.base.records import IF_ANY, plain, record


@dataclass(frozen=True)
class Part:
    low: float | None
    names: tuple[str, ...]


@dataclass(frozen=True)
class Whole:
    second: int
    first: Part | None
    parts: tuple[Part, ...]
    by_name: dict[str, Part]


def test_a_record_is_a_mapping_of_its_fields_in_their_order() -> None:
    whole = Whole(2, None, (Part(float("nan"), ("a", "b")),), {"c": Part(0.5, ())})
    assert json.dumps(plain(whole)) == (
        '{"second": 2, "first": null, "parts": [{"low": null, "names": ["a", "b"]}], '
        '"by_name": {"c": {"low": 0.5, "names": []}}}'
    )


@dataclass(frozen=True)
class Grown:
    old: int
    new: Part | None = field(default=None, metadata=IF_ANY)


def test_what_a_later_version_added_is_written_and_read_only_where_it_is() -> None:
    part = Part(0.5, ())
    assert plain(Grown(1)) == {"old": 1}
    assert record(Grown, {"old": 1}) == Grown(1)
    assert record(Grown, plain(Grown(1, part))) == Grown(1, part)
    with pytest.raises(KeyError):
        record(Grown, {})


def test_what_json_holds_of_a_record_is_that_record() -> None:
    part = Part(None, ("a", "b"))
    for first in (part, None):
        whole = Whole(2, first, (part, Part(0.5, ())), {"c": part})
        assert record(Whole, json.loads(json.dumps(plain(whole)))) == whole


@pytest.mark.parametrize(
    "change",
    [{"parts": None}, {"parts": [None]}, {"by_name": None}, {"by_name": []}, {"first": [1]}],
)
def test_what_is_no_record_is_not_read_as_one(change: dict[str, object]) -> None:
    written = plain(Whole(2, None, (), {}))
    assert record(Whole, written).first is None
    with pytest.raises((TypeError, AttributeError)):
        record(Whole, written | change)
    with pytest.raises(KeyError):
        record(Whole, {key: value for key, value in written.items() if key != "first"})


@dataclass(frozen=True)
class Step:
    from_: int
    to: int


def test_a_field_named_as_a_keyword_is_written_without_its_underscore() -> None:
    assert plain(Step(1, 2)) == {"from": 1, "to": 2}
    assert record(Step, {"from": 1, "to": 2}) == Step(1, 2)


def test_numbers_of_other_libraries_and_what_is_missing_are_plain() -> None:
    given = [np.float32(0.5), np.int8(3), np.bool_(True), np.inf, pd.NaT, pd.NA, None,
             pd.Timestamp("2024-02-29"), np.array([1, 2])]  # fmt: skip
    found = plain(given)
    assert found == [0.5, 3, True, None, None, None, None, "2024-02-29", [1, 2]]
    assert [type(v) for v in found[:3]] == [float, int, bool]
