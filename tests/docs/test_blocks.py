"""What README and the pages of docs show is what the program understands."""

import ast
import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import rollsight
from rollsight.backtests.spec import RunSpec, check_spec, preset_names, read_spec
from rollsight.backtests.sweeps.spec import SweepSpec, read_sweep
from rollsight.commands import main
from rollsight.signals.folder.settings import MarketToml
from rollsight.training.models.families import FAMILIES
from tests.docs.documents import DOCS, PAGES, ROOT, Block, blocks, calls, inline
from tests.support.commands import parsed

SECTIONS = {name: field.default for name, field in RunSpec.model_fields.items()}
NOT_KEYS = (".toml", ".jsonl", ".parquet", ".csv", ".py", ".json")


def shown(language: str) -> list[object]:
    found = [block for page in PAGES for block in blocks(page, language)]
    assert found
    return [pytest.param(block, id=block.where) for block in found]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the members of one's own that the pages name, in one file."""
    own = [b.text for page in PAGES for b in blocks(page, "python") if "mine.py" in (b.title or "")]
    own += [b.text for b in blocks(DOCS / "extending.md", "python")]
    (tmp_path / "mine.py").write_text("\n".join(own), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("rollsight.base.named._loaded", {})
    yield tmp_path
    sys.modules.pop("mine", None)


@pytest.mark.parametrize("block", shown("bash"))
def test_every_command_is_one_that_the_program_has(block: Block) -> None:
    for words in calls(block):
        if words[0] == "rollsight":
            parse(words[1:])
        elif words[0] == "make":
            assert f"\n{words[1]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
        elif words[:2] == ["pip", "install"]:
            extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
            (extra,) = re.findall(r"rollsight\[(\w+)\]", words[2])
            assert extra in extras["optional-dependencies"]
        else:
            assert words[0] in {"git", "source", "dask"}, words


def parse(words: list[str]) -> None:
    """Parse a call as the program would, and read the specification that it asks for."""
    asked = parsed(words)
    spec = asked.get("spec")
    if spec is None:
        return
    assert spec in {*preset_names(), "mine.toml"}
    source = "sample" if spec == "mine.toml" else spec
    read_spec(source, asked.get("changes", ()), asked.get("market"))
    if asked.get("grid"):
        read_sweep(source, asked["grid"])


@pytest.mark.parametrize("block", shown("python"))
def test_every_block_of_python_uses_what_there_is(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rollsight"):
            module = importlib.import_module(str(node.module))
            assert [a.name for a in node.names if not hasattr(module, a.name)] == []
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "rollsight":
            assert node.attr in rollsight.__all__
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("rollsight."):
            function: object = rollsight
            for name in ast.unparse(node.func).split(".")[1:]:
                function = getattr(function, name)
            assert callable(function)
            given = {k.arg: None for k in node.keywords if k.arg}
            inspect.signature(function).bind(*node.args, **given)


@pytest.mark.parametrize("block", shown("toml"))
def test_every_block_of_toml_is_a_specification_or_a_market(block: Block) -> None:
    content = tomllib.loads(block.text)
    if "sweep" in content:
        SweepSpec.model_validate(content["sweep"])
    elif set(content) <= set(RunSpec.model_fields):
        check_spec(content, block.where)
    else:
        MarketToml.model_validate(content)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_key_in_a_sentence_exists(page: Path) -> None:
    families = {key for family in FAMILIES.values() for key in family.options.model_fields}
    for code in inline(page):
        for section, key in re.findall(r"(?<![\w./-])([a-z]+)\.([a-z_]\w*)\b(?!\()", code):
            if section not in SECTIONS or f".{key}".endswith(NOT_KEYS):
                continue
            known = families if section == "model" else type(SECTIONS[section]).model_fields
            assert key in known, code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_in_a_sentence_exists(page: Path) -> None:
    for code in inline(page):
        if found := re.match(r"rollsight ([a-z]+)\b", code):
            assert found[1] in main.commands, code
