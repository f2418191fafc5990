"""The command rollsight init."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from rollsight.backtests.spec import preset_names, read_spec
from rollsight.commands import main
from tests.support.commands import invoke, refused


def test_init_writes_a_commented_spec_that_reads_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    invoke("init", "mine", "--preset", "krx")
    text = (tmp_path / "mine.toml").read_text()
    assert "# first decision; earlier rows only fill inputs" in text
    assert read_spec("mine.toml").costs == read_spec("krx").costs
    assert "exists already" in refused("init", "mine")


def test_init_under_a_presets_name_starts_from_that_preset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "as the preset us-rank is" in invoke("init", "us-rank")
    assert "as the preset sample is" in invoke("init", "mine")
    assert read_spec("us-rank.toml").strategy == read_spec("us-rank").strategy
    assert read_spec("mine.toml").strategy == read_spec("sample").strategy


def test_the_help_of_run_names_every_preset() -> None:
    said = CliRunner().invoke(main, ["run", "--help"]).output
    together = re.sub(r"-\n\s+", "-", said)
    assert [name for name in preset_names() if name not in together] == []
