"""The command rollsight new: each file passes as it stands, and is used by one line of a spec."""

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from rollsight.backtests.owncode import own_sources
from rollsight.backtests.spec import read_spec
from rollsight.commands import main
from rollsight.workflows.check import check
from tests.support.audits import TINY, own_index_market
from tests.support.commands import invoke, refused

KINDS = ("feature", "model", "rule")
QUICK = [word for change in TINY if not change.startswith("model.") for word in ("--set", change)]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("rollsight.base.named._loaded", {})
    yield tmp_path
    for kind in KINDS:
        sys.modules.pop(f"my_{kind}", None)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_index_market(tmp_path_factory.mktemp("market"))


def next_calls(kind: str) -> list[list[str]]:
    """Return the commands that the command prints, a list of words each."""
    said = invoke("new", kind, f"my_{kind}")
    calls = [line.strip() for line in said.splitlines() if line.startswith("  rollsight ")]
    return [shlex.split(call)[1:] for call in calls]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_member_passes_every_check_as_it_stands(kind: str, here: Path) -> None:
    checked, _ = next_calls(kind)
    assert checked == ["check", f"my_{kind}:{kind}"]
    said = invoke(*checked)
    assert "FAILED" not in said
    text = (here / f"my_{kind}.py").read_text(encoding="utf-8")
    assert f"my_{kind}:{kind}" in text
    assert "NAME" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_member_is_used_by_one_line_of_the_spec(kind: str, market: Path, here: Path) -> None:
    _, call = next_calls(kind)
    change = call[call.index("--set") + 1]
    invoke("run", "krx", "--market", str(market), "--out", "run", "--no-report", *QUICK,
           "--set", change)  # fmt: skip
    assert len(own_sources(read_spec("run/run.toml"))) == 1
    lines = (here / f"my_{kind}.py").read_text(encoding="utf-8").split('"""')[1]
    section, key = change.split("=")[0].split(".")
    assert re.search(rf"\[{section}\]\n    {key} = ", lines)


def test_the_second_object_of_a_rule_has_another_setting() -> None:
    next_calls("rule")
    assert all(not finding.fault for finding in check("my_rule:patient")[1])


@pytest.mark.slow
def test_a_feature_changed_to_look_ahead_is_caught(market: Path, here: Path) -> None:
    next_calls("feature")
    path = here / "my_feature.py"
    honest = "value[:, DAYS:] = close[:, DAYS:] / close[:, :-DAYS] - 1"
    text = path.read_text(encoding="utf-8")
    assert honest in text
    ahead = "value[:, :-DAYS] = close[:, DAYS:] / close[:, :-DAYS] - 1"
    path.write_text(text.replace(honest, ahead), encoding="utf-8")
    call = ["audit", "krx", "--market", str(market), "--trials", "4", *QUICK]
    changed = ["--set", "features.stock=['change','my_feature:feature']"]
    found = CliRunner().invoke(main, [*call, *changed])
    assert found.exit_code == 1, found.output
    failed = [line for line in found.stdout.splitlines() if line.startswith("FAILED")]
    assert any("another future" in line for line in failed)
    assert CliRunner().invoke(main, ["check", "my_feature:feature"]).exit_code == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2nd", "no name of a module"),
        ("class", "no name of a module"),
        ("folder/mine", "written into the current folder"),
        ("random", "is a module that is installed"),
        ("", "no name of a module"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(name: str, said: str, here: Path) -> None:
    assert said in refused("new", "rule", name)
    assert list(here.iterdir()) == []


def test_nothing_is_written_over(here: Path) -> None:
    (here / "my_rule.py").write_text("mine")
    assert "exists already" in refused("new", "rule", "my_rule.py")
    assert (here / "my_rule.py").read_text() == "mine"
