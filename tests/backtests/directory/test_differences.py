"""The keys in which two specs differ, some of which one of them has alone."""

from itertools import permutations

import pytest

from rollsight.backtests.directory.differences import differing, flat, spec_differences
from rollsight.backtests.spec import read_spec
from rollsight.training.models.families import FAMILIES


def of(name: str) -> list[str]:
    return [f"model.name={name}", "training.seeds=1"]


@pytest.mark.parametrize(("one", "other"), [*permutations(("resnet", "logistic", "boosting"), 2)])
def test_a_key_that_one_model_has_alone_is_none_in_the_other(one: str, other: str) -> None:
    before, after = read_spec("sample", of(one)), read_spec("sample", of(other))
    told = {key: values for key, *values in spec_differences(before, after)}
    assert told["model.name"] == [repr(one), repr(other)]
    own, others = flat(before), flat(after)
    for key in own.keys() - others.keys():
        assert told.get(key, ["none", "none"])[1] == "none"
        assert key in told or own[key] is None
    for key in others.keys() - own.keys():
        assert told.get(key, ["none", "none"])[0] == "none"
        assert key in told or others[key] is None


def test_every_model_has_its_differences_from_every_other() -> None:
    specs = [read_spec("sample", of(name)) for name in FAMILIES]
    assert differing(specs)["model.name"] == tuple(FAMILIES)
