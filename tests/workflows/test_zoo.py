"""Families are walked forward on equal terms, and what fails takes no other with it."""

import json
import re
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.chain.forecasts import usable_rows
from rollsight.backtests.directory.result import read_model, read_result
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trials.attempts import read_ledger
from rollsight.base.errors import RollsightError
from rollsight.reports.compare.compared import read_compared
from rollsight.reports.page.language import speak
from rollsight.reports.page.words import verdict_name, word
from rollsight.reports.zoo.figures import curves_figure
from rollsight.reports.zoo.page import zoo_page
from rollsight.signals.teacher.spec import TeacherSpec
from rollsight.training.deciding.inference import log_probabilities
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.families import FAMILIES
from rollsight.training.models.model import FittedModel
from rollsight.workflows.zoo.networks import gains_alone, networks_of
from rollsight.workflows.zoo.plan import planned
from rollsight.workflows.zoo.walk import Zoo, zoo
from tests.support.chains import spec_of
from tests.support.commands import contents
from tests.support.markets import Recipe, write_market

pytestmark = pytest.mark.slow

MODELS = ("resnet", "logistic")
RECIPE = Recipe(n_stocks=4, n_days=235)


class Broken:
    """A family that cannot learn, as one's own may be."""

    options = FAMILIES["logistic"].options
    can = FAMILIES["logistic"].can
    restore = FAMILIES["logistic"].restore

    def fit(self, *_: object, **__: object) -> None:
        raise ZeroDivisionError("no row is right")


BROKEN = Broken()
BROKEN_NAME = f"{__name__}:BROKEN"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return spec_of(write_market(tmp_path_factory.mktemp("market"), RECIPE))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("zoo")


@pytest.fixture(scope="module")
def done(spec: RunSpec, home: Path) -> Zoo:
    return zoo(spec, (*MODELS, BROKEN_NAME), out=home, seeds=2)


def numbers_in(home: Path) -> dict[str, Any]:
    """Return what zoo.json holds, without the seconds of training."""
    found: dict[str, Any] = json.loads((home / "zoo.json").read_bytes())
    for member in found["members"]:
        del member["seconds"]
    return found


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


def test_the_verdict_on_each_family_among_so_many_is_line_one(done: Zoo, home: Path) -> None:
    names: dict[str, list[str]] = {}
    for member in done.numbers.members:
        own = read_compared(home / member.name).numbers.verdict
        assert member.word == own.among(len(done.numbers.members)).word
        names.setdefault(verdict_name(member.word, speak("en")), []).append(member.name)
    said = "; ".join(f"{word}: {', '.join(of)}" for word, of in names.items())
    assert repr(done).splitlines()[0] == f"{said}."
    assert f'<p class="verdict"><b>{said}.</b></p>' in done.html


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
    before = numbers_in(home)
    again = zoo(spec, MODELS, out=home, seeds=2, lang="ko")
    assert numbers_in(home) | {"left_out": before["left_out"]} == before
    assert "모델 비교" in again.html
    assert len({entry.spec_digest for entry in read_ledger(home)}) == len(done.numbers.members) + 1
    for page, title in ((done.html, "Models side by side"), (again.html, "모델 비교")):
        assert title in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert not re.findall(r"\{[a-z]+\}", page.partition("<main")[2].partition("<script")[0])


def test_a_second_call_asks_no_network_anything_and_writes_the_same_page(
    done: Zoo, spec: RunSpec, home: Path
) -> None:
    stages: list[str] = []
    again = zoo(
        spec, (*MODELS, BROKEN_NAME), out=home, seeds=2,
        progress=lambda stage, *_: stages.append(stage),
    )  # fmt: skip
    assert again.html == done.html
    assert {stage.partition(": ")[0] for stage in stages} == {BROKEN_NAME, "write the report"}


def test_what_is_kept_of_networks_is_made_anew_where_it_is_torn_or_of_others(
    done: Zoo, spec: RunSpec, home: Path, tmp_path: Path
) -> None:
    plan, found = planned(spec, MODELS, seeds=2), read_result(home / "resnet")
    said, kept = (home / "resnet.networks.json").read_bytes(), tmp_path / "kept.json"
    own = (plan.ready, plan.specs["resnet"], found.manifest)
    for there in (b"", said[:40], b"[]", said.replace(b'"of": "', b'"of": "another ')):
        kept.write_bytes(there)
        model_of = partial(read_model, home / "resnet", found.manifest)
        networks = networks_of(*own, model_of, kept, tmp_path)
        assert kept.read_bytes() == said

    def never(_number: int) -> FittedModel:
        raise AssertionError("a network was read")

    assert networks_of(*own, never, kept, tmp_path) == networks
    (member,) = (m for m in done.numbers.members if m.name == "resnet")
    assert networks.parameters == member.parameters


def test_a_family_that_fails_takes_no_other_with_it(done: Zoo) -> None:
    assert done.numbers.left_out == ((BROKEN_NAME, "ZeroDivisionError: no row is right"),)
    assert f"Left out: {BROKEN_NAME}: ZeroDivisionError: no row is right" in done.html


def test_an_interrupted_zoo_goes_on_to_the_same_bytes(
    done: Zoo, spec: RunSpec, home: Path, tmp_path: Path
) -> None:
    def interrupts(stage: str, count: int, _total: int, _note: str = "", /) -> None:
        if stage == "logistic: train networks" and count == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        zoo(spec, MODELS, out=tmp_path, seeds=2, progress=interrupts)
    assert not (tmp_path / "zoo.json").exists()
    zoo(spec, MODELS, out=tmp_path, seeds=2)
    for name in (*MODELS, "frequencies"):
        assert contents(tmp_path / name) == contents(home / name)
    assert numbers_in(tmp_path) == numbers_in(home) | {"left_out": []}


def test_a_seed_gains_what_its_networks_gain_by_themselves(
    done: Zoo, spec: RunSpec, home: Path, tmp_path: Path
) -> None:
    plan, found = planned(spec, MODELS, seeds=2), read_result(home / "resnet")
    samples, gains = plan.ready.samples, []
    for window in plan.ready.windows:
        model = read_model(home / "resnet", found.manifest, window.number)
        rows = usable_rows(samples, window.test)
        label = samples.labels.label[rows.stock, rows.day]
        rows, label = Rows(rows.stock[label >= 0], rows.day[label >= 0]), label[label >= 0]
        each = np.exp(log_probabilities(model, samples, rows)[1].astype(np.float64))
        own = each / each.sum(axis=1, keepdims=True)
        gains += list(
            np.log(own[np.arange(len(label)), label] / np.array(model.frequencies)[label])
        )
    model_of = partial(read_model, home / "resnet", found.manifest)
    alone = gains_alone(plan.ready, plan.specs["resnet"], model_of, tmp_path)
    assert alone[1] == pytest.approx(np.mean(gains), rel=1e-5)
    # There from what the run kept of its forecasts, here from the networks.
    member = next(m for m in done.numbers.members if m.name == "resnet")
    assert member.seeds["gain"].mean == pytest.approx(np.mean(alone))
    assert member.seeds["gain"].deviation == pytest.approx(abs(alone[0] - alone[1]) / np.sqrt(2))


def test_all_models_are_explained_on_the_same_rows(done: Zoo) -> None:
    maps = done.numbers.maps
    assert maps is not None
    assert set(maps.shares) == set(MODELS)
    assert all(np.sum(share) == pytest.approx(1) for share in maps.shares.values())


def test_all_models_learn_each_fifth_session_unless_told_otherwise(spec: RunSpec) -> None:
    for every, told in ((5, {}), (2, {"every": 2})):
        plan = planned(spec, MODELS, **told)
        assert {own.training.every for own in plan.specs.values()} == {every}


def test_losses_of_returns_are_told_in_their_own_unit(done: Zoo) -> None:
    say, numbers = speak("ko"), done.numbers
    assert "제곱 오차" not in curves_figure(numbers, say)
    members = tuple(replace(m, squared=m.name == "resnet") for m in numbers.members)
    drawn = curves_figure(replace(numbers, members=members), say)
    assert "제곱 오차" in drawn
    assert "nat<" in drawn  # of logistic regression


def test_a_family_that_cannot_take_the_spec_is_named_with_the_reason(spec: RunSpec) -> None:
    short = spec.model_copy(update={"features": spec.features.model_copy(update={"lookback": 5})})
    plan = planned(short, ("resnet", "logistic"))
    assert [name for name, _ in plan.left_out] == ["resnet"]
    assert "features.lookback=5" in plan.left_out[0][1]
    assert "left out: resnet" in "\n".join(plan.lines)


def test_reasons_are_korean_on_the_korean_page(done: Zoo, spec: RunSpec) -> None:
    def left_out(models: tuple[str, ...], section: str, **keys: object) -> tuple[Any, ...]:
        part = getattr(spec, section).model_copy(update=keys)
        return planned(spec.model_copy(update={section: part}), models).left_out

    reasons = (
        *left_out(("resnet", "gaf", "cnn2d", "momentum"), "features", lookback=1),
        *left_out(("momentum",), "features", stock=("volume",)),
        *left_out(("cnn1d",), "label", band="volatility"),
        *left_out(("cnn1d",), "training", class_weights="balanced"),
    )
    assert len(reasons) == 7
    page = zoo_page(replace(done.numbers, left_out=reasons), speak("ko"))
    for name, reason in reasons:
        assert f"제외: {name}: " in page
        assert escape(reason) not in page
        assert word(reason, speak("en")) == reason


def test_families_that_cannot_have_the_teacher_are_walked_without_it_and_named(
    done: Zoo, spec: RunSpec
) -> None:
    teacher = TeacherSpec(source="smoothing")
    plan = planned(spec.model_copy(update={"teacher": teacher}), ("mlp", "cnn1d", "logistic"))
    assert plan.left_out == ()
    assert {name: own.teacher.is_set for name, own in plan.specs.items()} == {
        "mlp": True, "cnn1d": False, "logistic": False, "frequencies": False,
    }  # fmt: skip
    of = {"teacher": "smoothing", "untaught": ("logistic", "frequencies")}
    page = zoo_page(replace(done.numbers, **of), speak("en"))
    assert "All models but frequencies, logistic learnt soft labels too" in page
    every = {"teacher": "smoothing", "untaught": tuple(m.name for m in done.numbers.members)}
    none = zoo_page(replace(done.numbers, **every), speak("en"))
    assert "teacher.source = smoothing, which no model here can learn from." in none
    assert "teacher.source" not in done.html


def test_another_teacher_in_the_same_file_is_learnt_anew_by_whom_it_teaches(
    spec: RunSpec, tmp_path: Path
) -> None:
    soft, market = tmp_path / "soft.csv", Path(spec.market.folder)
    prices = pd.read_parquet(market / "prices.parquet", columns=["Date", "Code"])
    taught = spec.model_copy(update={"teacher": TeacherSpec(source=str(soft))})
    digests = []
    for up in (0.5, 0.2):
        pd.DataFrame(
            {"decided_at": prices["Date"], "code": prices["Code"], "p_down": 0.8 - up,
             "p_hold": 0.2, "p_up": up, "known_at": prices["Date"]}
        ).to_csv(soft, index=False)  # fmt: skip
        found = zoo(taught, ("mlp", "logistic"), out=tmp_path / "out", seeds=1)
        assert found.numbers.untaught == ("logistic", "frequencies")
        read = {n: read_result(tmp_path / "out" / n) for n in ("mlp", "logistic")}
        assert read["mlp"].baselines.shape[0] == 0  # no control beside a family
        digests.append({n: one.manifest["model_digests"] for n, one in read.items()})
    assert digests[0]["mlp"] != digests[1]["mlp"]
    assert digests[0]["logistic"] == digests[1]["logistic"]


def test_no_family_of_a_name_is_said_before_anything_is_done(spec: RunSpec, home: Path) -> None:
    with pytest.raises(RollsightError, match="no family 'resnt'"):
        zoo(spec, ("resnt",), out=home / "none")
    assert not (home / "none").exists()
