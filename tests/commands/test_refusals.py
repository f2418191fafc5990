"""What a user writes by mistake is refused in one line, and leaves no file."""

from pathlib import Path

import pytest

from tests.support.commands import refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "krxx", "--out", "o"], "did you mean 'krx'?"),
        (["run", "nowhere.toml", "--out", "o"], "neither a preset nor a TOML file"),
        (["run", "krx", "--out", "o"], "rollsight fetch krx --out data/krx writes it"),
        (["run", "krx", "--out", "o"], "rollsight import FILES --out data/krx"),
        (["run", "us-rank", "--out", "o"], "rollsight fetch us --out data/us writes it"),
        (["run", "sample", "--out", "o", "--set", "label.horizn=3"], "did you mean 'horizon'?"),
        (["run", "sample", "--out", "o", "--set", "labl.horizon=3"], "did you mean 'label'?"),
        (["run", "sample", "--out", "o", "--set", "label.horizon"], "not section.key=value"),
        (["run", "sample", "--out", "o", "--set", "label.horizon=soon"], "'soon'"),
        (["run", "sample", "--out", "o", "--market", "nowhere"], "'nowhere' is no folder"),
        (["run", "sample", "--out", "o", "--set", "market.start=2022-01-01"], "need 621 sessions"),
        (["run", "sample", "--out", "o", "--set", "market.indices=['SP50']"],
         "did you mean 'SP500'?"),
        (["run", "sample", "--out", "o", "--set", "market.benchmark=KOSPI"],
         "(--set market.benchmark=none)"),
        (["run", "sample", "--out", "o", "--set", "features.lookback=8"], "features.lookback=8"),
        (["run", "sample", "--out", "o", "--set", "market.calendar=XLON"], "no session of XLON"),
        (["run", "sample", "--out", "o", "--set", "market.start=2005-01-01"], "'MTUM'"),
        (["report", "nowhere"], "no run directory"),
        (["report", "nowhere", "--sections", "headline,trade"], "did you mean 'trades'?"),
        (["report", "nowhere", "--sections", "every trad"], "did you mean 'trades'?"),
        (["report", "nowhere", "--sections", "headline,"], "names nothing between commas"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_leaves_no_file(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in refused(*arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    line = refused("run", "sample", "--out", str(tmp_path))
    assert "'thesis.txt'" in line
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
    assert "is a file" in refused("run", "sample", "--out", str(tmp_path / "thesis.txt"))


def test_a_spec_that_lies_there_under_another_name_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("mine.toml", "specs/other.toml", "runs/demo/run.toml"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text('name = "mine"\n')
    for asked, meant in {
        "mine": "mine.toml",
        "min.toml": "mine.toml",
        "specs/other": "specs/other.toml",
        "specs/othr.toml": "specs/other.toml",
        "runs/demo": "runs/demo/run.toml",
    }.items():
        assert refused("run", asked, "--out", "o").endswith(f"did you mean '{meant}'?")
