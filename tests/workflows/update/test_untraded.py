"""A run of which no window traded is updated, and shown again, as any other."""

from pathlib import Path

import pytest

from rollsight import load, run
from rollsight.workflows.update import update
from tests.support.chains import spec_of
from tests.support.markets import write_market
from tests.workflows.update.test_update import LONGER, RECIPE, SHORT, contents, grown


@pytest.mark.parametrize("key", ["threshold.at", "threshold.min_buys"])
def test_a_run_without_a_buy_is_updated_to_the_bytes_of_a_fresh_one(
    tmp_path: Path, key: str
) -> None:
    whole = write_market(tmp_path / "whole", RECIPE)
    market, out, fresh = (tmp_path / name for name in ("market", "out", "fresh"))
    spec, never = spec_of(grown(whole, market, SHORT)), {"threshold.at": 0.999}.get(key, 100_000)
    changes = {key: never, "model.name": "mlp", "training.seeds": 2}
    before = run(spec, changes, out=out, page=False)
    assert not before.signals["buy"].any()
    assert load(out, sections=["headline"]).metrics["windows"] == before.metrics["windows"]
    grown(whole, market, LONGER)
    update(out, page=False)
    run(spec, changes, out=fresh, page=False)
    assert contents(out) == contents(fresh)
