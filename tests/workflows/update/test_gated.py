"""A run with a gate that is updated, resumed, or asked for a session decides as a fresh one."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight import decide, run
from rollsight.backtests.spec import RunSpec
from rollsight.decisions.signals import signals
from rollsight.training.gate.spec import GateSpec
from rollsight.workflows.update import update
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market
from tests.workflows.update.test_update import OFTEN, contents, grown

RECIPE = Recipe(n_stocks=5, n_days=260, halts=((1, 180), (2, 200)), last_rows={4: 190}, pays=True)
SHORT, WHOLE = 225, 259  # in the third test span of four, and at the end
GATES = {
    "no_buy": GateSpec(model="pca", quantile=0.7, action="no_buy"),
    "drop_train": GateSpec(model="autoencoder", quantile=0.9, action="drop_train", epochs=2),
}


def gated(market: Path, action: str, mode: str, seeds: int) -> RunSpec:
    spec = spec_of(market, mode, min_buys=OFTEN)
    once = spec.training.model_copy(update={"seeds": seeds, "every": seeds})
    return spec.model_copy(update={"gate": GATES[action], "training": once})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("whole"), RECIPE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "mode", "seeds"), [("no_buy", "retrain", 1), ("drop_train", "fine-tune", 2)]
)
def test_an_updated_and_a_resumed_run_have_the_bytes_of_a_fresh_one(
    whole: Path, tmp_path: Path, action: str, mode: str, seeds: int
) -> None:
    market, out = grown(whole, tmp_path / "market", SHORT), tmp_path / "out"
    spec = gated(market, action, mode, seeds)
    before = run(spec, out=out, page=False)
    assert (before.signals["outlier"] > 1).any()
    grown(whole, market, WHOLE)
    assert update(out, page=False).trained == (3,)
    fresh = tmp_path / "fresh"
    found = run(spec, out=fresh, page=False, jobs=seeds)
    assert contents(out) == contents(fresh)
    for lost in ("manifest.json", "models/001-0.pt"):
        (out / lost).unlink()
    run(spec, out=out, page=False)
    assert contents(out) == contents(fresh)
    # Every session is decided by itself as in the run, an outlier's threshold among it.
    for at in found.signals["decided_at"].unique()[[0, 40, -1]]:
        alone = decide(out, str(at)[:10])
        own = found.signals[found.signals["decided_at"] == at]
        pd.testing.assert_frame_equal(
            alone.sort_values("code", ignore_index=True),
            own[list(alone)].sort_values("code", ignore_index=True),
        )
        assert "outlier" in alone
    table = signals(out).table.set_index("code")
    assert table["outlier"].to_dict() == alone.set_index("code")["outlier"].to_dict()
    if action == "no_buy":
        far = found.signals["outlier"] > 1
        assert np.isnan(found.signals.loc[far, "threshold"]).all()
        assert not found.signals.loc[far, "buy"].any()
