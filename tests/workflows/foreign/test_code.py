"""A run of somebody else's names code: to open it imports none that this user has not run."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from rollsight.backtests.directory.directory import MANIFEST, SPEC
from rollsight.backtests.directory.result import read_result
from rollsight.backtests.spec import read_spec
from rollsight.base.errors import RollsightError
from rollsight.base.own.ran import UnknownCodeError
from rollsight.live.runs.liverun import LiveRun
from rollsight.reports.compare.compared import read_compared
from rollsight.workflows.audit import audit
from rollsight.workflows.decide import decide
from rollsight.workflows.reading.report import load, report
from rollsight.workflows.reveal import reveal
from rollsight.workflows.run import run
from rollsight.workflows.update import update
from tests.support.commands import invoke, refused

BAIT = "from pathlib import Path\nPath('{mark}').touch()\n{then}"
SECTIONS = {
    "model": {"name": "{}"}, "baselines": ["{}"], "strategy": {"rule": "{}"},
    "features": {"stock": ["{}"]},
}  # fmt: skip


@pytest.fixture
def theirs(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_looks: Path
) -> Iterator[Path]:
    """A run in the current directory, with code in it, beside it, and named as a library."""
    there = shutil.copytree(run_folder, tmp_path / "theirs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("rollsight.base.named._loaded", {})
    text = BAIT.format(mark=tmp_path / "run", then="from tests.support.toys.rules import fading")
    for file in ("evil.py", "theirs/evil.py", "theirs/inner/__init__.py", "theirs/inner/evil.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    yield there
    for name in [n for n in sys.modules if n.split(".")[0] in {"evil", "theirs"}]:
        del sys.modules[name]


def naming(there: Path, section: str, name: str) -> None:
    """Have a run's files say that it was made with code of that name."""
    said: Any = json.loads(json.dumps(SECTIONS[section]).replace("{}", name))
    manifest = json.loads((there / MANIFEST).read_text(encoding="utf-8"))
    before, lines = manifest["spec"][section], (there / SPEC).read_text("utf-8").split("\n")
    manifest["spec"][section] = before | said if isinstance(said, dict) else said
    (there / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    key, value = next(iter(said.items())) if isinstance(said, dict) else (section, said)
    heading = f"[{section}]" if isinstance(said, dict) else lines[0]
    start = lines.index(heading)
    at = next(n for n, line in enumerate(lines) if n > start and line.startswith(f"{key} ="))
    lines[at] = f"{key} = {json.dumps(value)}"
    (there / SPEC).write_text("\n".join(lines), encoding="utf-8")


def opens(there: Path) -> dict[str, Callable[[], object]]:
    spec = read_spec("sample")
    return {
        "load": lambda: load(there),
        "report": lambda: report(there),
        "compare": lambda: read_compared(there),
        "decide": lambda: decide(there, "2020-01-02"),
        "update": lambda: update(there),
        "reveal": lambda: reveal(there),
        "live": lambda: LiveRun(there),
        "run into it": lambda: run(spec, out=there),
        "audit into it": lambda: audit(spec, out=there),
        "signals": lambda: invoke("signals", str(there)),
    }


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("module", ["evil", "theirs.evil", "theirs.inner.evil", "antigravity"])
def test_a_run_names_code_and_none_is_imported(
    section: str, module: str, theirs: Path, tmp_path: Path
) -> None:
    naming(theirs, section, f"{module}:fading")
    for way in (load, report):
        with pytest.raises(UnknownCodeError, match=f"{module}:fading"):
            way(theirs)
    assert not (tmp_path / "run").exists()
    assert module not in sys.modules


@pytest.mark.parametrize("way", opens(Path()))
def test_no_way_to_open_a_run_imports_what_it_names(way: str, theirs: Path, tmp_path: Path) -> None:
    naming(theirs, "model", "theirs.evil:fading")
    if way == "signals":
        said = refused("signals", "theirs")
    else:
        with pytest.raises(RollsightError) as caught:
            opens(theirs)[way]()
        said = str(caught.value)
    assert "no call of yours has imported" in said
    assert "\n" not in said
    assert not (tmp_path / "run").exists()


def test_a_library_that_is_loaded_is_not_called(theirs: Path) -> None:
    naming(theirs, "model", "os:system")
    with pytest.raises(RollsightError, match="family 'os:system' has no 'options'"):
        read_result(theirs)


def test_a_network_names_a_family_and_its_code_is_not_imported(
    theirs: Path, tmp_path: Path
) -> None:
    path = theirs / "models" / "000-0.pt"
    content = torch.load(path, weights_only=True)
    content["metadata"]["spec"]["name"] = "theirs.evil:fading"
    torch.save(content, path)
    with pytest.raises(UnknownCodeError, match=r"000-0\.pt names code"):
        read_result(theirs)
    assert not (tmp_path / "run").exists()


def test_what_was_run_by_its_name_is_opened_and_its_namesake_elsewhere_is_not(
    theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = theirs.parent
    naming(theirs, "strategy", "evil:fading")
    said = refused("report", "theirs")
    assert said.startswith(
        f"Error: theirs/manifest.json names code, 'evil:fading' ({here}/evil.py)"
    )
    assert said.endswith("Read it, and then call rollsight check evil:fading, or import evil")
    invoke("check", "evil:fading")
    del sys.modules["evil"]
    read_result(theirs)
    elsewhere = here / "elsewhere"
    elsewhere.mkdir()
    shutil.copy("evil.py", elsewhere)
    monkeypatch.chdir(elsewhere)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p != str(here)])
    with pytest.raises(UnknownCodeError, match=r"elsewhere/evil\.py"):
        read_result(theirs)


@pytest.mark.parametrize("hindrance", ["a file for a folder", "a folder for a file"])
def test_where_nothing_can_be_remembered_the_way_out_is_one_that_helps(
    hindrance: str, theirs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    naming(theirs, "strategy", "evil:fading")
    closed = tmp_path / "closed"
    if hindrance == "a file for a folder":
        closed.touch()
    else:
        (closed / "rollsight" / "code.jsonl").mkdir(parents=True)
    monkeypatch.setenv("XDG_STATE_HOME", str(closed))
    said = refused("report", "theirs")
    assert "rollsight check" not in said
    assert said.endswith(
        "import evil in the same process, which alone remembers it, since "
        f"{closed}/rollsight/code.jsonl cannot be written; or set XDG_STATE_HOME to a folder "
        "that can be"
    )
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "open"))
    invoke("check", "evil:fading")
    del sys.modules["evil"]
    read_result(theirs)


def test_a_damaged_line_of_what_was_imported_spoils_no_other(theirs: Path, no_looks: Path) -> None:
    naming(theirs, "strategy", "evil:fading")
    (no_looks / "rollsight").mkdir(parents=True)
    (no_looks / "rollsight" / "code.jsonl").write_bytes(b"\xff\n")
    invoke("check", "evil:fading")
    del sys.modules["evil"]
    read_result(theirs)
