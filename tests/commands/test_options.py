"""What every command has: help with calls that work, silence, more to read, and pages that open."""

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from rollsight.backtests.spec import preset_names, read_spec
from rollsight.backtests.sweeps.request import read_request
from rollsight.commands import main
from rollsight.commands.examples import COMPLETION, EXAMPLES, FIRST
from rollsight.workflows.own.keys import keys_of, sections
from tests.support.commands import parsed, refused

DOCS = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
CALLS = [*FIRST, *(line for lines in EXAMPLES.values() for line in lines)]


def test_every_command_has_examples_of_its_own() -> None:
    assert set(EXAMPLES) == set(main.commands)
    for name, lines in EXAMPLES.items():
        assert all(line.startswith(f"rollsight {name}") for line in lines), name
        said = CliRunner().invoke(main, [name, "-h"]).output
        assert all(f"  {line}\n" in said for line in lines), name
        assert said == CliRunner().invoke(main, [name, "--help"]).output


@pytest.mark.parametrize("call", CALLS)
def test_every_example_names_what_there_is(call: str) -> None:
    _, *words = shlex.split(call.partition(" |")[0])
    name, given = words[0], parsed(words)
    if "spec" in given:
        assert given["spec"] in preset_names()
        read_spec(given["spec"], given["changes"], given["market"])
    if name == "sweep":
        read_request(given["spec"], given["grid"], sampler="random" if given["random"] else None,
                     trials=given["random"])  # fmt: skip
    if name == "init":
        assert given["preset"] in {None, *preset_names()}
    if name == "show" and given["key"] not in {None, *sections()}:
        keys_of(given["key"])


def test_the_documented_lines_complete_commands_and_options() -> None:
    said = CliRunner().invoke(main, ["--help"]).output
    for shell, (line, file) in COMPLETION.items():
        assert line in said
        assert line in DOCS
        assert file in DOCS
        source = {"_ROLLSIGHT_COMPLETE": f"{shell}_source"}
        script = CliRunner().invoke(main, [], env=source, prog_name="rollsight")
        assert "_ROLLSIGHT_COMPLETE" in script.output
    words = {"COMP_WORDS": "rollsight expo", "COMP_CWORD": "1"}
    asked = {"_ROLLSIGHT_COMPLETE": "bash_complete", **words}
    found = CliRunner().invoke(main, [], env=asked, prog_name="rollsight")
    assert found.output == "plain,export\n"


def test_the_documentation_names_every_command() -> None:
    assert [name for name in main.commands if f"`{name}`" not in DOCS] == []


def test_a_verbose_error_says_where_it_arose() -> None:
    said = CliRunner().invoke(main, ["run", "krxx", "--out", "o", "--verbose"])
    assert said.exit_code == 2
    assert "Traceback" in said.stderr
    assert said.stderr.splitlines()[-1].startswith("Error: 'krxx' is neither")
    assert "Traceback" not in CliRunner().invoke(main, ["run", "krxx", "--out", "o"]).stderr


def test_quiet_and_verbose_are_not_had_at_once() -> None:
    said = CliRunner().invoke(main, ["models", "--quiet", "--verbose"])
    assert said.exit_code == 2
    assert "leave one of the two out" in said.stderr


def test_a_page_that_is_not_written_is_not_opened() -> None:
    assert "--open" in refused("run", "sample", "--out", "o", "--no-report", "--open")
    assert "--open" in refused("compare", "a", "b", "--open")
