"""Keys that were set and have no effect are said, and no others."""

from typing import Any

import pytest

from rollsight.backtests.spec import RunSpec, check_spec, preset_names, read_spec
from rollsight.backtests.specs.unused import OF, unused_notes


def said(**sections: Any) -> tuple[str, ...]:
    return unused_notes(check_spec(sections, "test"))


@pytest.mark.parametrize(
    ("without", "given"),
    [
        ({"features": {"as_is": ["change"]}}, {"features": {"normalise": "cross-section"}}),
        ({"features": {"index": ["a.b:c"]}, "market": {"indices": []}},
         {"market": {"indices": ["KS11"]}}),
        ({"universe": {"value_days": 20}}, {"universe": {"top": 5}}),
        ({"label": {"band": "date", "up": 0.1}}, {"label": {"band": "fixed"}}),
        ({"label": {"multiple": 0.7}}, {"label": {"band": "volatility"}}),
        ({"label": {"up_share": 0.2}}, {"label": {"band": "date-volatility"}}),
        ({"threshold": {"best": 3, "min_buys": 5}}, {"threshold": {"best": None}}),
        ({"threshold": {"beta": 0.7}}, {"threshold": {"objective": "f_beta"}}),
        ({"strategy": {"keep": 20}}, {"strategy": {"rule": "mine:rule"}}),
        ({"training": {"replay": 0.2}}, {"training": {"mode": "fine-tune"}}),
    ],
)  # fmt: skip
def test_a_key_is_named_with_what_gives_it_an_effect(
    without: dict[str, Any], given: dict[str, Any]
) -> None:
    (note,) = said(**without)
    section, keys = next(iter(without.items()))
    assert note.startswith(f"{section}.{list(keys)[-1]} has no effect: that takes ")
    both = {key: without.get(key, {}) | given.get(key, {}) for key in without | given}
    assert said(**both) == ()


def test_keys_of_one_reason_are_named_together() -> None:
    (note,) = said(strategy={"every": 5, "keep": 20, "tranches": 5})
    assert note.startswith("strategy.every, strategy.keep and strategy.tranches have no effect: ")


def test_the_keys_are_those_of_a_run_and_no_preset_sets_one_in_vain() -> None:
    for section, keys, _, _ in OF:
        assert set(keys) <= set(type(getattr(RunSpec(), section)).model_fields)
    assert [unused_notes(read_spec(name)) for name in preset_names()] == [()] * len(preset_names())
