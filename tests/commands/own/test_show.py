"""The command rollsight show."""

import shlex

import pytest

from rollsight.backtests.spec import RunSpec, preset_names, read_spec
from rollsight.base.toml import toml_value
from rollsight.training.models.families import FAMILIES
from rollsight.workflows.own.keys import Key, keys_of, section_of, sections
from tests.support.commands import invoke, refused

EVERY = [key for name in ("run", *sections()) for key in section_of(name).keys]
(HORIZON,) = keys_of("label.horizon")
(FOLDER,) = keys_of("market.folder")


def test_a_key_is_explained_with_its_values_presets_and_an_example() -> None:
    assert invoke("show", "label.horizon").splitlines() == [
        "label.horizon: sessions from the entry to the exit",
        "",
        "type     a whole number, 1 or more",
        "default  10",
        "presets  " + ", ".join(f"{p} ({v})" for p, v in HORIZON.presets.items()),
        "",
        "rollsight run sample --out runs/try --set label.horizon=10",
    ]
    assert "or unset" in invoke("show", "universe.top")
    assert '"rows" or "dates"' in invoke("show", "training.balance")
    assert "a list of texts" in invoke("show", "features.stock")
    assert "beta" in invoke("show", "beta")


def test_what_presets_set_is_what_they_set() -> None:
    for key in EVERY:
        for preset in key.presets:
            table = read_spec(preset).model_dump()
            assert key.name in (table[key.section] if key.section else table), key.path
    assert set(FOLDER.presets) <= set(preset_names())
    assert FOLDER.presets["krx"] == '"data/krx"'


def test_a_key_of_models_names_those_that_have_it() -> None:
    said = invoke("show", "model.heads")
    assert "transformer" in said
    assert "--set model.name=" in said
    (heads,) = keys_of("heads")
    assert heads.families == ("transformer",)


def test_a_key_that_families_have_in_several_senses_is_explained_in_each() -> None:
    senses = {key.families: key for key in keys_of("model.width")}
    assert list(senses) == [("resnet", "resnet18", "resnet34"), ("transformer",), ("cnn1d",)]
    assert [key.default for key in senses.values()] == ["16", "32", "1.0"]
    said = invoke("show", "model.width").split("\n\n")
    assert [part.splitlines()[0] for part in said[::3]] == [
        f"model.width: {key.meaning}" for key in senses.values()
    ]
    assert ["original-realtime" in part for part in said[1::3]] == [False, True, False]
    assert "a number, 0.125 or more" in said[7]
    assert said[8] == (
        "rollsight run sample --out runs/try --set model.name=cnn1d --set model.width=1.0\n"
    )


@pytest.mark.parametrize("key", section_of("model").keys, ids=lambda key: key.name)
def test_a_sense_is_that_of_each_family_it_names(key: Key) -> None:
    for family in key.families:
        info = FAMILIES[family].options.model_fields[key.name]
        default = info.get_default(call_default_factory=True)
        assert (key.meaning, key.default) == (
            info.description, "unset" if default is None else toml_value(default)
        )  # fmt: skip


def test_a_section_lists_its_keys_and_nothing_lists_the_sections() -> None:
    said = invoke("show", "label")
    assert said.startswith("[label] The trade that a label stands for.\n")
    assert all(key in said for key in ("horizon", "up_share", "of band=volatility"))
    listed = [line.split()[0] for line in invoke("show").splitlines()]
    assert listed == ["run", *sections()]
    written = {name for name in RunSpec.model_fields if name not in {"name", "baselines"}}
    assert set(listed) == {"run", "sweep", *written}
    assert "baselines" in invoke("show", "run")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("label.horizn", "did you mean 'horizon'?"),
        ("labl.horizon", "did you mean 'label'?"),
        ("horizn", "did you mean 'label.horizon'?"),
        ("strategi", "did you mean 'strategy'?"),
        ("seed", "several sections have a key 'seed'"),
        ("xyzzy", "rollsight show lists the sections"),
        ("", "no section or key ''"),
        ("a.b.c", "no section 'a.b'"),
    ],
)
def test_an_unknown_key_is_answered_with_the_nearest(asked: str, said: str) -> None:
    assert said in refused("show", asked)


@pytest.mark.parametrize("key", EVERY, ids=[key.path for key in EVERY])
def test_every_key_has_a_meaning_a_kind_and_an_example_that_is_allowed(key: Key) -> None:
    assert key.meaning
    assert key.kind
    if key.section == "sweep":
        return
    (example,) = shlex.split(shlex.quote(key.example))
    of = [f"model.name={key.families[0]}"] if key.families else []
    read_spec("sample", [*of, example])


def test_an_example_says_another_value_than_the_default_where_it_could_be_unset() -> None:
    alike = [key.path for key in EVERY if key.default == "unset" and key.value is None]
    assert alike == []
