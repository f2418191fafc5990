"""The package as somebody has it who never saw the checkout: built, installed, and at work."""

import os
import shlex
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tests import test_repository
from tests.support.tables.shapes import SHAPES, US, american, korean
from tests.test_repository import FOLDERS, ROOT

BUILD = "from setuptools.build_meta import build_sdist, build_wheel as build; {}(r'{}')"
TINY = [
    "training.seeds=1", "training.epochs=1", "model.blocks=1", "model.width=2",
    "features.lookback=12", "windows.test_days=500", "windows.train_days=300",
    "baselines=['logistic']", "market.start=2018-01-01",
]  # fmt: skip
SHIPPED = {".toml", ".parquet", ".csv", ".json", ".html", ".js", ".css", ".svg", ".typed", ""}

pytestmark = pytest.mark.slow


def done(*command: str | Path, cwd: Path) -> str:
    """Run a command as a user of that folder would, who has no checkout on any path."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
    found = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=own, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    return test_repository.tracked()


@pytest.fixture(scope="module")
def tree(tracked: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, with what lies about in one."""
    tree = test_repository.copied(tracked, tmp_path_factory.mktemp("tree"))
    for name in ("runs/demo/run.toml", "signals/__pycache__/spec.cpython-311.pyc", "bench.json"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_bytes(b"")
    return tree


@pytest.fixture(scope="module")
def wheel(tree: Path) -> Path:
    done(sys.executable, "-c", BUILD.format("build", tree / "out"), cwd=tree)
    (found,) = (tree / "out").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def sdist(tree: Path) -> Path:
    done(sys.executable, "-c", BUILD.format("build_sdist", tree / "out"), cwd=tree)
    (found,) = (tree / "out").glob("*.tar.gz")
    return found


@pytest.fixture(scope="module")
def bin_(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with this wheel, and the libraries of the present one."""
    fresh = tmp_path_factory.mktemp("fresh")
    venv.create(fresh, symlinks=True)
    bin_ = fresh / ("Scripts" if os.name == "nt" else "bin")
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(done(bin_ / "python", "-c", where, cwd=fresh).strip())
    done(
        sys.executable, "-m", "pip", "--python", bin_ / "python", "install", "--no-deps",
        "--no-index", wheel, cwd=fresh,
    )  # fmt: skip
    # What is installed beside: a path file of a path file is not read, so no editable checkout.
    beside = [path for path in sys.path if Path(path).name == "site-packages"]
    (site / "beside.pth").write_text("\n".join(beside), encoding="utf-8")
    return bin_


def names(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_the_wheel_has_the_code_and_what_it_reads_and_nothing_else(
    wheel: Path, tracked: list[str]
) -> None:
    own = {n for n in names(wheel) if ".dist-info/" not in n}
    assert own == {f"rollsight/{n}" for n in tracked if n.split("/")[0] in FOLDERS} | {
        n for n in tracked if n.startswith("rollsight/")
    }
    for name in (
        "py.typed", "backtests/presets/sample.toml", "signals/sample_market/prices.parquet",
        "signals/sample_market/NOTICE", "reports/korean/page.json", "reports/page/assets/page.js",
        "reports/page/assets/tearsheet.html", "live/assets/icon.svg",
    ):  # fmt: skip
        assert f"rollsight/{name}" in own
    assert {PurePosixPath(n).suffix for n in own} - {".py"} == SHIPPED


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    about = {n.split(".dist-info/")[1]: text for n, text in names(wheel).items() if "info/" in n}
    assert about["licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert about["licenses/signals/sample_market/NOTICE"]
    said = about["METADATA"].decode().split("\n\n", 1)
    for line in ("Requires-Python: >=3.11", "License-Expression: GPL-3.0-or-later"):
        assert line in said[0].split("\n")
    assert "Description-Content-Type: text/markdown" in said[0]
    assert said[1].startswith("# rollsight\n")
    assert about["entry_points.txt"].decode().split() == [
        "[console_scripts]", "rollsight", "=", "rollsight.commands:main",
    ]  # fmt: skip


def test_the_source_distribution_builds_the_same_wheel(
    sdist: Path, wheel: Path, tmp_path: Path
) -> None:
    with tarfile.open(sdist) as packed:
        tops = {name.split("/")[1] for name in packed.getnames() if "/" in name}
        packed.extractall(tmp_path, filter="data")
    assert tops == {
        *FOLDERS, "rollsight", "rollsight.egg-info", "pyproject.toml", "setup.cfg", "MANIFEST.in",
        "README.md", "LICENSE", "PKG-INFO",
    }  # fmt: skip
    (source,) = tmp_path.iterdir()
    done(sys.executable, "-c", BUILD.format("build", tmp_path / "out"), cwd=source)
    (again,) = (tmp_path / "out").glob("*.whl")
    assert names(again) == names(wheel)


def test_it_runs_the_demo_from_an_empty_folder(bin_: Path, tmp_path: Path) -> None:
    rollsight, python = bin_ / "rollsight", bin_ / "python"
    home = done(python, "-c", "import rollsight; print(rollsight.__file__)", cwd=tmp_path)
    assert Path(home).is_relative_to(bin_.parent)
    assert done(rollsight, "--version", cwd=tmp_path).startswith("rollsight, version ")
    assert "resnet" in done(rollsight, "models", cwd=tmp_path)
    settings = [word for change in TINY for word in ("--set", change)]
    done(rollsight, "run", "sample", "--out", "runs/demo", "--no-report", *settings, cwd=tmp_path)
    korean = done(rollsight, "report", "runs/demo", "--lang", "ko", cwd=tmp_path)
    assert korean.splitlines()[-1] == "Report: runs/demo/report.html"
    page = (tmp_path / "runs/demo/report.html").read_text(encoding="utf-8")
    assert '<html lang="ko"' in page
    assert [p.name for p in tmp_path.iterdir()] == ["runs"]


@pytest.mark.parametrize("name", SHAPES)
def test_from_prices_to_a_page_are_two_commands_and_no_line_of_code(
    name: str, bin_: Path, tmp_path: Path
) -> None:
    shape, span = SHAPES[name], {"first": "2023-01-03", "last": "2024-12-30"}
    if shape.options == US:
        prices = american(tuple("ABCDEFGH"), **span)
    else:
        prices = korean(tuple(f"0000{n}0" for n in range(1, 9)), **span)
    (tmp_path / "have").mkdir()
    shape.write(tmp_path / "have", prices)
    said = done(bin_ / "rollsight", "import", "have", *shape.options, "--out", "own", cwd=tmp_path)
    named = shlex.split(said.splitlines()[-1].removeprefix("Try: rollsight "))
    quick = [word for change in TINY[:4] for word in ("--set", change)]
    done(bin_ / "rollsight", *named, *quick, cwd=tmp_path)
    page = (tmp_path / "runs" / "own" / "report.html").read_text(encoding="utf-8")
    assert '<p class="verdict' in page


def test_nothing_is_imported_under_a_bare_name(bin_: Path, tmp_path: Path) -> None:
    code = (
        "import importlib, pkgutil, sys, rollsight\n"
        "for module in pkgutil.walk_packages(rollsight.__path__, 'rollsight.'):\n"
        "    if not module.name.endswith('__main__'):\n"
        "        importlib.import_module(module.name)\n"
        f"print(sorted(set(sys.modules) & set({FOLDERS!r})), 'rollsight.reports' in sys.modules)"
    )
    assert done(bin_ / "python", "-c", code, cwd=tmp_path) == "[] True\n"
