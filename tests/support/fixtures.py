"""What tests of several folders ask for by name: a browser, a small run, a small sweep."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.shared import once

# Every test run loads this file: what is heavy is imported by the fixture that needs it.
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from rollsight.backtests.spec import RunSpec
    from rollsight.live.runs.liverun import LiveRun
    from rollsight.workflows.run import Run
    from rollsight.workflows.sweep import Sweep

CHANGES = [
    "name=씨앗 <시험> & run", "market.indices=all", "market.benchmark=KS11", "features.lookback=20",
    "model.blocks=1", "model.width=4", "training.epochs=3",
    "training.shrink=false", "training.seeds=1", "training.averaging=0.5", "windows.train_days=150",
    "windows.validation_days=60", "windows.test_days=60", "label.horizon=3",
]  # fmt: skip
NAMES = {
    "000000": "삼성전자", "000010": "더존비즈온", "000020": "다우데이타",
    "000030": "<script>alert(1)</script>",
}  # fmt: skip


CHROMIUM = shutil.which("chromium") or ""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
Show = Callable[..., "Page"]


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    if not CHROMIUM:
        pytest.skip("Debian's chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def show(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    """Open HTML as a reader would, from a file; what it complains of or asks for is kept."""
    pages: list[Page] = []

    def opened(html: str, **settings: Any) -> "Page":
        file: Path = tmp_path_factory.mktemp("page") / "report.html"
        file.write_text(html, encoding="utf-8")
        page = browser.new_page(viewport={"width": 1280, "height": 900}, **settings)
        page.set_default_timeout(60_000)
        page.complaints, page.asked = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: page.complaints.append(dialog.message))
        page.on("console", lambda line: page.complaints.append(line.text))
        page.goto(file.as_uri())
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a file of the current directory that may hold a user's feature, model or rule."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("rollsight.base.named._loaded", {})
    yield tmp_path / "mine.py"
    sys.modules.pop("mine", None)


@pytest.fixture
def no_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a user's state directory in which no look was ever kept."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> "Run":
    return once(tmp_path_factory, "finished", _finished)


def _finished(folder: Path) -> "Run":
    from rollsight.backtests.spec import read_spec
    from rollsight.workflows.run import run
    from tests.support.planted import planted_market

    planted_market(folder, seed=2, strength=0.4, n_stocks=6, n_days=420)
    rows = "".join(f"{code},{name}\n" for code, name in NAMES.items())
    (folder / "listings.csv").write_text(f"Code,Name\n{rows}", encoding="utf-8")
    return run(read_spec("krx", CHANGES, str(folder)))


@pytest.fixture(scope="session")
def korean(finished: "Run") -> str:
    """The page of the run in Korean, with the tear sheet of the English one."""
    from rollsight.backtests.spec import to_toml
    from rollsight.reports.page.language import speak
    from rollsight.reports.run.page import render

    sheet = finished.html[finished.html.index('<div class="sheet">') :].split("</section>")[0]
    return render(finished.numbers, to_toml(finished.spec), sheet, say=speak("ko"))


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> "RunSpec":
    """The spec of which sweeps try changes."""
    return once(tmp_path_factory, "base", _base)


def _base(folder: Path) -> "RunSpec":
    """A stock splits, unadjusted, after three sessions."""
    import pandas as pd

    from tests.support.chains import spec_of
    from tests.support.markets import write_market, write_table
    from tests.support.sweeps.markets import RECIPE

    write_market(folder, RECIPE)
    prices = pd.read_parquet(folder / "prices.parquet")
    before = prices.index[prices["Code"] == "000010"][:3]
    prices.loc[before, ["Open", "High", "Low", "Close"]] *= 10
    write_table(prices, folder / "prices.parquet")
    return spec_of(folder)


@pytest.fixture(scope="session")
def unkept(base: "RunSpec", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a sweep that keeps no run."""
    from rollsight.workflows.sweep import sweep
    from tests.support.sweeps.markets import GRID

    def made(folder: Path) -> Path:
        sweep(base, GRID, out=folder / "sweep", keep=0)
        return folder / "sweep"

    return once(tmp_path_factory, "unkept", made)


@pytest.fixture(scope="session")
def swept_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a sweep, made once; who takes it takes the sweep too."""
    return tmp_path_factory.mktemp("sweeps") / "one"


@pytest.fixture(scope="session")
def swept(
    base: "RunSpec", unkept: Path, swept_in: Path, tmp_path_factory: pytest.TempPathFactory
) -> "Sweep":
    """The same sweep again, which has only its best run to keep; each process has a copy."""

    def made(folder: Path) -> tuple[Path, "Sweep"]:
        from rollsight.workflows.sweep import sweep
        from tests.support.sweeps.markets import GRID

        out = shutil.copytree(unkept, folder / "one")
        return out, sweep(base, GRID, out=out)

    out, found = once(tmp_path_factory, "swept", made)
    shutil.copytree(out, swept_in)
    return found


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a small finished run."""
    return once(tmp_path_factory, "live", _small)


def _small(folder: Path) -> Path:
    from tests.support.live.runs import finished_run

    return finished_run(folder)


@pytest.fixture(scope="session")
def live_run(run_folder: Path) -> "LiveRun":
    """That run, open; nothing may change it."""
    from rollsight.live.runs.liverun import LiveRun

    return LiveRun(run_folder)
