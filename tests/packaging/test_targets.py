"""The Makefile's targets that no other test calls."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def test_clean_removes_what_git_ignores_and_no_run_but_the_demos(tmp_path: Path) -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    made = [name.strip("/").replace("*", "rollsight") for name in ignored if name != "/runs/"]
    for name in (*made, "signals/__pycache__", "runs/demo"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "made").touch()
    shutil.copy(ROOT / "Makefile", tmp_path)
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / "Makefile"]
    assert not (tmp_path / "runs").exists()
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "runs" / "mine").is_dir()


def test_the_matrix_says_which_pythons_are_not_here(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "matrix", tmp_path / ".ci")
    make = "test:\n\t@echo tested $(TESTS) with $(PYTHON) in $(notdir $(VENV))\n"
    (tmp_path / "Makefile").write_text(make, encoding="utf-8")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "make", "mktemp", "dirname", "rm", "sh", "echo"):
        found = shutil.which(name)
        assert found is not None
        (tools / name).symlink_to(found)
    for name, code in (("python3.11", 0), ("python3.13", 127)):
        (tools / name).write_text(f"#!{tools}/sh\nexit {code}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    said = subprocess.run(
        [tools / "bash", ".ci/matrix"], cwd=tmp_path, check=True, capture_output=True, text=True,
        env={"PATH": str(tools), "TESTS": "tests/base"},
    )  # fmt: skip
    assert said.stdout.split("\n") == [
        "Python 3.11:",
        "tested tests/base with python3.11 in 3.11",
        "Python 3.12 is not on the PATH or does not start: skipped",
        "Python 3.13 is not on the PATH or does not start: skipped",
        "",
    ]
