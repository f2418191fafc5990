"""A member is added by a file and a line, and what the documentation shows keeps every rule."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from rollsight.base.errors import RollsightError
from rollsight.commands import main
from rollsight.signals.vendors.fetch import update
from rollsight.signals.vendors.members import VENDORS
from rollsight.strategies.rules import RULES, rule_of
from rollsight.strategies.spec import StrategySpec
from rollsight.workflows.check import POINTS, check
from tests.docs.documents import DOCS, blocks
from tests.support.panels import flat, panel, traded
from tests.support.toys.rules import fading
from tests.support.toys.vendors import LocalFiles, write_files
from tests.support.vendors.fetches import END, START
from tests.support.vendors.wire import QUICK, small_vendors

# The name that stands in a specification, and the file that defines it.
SHOWN = [
    (found[1], block.text)
    for block in blocks(DOCS / "extending.md", "python")
    if (found := re.match(r"# mine\.py; .*?(mine:\w+)", block.text))
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("rollsight.base.named._loaded", {})
    write_files(small_vendors(2))
    yield tmp_path
    sys.modules.pop("mine", None)


def test_the_documentation_shows_one_of_each_kind() -> None:
    assert len(SHOWN) == len(POINTS) - 1  # of two kinds of features it shows one


@pytest.mark.parametrize(("name", "source"), SHOWN, ids=[name for name, _ in SHOWN])
def test_what_the_documentation_shows_keeps_every_rule_of_its_kind(
    name: str, source: str, folder: Path
) -> None:
    (folder / "mine.py").write_text(source, encoding="utf-8")
    _, found = check(name)
    assert [finding for finding in found if finding.fault] == []


def test_a_rule_is_added_by_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RollsightError, match="no rule is called 'fading'"):
        rule_of("fading")
    monkeypatch.setitem(RULES, "fading", fading)
    done = traded(panel(flat(1, 6)), [(0, 0, 0.9)], spec=StrategySpec(rule="fading"))
    assert done.action.tolist() == ["bought"]
    assert check("fading")[0] == "rule"


def test_a_vendor_is_added_by_its_line(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setitem(VENDORS, "local-files", LocalFiles)
    called = CliRunner().invoke(
        main,
        ["fetch", "krx", "--vendor", "local-files", "--out", "data", "--codes", "000010,000020",
         "--indices", "KS11", "--start", str(START), "--end", str(END)],
    )  # fmt: skip
    assert called.exit_code == 0, called.stderr
    assert '"vendor": "local-files"' in (folder / "data" / "market.toml").read_text("utf-8")
    assert update(Path("data"), END, QUICK).missing == ()
