"""Changes of a specification as a dict and as texts, and what is said of keys there are not."""

from datetime import date
from typing import Any

import pytest

from rollsight.backtests.changes import spec_at
from rollsight.backtests.spec import read_spec
from rollsight.backtests.sweeps.request import read_request
from rollsight.base.errors import RollsightError

PAIRS: list[tuple[dict[str, Any], list[str]]] = [
    ({"label.band": "date", "name": "mine"}, ["label.band=date", "name=mine"]),
    ({"strategy.stop_loss": 0.05}, ["strategy.stop_loss=0.05"]),
    ({"market.indices": ["GC", "NG"]}, ['market.indices=["GC", "NG"]']),
    ({"market.start": date(2015, 1, 2)}, ["market.start=2015-01-02"]),
    ({"market.benchmark": None}, ["market.benchmark=none"]),
    ({"model.name": "mlp"}, ["model.name=mlp"]),
    ({}, []),
]


@pytest.mark.parametrize(("values", "texts"), PAIRS)
def test_a_dict_changes_what_texts_change(values: dict[str, Any], texts: list[str]) -> None:
    asked = read_spec("krx", texts)
    assert read_spec("krx", values) == asked
    spec = read_spec("krx")
    assert spec_at(spec, None, values) == spec_at(spec, None, texts) == asked
    assert spec_at("krx", None, values) == asked
    grid = {"label.horizon": [3, 4]}
    for base in ("krx", spec):
        assert read_request(base, grid, changes=values).spec == read_request(asked, grid).spec


def test_one_text_is_one_change() -> None:
    assert read_spec("krx", "label.horizon=5") == read_spec("krx", ["label.horizon=5"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"horizon": 5}, "no section or key 'horizon' (have ["),
        ({"horizon": 5}, "; did you mean 'label.horizon'?"),
        ({"start": date(2015, 1, 2)}, "; did you mean 'market.start' or 'holdout.start'?"),
        ({"label_horizn": 5}, "; did you mean 'label.horizon'?"),
        ({"labels": 5}, "; did you mean 'label'?"),
        ({"label.horizn": 5}, "[label] has no key 'horizn'"),
        ({"label": {"horizon": 5}}, "changes 'label' would take the place of a whole section"),
        ({"a.b.c": 5}, "changes 'a.b.c' is not section.key, such as label.horizon"),
        ({"label.horizon": None}, "krx: label.horizon=None is not allowed: must be a whole number"),
        ({"label.horizon": "none"}, "label.horizon='none' is not allowed"),
    ],
)
def test_a_change_that_is_none_is_told_with_what_was_meant(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(RollsightError) as refused:
        read_spec("krx", changes)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_change_opens_no_holdout() -> None:
    held_out = read_spec("krx", {"holdout.start": date(2017, 1, 2)})
    for later in (date(2018, 1, 2), None):
        with pytest.raises(RollsightError, match="rollsight reveal opens them"):
            spec_at(held_out, None, {"holdout.start": later})
