"""Families are walked forward on equal terms, and what fails takes no other with it."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trials.attempts import read_ledger
from rollsight.base.errors import RollsightError
from rollsight.reports.page.language import speak
from rollsight.reports.zoo.page import zoo_page
from rollsight.workflows.zoo.plan import planned
from rollsight.workflows.zoo.walk import Zoo, zoo
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market

MODELS = ("resnet", "logistic", "mlp")
RECIPE = Recipe(n_stocks=5, n_days=270)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return spec_of(write_market(tmp_path_factory.mktemp("market"), RECIPE))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("zoo")


@pytest.fixture(scope="module")
def done(spec: RunSpec, home: Path) -> Zoo:
    return zoo(spec, MODELS, out=home, seeds=2)


def test_every_family_is_there_beside_the_frequencies_with_as_many_buys(done: Zoo) -> None:
    members = {m.name: m for m in done.numbers.members}
    assert members.keys() == {*MODELS, "frequencies"}
    assert len({m.buys for m in members.values()}) == 1
    assert members["resnet"].networks == 2
    assert members["logistic"].networks == 1
    assert members["frequencies"].gain.value == pytest.approx(0, abs=1e-6)
    for one in members.values():
        shares = (one.precision, one.crucial_fail, one.soso_fail)
        assert sum(share or 0 for share in shares) == pytest.approx(1)


def test_a_lead_over_another_is_the_difference_of_both_gains(done: Zoo) -> None:
    members = {m.name: m for m in done.numbers.members}
    own, other = members["resnet"], members["logistic"]
    assert own.gain.value is not None
    assert other.gain.value is not None
    lead = own.against["logistic"].value
    assert lead == pytest.approx(own.gain.value - other.gain.value)
    assert other.against["resnet"].value == pytest.approx(-lead)


def test_what_has_finished_is_taken_and_counted_as_the_same_try(
    done: Zoo, spec: RunSpec, home: Path
) -> None:
    before = (home / "zoo.json").read_bytes()
    again = zoo(spec, MODELS, out=home, seeds=2, lang="ko")
    own, other = json.loads(before), json.loads((home / "zoo.json").read_bytes())
    for content in (own, other):
        for member in content["members"]:
            member["seconds"] = None
    assert own == other
    assert "모형 비교" in again.html
    assert len({entry.spec_digest for entry in read_ledger(home)}) == len(done.numbers.members)


def test_all_models_are_explained_on_the_same_rows(done: Zoo) -> None:
    maps = done.numbers.maps
    assert maps is not None
    assert set(maps.shares) >= {"resnet", "mlp"}
    assert all(np.sum(share) == pytest.approx(1) for share in maps.shares.values())


def test_the_page_is_said_in_both_languages_and_asks_for_nothing(done: Zoo) -> None:
    for lang, title in (("en", "Models side by side"), ("ko", "모형 비교")):
        page = zoo_page(done.numbers, speak(lang))  # type: ignore[arg-type]
        assert title in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert not re.findall(r"\{[a-z]+\}", page.partition("<main")[2].partition("<script")[0])


def test_a_family_that_cannot_take_the_spec_is_named_with_the_reason(spec: RunSpec) -> None:
    short = spec.model_copy(update={"features": spec.features.model_copy(update={"lookback": 5})})
    plan = planned(short, ("resnet", "logistic"))
    assert [name for name, _ in plan.left_out] == ["resnet"]
    assert "features.lookback=5" in plan.left_out[0][1]
    assert "left out: resnet" in "\n".join(plan.lines)


def test_no_family_of_a_name_is_said_before_anything_is_done(spec: RunSpec, home: Path) -> None:
    with pytest.raises(RollsightError, match="no family 'resnt'"):
        zoo(spec, ("resnt",), out=home / "none")
    assert not (home / "none").exists()
