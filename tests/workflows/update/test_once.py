"""An update asks no network again what the finished run has asked it."""

from pathlib import Path

import pandas as pd
import pytest

from rollsight.workflows.run import run
from rollsight.workflows.update import update
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market
from tests.workflows.update.test_update import grown

pytestmark = pytest.mark.slow

RECIPE = Recipe(n_stocks=5, n_days=260)


def test_windows_that_stand_keep_the_probabilities_that_the_run_stored(tmp_path: Path) -> None:
    whole = write_market(tmp_path / "whole", RECIPE)
    market, out = grown(whole, tmp_path / "market", 225), tmp_path / "out"
    run(spec_of(market), out=out, page=False)
    # A mark that no network would make; it buys nothing else, since p_up is as it was.
    signals = pd.read_parquet(out / "signals.parquet")
    marked = signals.assign(p_down=signals["p_down"] + 1e-9)
    marked.to_parquet(out / "signals.parquet", index=False)
    grown(whole, market, 259)
    steps: list[tuple[int, int]] = []

    def note(stage: str, done: int, total: int) -> None:
        if stage == "score windows":
            steps.append((done, total))

    done = update(out, page=False, progress=note)
    # Windows 0, 1 and 2 stand; the fourth is new.
    assert done.trained == (3,)
    assert steps == [(0, 1), (1, 1)]
    after = pd.read_parquet(out / "signals.parquet")
    kept = after[: len(signals)]
    assert kept["p_down"].tolist() == marked["p_down"].tolist()
    # Later sessions of the window that the run ended in are scored by its networks alone.
    since = after[len(signals) :]
    assert set(since["window"]) == {2, 3}
    assert (since[["p_down", "p_hold", "p_up"]].sum(axis=1) - 1).abs().max() < 1e-10
