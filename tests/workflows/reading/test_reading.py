"""Functions of the package say what their commands print."""

import shutil
from pathlib import Path

import pytest

import rollsight
from rollsight.base.errors import RollsightError
from rollsight.reports.page.language import speak
from rollsight.reports.run.scores.judgement import among, judged
from tests.support.commands import invoke


@pytest.fixture
def out(run_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run_folder, tmp_path / "run"))


def test_a_comparison_of_folders_is_what_the_command_prints(out: Path, tmp_path: Path) -> None:
    other = shutil.copytree(out, tmp_path / "other")
    found = rollsight.compare(out, str(other), out=tmp_path / "function.html")
    printed = invoke("compare", str(out), str(other), "--out", str(tmp_path / "command.html"))
    assert printed == f"{found!r}\n\nPage: {tmp_path / 'command.html'}\n"
    pages = [(tmp_path / f"{name}.html").read_bytes() for name in ("function", "command")]
    assert pages[0] == pages[1]
    run = rollsight.load(out, sections=["headline"], progress=None)
    said = judged(among(run.numbers, 2), speak("en"))
    assert repr(found).splitlines()[0] == f"{run.spec.name} (run): {said}"


@pytest.mark.slow
def test_runs_in_memory_are_compared_like_their_folders(out: Path, tmp_path: Path) -> None:
    other = shutil.copytree(out, tmp_path / "other")
    runs = [rollsight.load(p, sections=["headline"], progress=None) for p in (out, other)]
    folders = rollsight.compare(out, other)
    assert repr(rollsight.compare(*runs)) == repr(folders)
    assert repr(rollsight.compare(runs[0], other)) == repr(folders)
    with pytest.raises(RollsightError, match="compare was given 1 run"):
        rollsight.compare(out)


@pytest.mark.slow
def test_a_report_is_what_the_command_writes_and_begins_with_the_verdict(
    out: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    made = rollsight.report(out, out=page, sections=["headline"], progress=None)
    assert not (out / "report.html").exists()
    printed = invoke("report", str(out), "--sections", "headline")
    assert printed == f"{made!r}\n\nReport: {out / 'report.html'}\n"
    assert (out / "report.html").read_bytes() == page.read_bytes()
    assert printed.splitlines()[0] == judged(made.numbers, speak("en"))
    assert made.out == out


def test_a_ledger_is_what_the_command_prints(out: Path) -> None:
    spec, market = str(out / "run.toml"), str(rollsight.read_spec(out / "run.toml").market.folder)
    found = rollsight.ledger(spec)
    day = f"{found.decided_at:%Y-%m-%d}"
    assert invoke("ledger", spec) == f"{found!r}\n"
    assert repr(rollsight.ledger(rollsight.read_spec(spec), day=day, market=market)) == repr(found)
    one = rollsight.ledger(spec, {"market.indices": ["KS11"], "market.benchmark": None})
    assert one.entries["symbol"].tolist() == ["KS11"]
    with pytest.raises(RollsightError, match="is no date"):
        rollsight.ledger(spec, day="tomorrow")
