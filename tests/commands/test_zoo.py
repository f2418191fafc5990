"""The commands zoo and models."""

from pathlib import Path

from click.testing import CliRunner

from rollsight.backtests.spec import to_toml
from rollsight.commands import main
from rollsight.training.models.families import FAMILIES
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market


def test_every_family_has_a_line() -> None:
    found = CliRunner().invoke(main, ["models"])
    assert found.exit_code == 0
    assert [line.split()[0] for line in found.output.splitlines()] == list(FAMILIES)


def test_a_dry_run_says_what_would_be_trained_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(
        to_toml(spec_of(write_market(tmp_path / "market", Recipe(n_days=240))))
    )
    call = ["zoo", str(tmp_path / "spec.toml"), "--models", "mlp,logistic", "--seeds", "2",
            "--out", str(tmp_path / "out"), "--dry-run"]  # fmt: skip
    found = CliRunner().invoke(main, call)
    assert found.exit_code == 0, found.output
    assert found.output.startswith("3 families x ")
    assert not (tmp_path / "out").exists()
