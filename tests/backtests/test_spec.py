"""A run's specification: written and read back the same, and refused in one line."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from rollsight.backtests.spec import RunSpec, check_spec, preset_names, read_spec, to_toml
from rollsight.base.errors import RollsightError
from tests.support.edits.spec import OTHER
from tests.support.examples import examples


def keys() -> list[str]:
    """Return every key of a run as section.key."""
    found, defaults = [], RunSpec()
    for section in RunSpec.model_fields:
        part = getattr(defaults, section)  # the model's keys are those of its family
        keys = type(part).model_fields if isinstance(part, BaseModel) else None
        found += [section] if keys is None else [f"{section}.{key}" for key in keys]
    return found


def changed(values: dict[str, Any]) -> RunSpec:
    """Return the default spec with the values of some section.keys."""
    content: dict[str, Any] = {}
    for path, value in values.items():
        *section, key = path.split(".")
        target = content.setdefault(section[0], {}) if section else content
        target[key] = value
    return check_spec(content, "test")


def test_the_table_of_other_values_has_every_key() -> None:
    assert list(OTHER) == keys()


@pytest.mark.parametrize("key", keys())
def test_the_digest_depends_on_every_key_but_the_folder(key: str) -> None:
    same = changed({key: OTHER[key]}).digest == RunSpec().digest
    assert same == (key == "market.folder")


@pytest.mark.parametrize("key", keys())
def test_every_key_is_written_and_read_back(key: str, tmp_path: Path) -> None:
    spec = changed({key: OTHER[key]})
    assert spec != RunSpec()
    path = tmp_path / "run.toml"
    path.write_text(to_toml(spec), encoding="utf-8")
    assert read_spec(str(path)) == spec


@pytest.mark.parametrize("preset", preset_names())
def test_a_preset_is_written_and_read_back(preset: str, tmp_path: Path) -> None:
    spec = read_spec(preset)
    path = tmp_path / "run.toml"
    path.write_text(to_toml(spec), encoding="utf-8")
    assert read_spec(str(path)) == spec
    assert read_spec(str(path)).digest == spec.digest


# DEL is left out here: see the test below. Blanks alone are no text.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f")).filter(
    str.strip
)
POSITIVE = st.floats(0, exclude_min=True, allow_infinity=False)
DAY = st.none() | st.dates()
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXT,
        "market.folder": TEXT,
        "market.start": DAY,
        "market.end": DAY,
        "market.indices": st.lists(TEXT).map(tuple) | st.just("all"),
        "market.benchmark": st.none()
        | TEXT
        | st.lists(TEXT.map(str.strip), min_size=2, unique=True),
        "market.risk_free": st.none() | TEXT | st.floats(-1, 1, exclude_min=True, exclude_max=True),
        "features.clip": POSITIVE,
        "label.horizon": st.integers(1, 2**53),
        "label.up": st.floats(0, allow_infinity=False),
        "training.learning_rate": POSITIVE,
        "training.seed": st.integers(0, 2**32 - 1),
        "training.class_weights": st.sampled_from(["none", "balanced"]),
        "threshold.min_score": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "strategy.extend": st.booleans(),
        "strategy.stop_loss": st.none() | st.floats(0, 1, exclude_min=True, exclude_max=True),
        "strategy.trailing_stop": st.none() | st.floats(0, 1, exclude_min=True, exclude_max=True),
        "costs.commission": st.none() | st.floats(0, 1, exclude_max=True),
    },
)


@examples(100)
@given(CHANGES)
def test_any_spec_is_written_and_read_back_with_its_digest(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]
) -> None:
    spec = changed(values)
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(to_toml(spec), encoding="utf-8")
    again = read_spec(str(path))
    assert again == spec
    assert again.digest == spec.digest
    assert to_toml(again) == to_toml(spec)


def test_a_name_with_a_delete_character_is_read_back(tmp_path: Path) -> None:
    spec = changed({"name": "a\x7fb"})
    path = tmp_path / "run.toml"
    path.write_text(to_toml(spec), encoding="utf-8")
    assert read_spec(str(path)) == spec


def test_changes_are_applied_in_order_and_the_market_comes_last() -> None:
    spec = read_spec(
        "sample",
        ["label.horizon=5", " label.horizon = 7 ", "name=My run", "market.start=2016-01-04",
         "market.indices=['SP500']", "market.folder=a", "strategy.extend=true"],
        market="b",
    )  # fmt: skip
    assert (spec.label.horizon, spec.name, spec.market.start) == (7, "My run", date(2016, 1, 4))
    assert (spec.market.indices, spec.market.folder) == (("SP500",), "b")
    assert spec.strategy.extend is True


def test_a_key_that_may_be_unset_is_unset_by_none() -> None:
    assert read_spec("sample").market.benchmark == "SP500"
    spec = read_spec("sample", ["market.benchmark=none", "market.start=none", "market.book=none"])
    assert (spec.market.benchmark, spec.market.start) == (None, None)
    assert spec.market.book == "none"  # here none is a choice


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("label.horizn=5", "[label] has no key 'horizn' (have ['band', 'down', 'down_share', "
         "'horizon', 'multiple', 'up', 'up_share']); did you mean 'horizon'?"),
        ("lable.horizon=5", "no section or key 'lable'|did you mean 'label'?"),
        ("nam=x", "no section or key 'nam'|did you mean 'name'?"),
        ("label.horizon=ten", "label.horizon='ten' is not allowed"),
        ("label.horizon=0", "label.horizon=0 is not allowed|greater than or equal to 1"),
        ("label.horizon=2.5", "label.horizon=2.5 is not allowed"),
        ("label.horizon=none", "label.horizon='none' is not allowed"),
        ("label.band=wide", "label.band='wide' is not allowed|'fixed', 'volatility', 'date' or"),
        ("label.multiple=0", "label.multiple=0 is not allowed|greater than 0"),
        ("threshold.score=p_down", "threshold.score='p_down' is not allowed|'p_up - p_down'"),
        ("label.down=0.5", "label: down=0.5 must be below up=0.02"),
        ("label=5", "label=5 is not allowed"),
        ("features.clip=inf", "features.clip=inf is not allowed"),
        ("market.start=yesterday", "market.start='yesterday' is not allowed"),
        ("market.indices=3", "market.indices=3 is not allowed"),
        ("market.benchmark=5", "market.benchmark=5 is not allowed|in quotes|a list in brackets"),
        ("market.benchmark=[]", "names no index: name one, or leave it unset"),
        ("market.benchmark=['A','A']", "names an index twice: keep each once"),
        ("market.risk_free=3", "market.risk_free: 3 must be a fraction a year: 3 % is 0.03"),
        ("market.risk_free=true", "market.risk_free=true is not allowed"),
        ("market.indices=[1]", "market.indices=1 is not allowed"),
        ("market.book=krw", "market.book='krw' is not allowed|'krx', 'us' or 'none'"),
        ("strategy.stop_loss=a\nb", "holds more than one line"),
        ("name=", "name='' is not allowed"),
        ("name.first=x", "--set 'name.first=x': 'name' has no keys of its own"),
        ("label.horizon", "--set 'label.horizon' is not section.key=value"),
        ("=5", "--set '=5' is not section.key=value"),
        ("label.=5", "--set 'label.=5' is not section.key=value"),
        (".horizon=5", "--set '.horizon=5' is not section.key=value"),
        ("a.b.c=5", "--set 'a.b.c=5' is not section.key=value"),
        ("", "--set '' is not section.key=value"),
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_refused_in_one_line(change: str, words: str) -> None:
    with pytest.raises(RollsightError) as refusal:
        read_spec("sample", [change])
    message = str(refusal.value)
    assert "\n" not in message
    assert all(part in message for part in words.split("|")), message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("name = \nx = 1", "is not TOML|line 1"),
        ("[label]\nhorizon = 5\nhorizon = 6\n", "is not TOML|line 3"),
        ("[labels]\nhorizon = 5", "no section or key 'labels'|did you mean 'label'?"),
        ("[label]\nhorizon = '5 days'", "label.horizon='5 days' is not allowed"),
        ("[costs]\ncommision = 0.1", "[costs] has no key|did you mean 'commission'?"),
    ],
)
def test_a_file_that_is_no_spec_is_refused_in_one_line(
    content: str, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "spec.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RollsightError) as refusal:
        read_spec(str(path))
    message = str(refusal.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert all(part in message for part in words.split("|")), message


def test_a_file_that_is_no_text_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    path.write_bytes(b"name = '\xff\xfe'")
    with pytest.raises(RollsightError, match="is not UTF-8") as refusal:
        read_spec(str(path))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("source", ["sampel", "no/such.toml", "."])
def test_an_unknown_preset_or_file_names_the_presets(source: str) -> None:
    with pytest.raises(RollsightError, match=r"neither a preset nor a TOML file \(have \['krx'"):
        read_spec(source)


def test_a_misspelt_preset_is_suggested() -> None:
    with pytest.raises(RollsightError, match="did you mean 'sample'"):
        read_spec("sampel")


def test_a_change_that_holds_more_than_a_value_is_refused() -> None:
    with pytest.raises(RollsightError):
        read_spec("sample", ["label.horizon=5\nup = 0.5"])


def test_a_source_too_long_for_a_file_name_is_refused() -> None:
    with pytest.raises(RollsightError, match="neither a preset nor a TOML file"):
        read_spec("x" * 300)


def test_a_list_of_one_benchmark_is_that_benchmark() -> None:
    one, listed = changed({"market.benchmark": "KS11"}), changed({"market.benchmark": ["KS11"]})
    assert (listed.market.benchmark, listed.digest) == ("KS11", one.digest)
    several = changed({"market.benchmark": ["KS11", "KQ11"]}).market
    assert (several.first_benchmark, several.benchmarks) == ("KS11", ("KS11", "KQ11"))
    assert (RunSpec().market.first_benchmark, RunSpec().market.benchmarks) == (None, ())
