"""The commands zoo and models."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from rollsight.backtests.directory.claims import claim
from rollsight.backtests.spec import to_toml
from rollsight.backtests.sweeps.directory import claim_sweep
from rollsight.backtests.sweeps.spec import SweepSpec
from rollsight.base.errors import RollsightError
from rollsight.commands import main
from rollsight.training.models.families import FAMILIES
from rollsight.workflows.zoo.families import ABOUT
from rollsight.workflows.zoo.walk import zoo
from tests.support.chains import spec_of
from tests.support.commands import contents
from tests.support.markets import Recipe, write_market


def test_every_family_has_a_line_with_its_cost_its_tasks_and_its_maps() -> None:
    assert ABOUT.keys() == FAMILIES.keys()
    assert all(about.cost > 0 for about in ABOUT.values())
    found = CliRunner().invoke(main, ["models"])
    assert found.exit_code == 0
    heads, *lines = (re.split(" {2,}", line) for line in found.output.splitlines())
    assert [line[0] for line in lines] == list(FAMILIES)
    assert all(len(line) == len(heads) for line in lines)
    told = {name: (learns, seeds, maps) for name, _, learns, seeds, maps, _ in lines}
    gradients = "gradient, integrated gradients, occlusion"
    assert told["resnet"] == ("classify", "yes", f"{gradients}, Grad-CAM")
    assert told["attention"] == ("classify, regress", "yes", f"{gradients}, attention")
    assert told["boosting"] == ("classify", "no", "Shapley values")
    assert told["momentum"] == ("classify", "no", "none")


def test_a_dry_run_says_what_would_be_trained_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(
        to_toml(spec_of(write_market(tmp_path / "market", Recipe(n_days=240))))
    )
    call = ["zoo", str(tmp_path / "spec.toml"), "--models", "mlp,logistic", "--seeds", "2",
            "--out", str(tmp_path / "out"), "--dry-run"]  # fmt: skip
    found = CliRunner().invoke(main, call)
    assert found.exit_code == 0, found.output
    assert found.output.startswith("3 families x ")
    assert re.search(r"\nmlp: about \d+ s, 6 networks of [\d.]+ s\n", found.output)
    assert re.search(r"\nabout \d+ s in all with jobs=1, ", found.output)
    assert not (tmp_path / "out").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"spec.toml", "market"}


@pytest.mark.parametrize("key", ["seeds", "every"])
def test_a_key_that_a_zoo_has_of_its_own_is_not_set(key: str) -> None:
    call = ["zoo", "sample", "--out", "never", "--set", f"training.{key} = 3"]
    found = CliRunner().invoke(main, call)
    assert found.exit_code == 2
    assert f"the same for all models: write --{key} 3" in found.output


@pytest.mark.parametrize("kind", ["run", "sweep", "file", "below a file"])
def test_a_zoo_is_put_into_no_run_no_sweep_and_no_file(tmp_path: Path, kind: str) -> None:
    spec = spec_of(write_market(tmp_path / "market", Recipe(n_stocks=4, n_days=235)))
    out, file = tmp_path / "out", tmp_path / "file"
    file.write_text("mine")
    if kind in {"run", "sweep"}:
        with claim(out, spec) if kind == "run" else claim_sweep(out, spec, SweepSpec()):
            pass
        before = contents(out)
    with pytest.raises(RollsightError, match="name a new folder, or one of an earlier zoo"):
        zoo(spec, ["logistic"], out={"file": file, "below a file": file / "zoo"}.get(kind, out))
    assert file.read_text() == "mine"
    assert kind not in {"run", "sweep"} or contents(out) == before


def test_a_zoo_of_one_family_is_refused_with_what_it_needs(tmp_path: Path) -> None:
    spec = spec_of(write_market(tmp_path / "market", Recipe(n_stocks=4, n_days=235)))
    with pytest.raises(RollsightError, match=r"1 of the two families .* \(it alone was named\)"):
        zoo(spec, ["frequencies"], out=tmp_path / "out")
