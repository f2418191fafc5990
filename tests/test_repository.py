"""The layout of the checkout, and the traps that it would have without these guards."""

import ast
import doctest
import importlib
import pkgutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import rollsight
from rollsight.commands import main
from tests.conftest import DEAREST, TESTS
from tests.support.commands import invoke

ROOT = Path(__file__).parent.parent
LAYERS = (
    "base",
    "signals",
    "training",
    "strategies",
    "backtests",
    "reports",
    "decisions",
    "live",
    "workflows",
    "commands",
)
FOLDERS = LAYERS[1:6]  # of the checkout; the others lie in its folder rollsight


def modules() -> list[str]:
    found = []
    for folder in LAYERS:
        package = importlib.import_module(f"rollsight.{folder}")
        found += [m.name for m in pkgutil.walk_packages(package.__path__, f"rollsight.{folder}.")]
    return found


def home(folder: str) -> Path:
    return ROOT / folder if (ROOT / folder).is_dir() else ROOT / "rollsight" / folder


def sources(folder: str) -> list[Path]:
    return sorted(home(folder).rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("folder", LAYERS)
def test_every_file_is_a_module_that_the_package_has(folder: str) -> None:
    own = {f"rollsight.{folder}"} | {n for n in modules() if n.startswith(f"rollsight.{folder}.")}
    files = {".".join(("rollsight", *p.relative_to(home(folder).parent).with_suffix("").parts))
             for p in sources(folder)}  # fmt: skip
    assert own == {name.removesuffix(".__init__") for name in files}


@pytest.mark.parametrize("folder", LAYERS)
def test_imports_point_from_later_folders_to_earlier_ones(folder: str) -> None:
    later = LAYERS[LAYERS.index(folder) + 1 :]
    for path in sources(folder):
        for name in imports_of(path):
            assert not name.startswith(tuple(f"rollsight.{other}" for other in later)), path


def test_signals_know_neither_torch_nor_backtrader() -> None:
    for path in sources("signals"):
        assert not {n.split(".")[0] for n in imports_of(path)} & {"torch", "backtrader"}, path


def test_nothing_is_imported_under_a_bare_name() -> None:
    for name in modules():
        importlib.import_module(name)
    assert not set(sys.modules) & set(FOLDERS)


def tracked() -> list[str]:
    """Return the files that git tracks or would."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    ).stdout.split("\n")  # fmt: skip
    files = [name for name in listed if name and (ROOT / name).is_file()]
    if not files:
        pytest.skip("this is no git checkout")
    return files


def copied(files: list[str], tree: Path) -> Path:
    """Copy files of the checkout to another place."""
    for name in files:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes((ROOT / name).read_bytes())
    return tree


def test_the_wheel_holds_the_tree(tmp_path: Path) -> None:
    # A stale build folder would bring deleted modules back: the wheel is built from a clean copy.
    files = tracked()
    copied(files, tmp_path / "tree")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation",
         "-w", str(tmp_path), str(tmp_path / "tree")],
        check=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    packed = {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}
    expected = {f"rollsight/{n}" for n in files if n.split("/")[0] in FOLDERS}
    expected |= {n for n in files if n.startswith("rollsight/")}
    assert packed == expected


@pytest.mark.parametrize("name", modules())
def test_doctests_hold(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


@pytest.mark.parametrize("command", [[], *([name] for name in main.commands)])
def test_every_help_prints(command: list[str]) -> None:
    assert invoke(*command, "--help").startswith("Usage:")


def test_the_package_is_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rollsight", "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Usage: ")


def test_the_public_names_exist() -> None:
    for name in rollsight.__all__:
        assert getattr(rollsight, name) is not None


def test_files_stay_short() -> None:
    for folder in (*FOLDERS, "rollsight", "tests"):
        for path in sources(folder):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path


def test_a_folder_holds_a_dozen_files_at_most() -> None:
    for top in (*(home(layer) for layer in LAYERS), ROOT / "tests"):
        for folder in (top, *(p for p in top.rglob("*") if p.is_dir())):
            files = [p.name for p in folder.glob("*.py")]
            assert len(files) <= 12, (folder, len(files))


def test_the_files_that_are_begun_first_exist() -> None:
    assert [name for name in DEAREST if not (TESTS / name).is_file()] == []


def test_the_version_is_in_the_changelog_and_in_the_citation() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
