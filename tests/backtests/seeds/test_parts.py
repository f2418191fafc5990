"""Parts of a run's networks: each decides and earns what a run of it alone does."""

from pathlib import Path

import numpy as np
import pytest

from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.directory.result import Result
from rollsight.backtests.seeds.parts import parts_of
from rollsight.backtests.spec import RunSpec
from rollsight.reports.run.scores.seeds import seeds_data
from rollsight.reports.run.scores.verdictfacts import over_seeds
from rollsight.reports.statistics.judgement import Evidence, Verdict
from tests.support.chains import spec_of
from tests.support.planted import planted_market


def with_seeds(folder: Path, seed: int, seeds: int) -> RunSpec:
    spec = spec_of(folder)
    training = spec.training.model_copy(update={"seed": seed, "seeds": seeds})
    return spec.model_copy(update={"training": training, "baselines": ()})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("market")
    planted_market(path, seed=2, strength=0.6, n_stocks=4, n_days=260)
    return path


@pytest.fixture(scope="module")
def two(folder: Path) -> Result:
    return walk_forward(with_seeds(folder, 0, 2))


def test_parts_are_each_network_and_each_half() -> None:
    assert parts_of(1) == []
    assert parts_of(2) == [(0,), (1,)]
    assert parts_of(4)[4:] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    # Of ten networks there are 252 halves: the first and the last stand for all, and 18 between.
    halves = parts_of(10)[10:]
    assert len(halves) == len(set(halves)) == 20
    assert (halves[0], halves[-1]) == ((0, 1, 2, 3, 4), (5, 6, 7, 8, 9))


def test_a_network_of_two_earns_what_a_run_of_it_alone_does(folder: Path, two: Result) -> None:
    alone = walk_forward(with_seeds(folder, 0, 1))
    scores = two.seeds["0"].to_numpy()
    np.testing.assert_allclose(scores, alone.signals["score"], rtol=1e-6)
    account = two.manifest["seed_accounts"][0]
    assert account["networks"] == [0]
    assert account["trades"] == len(alone.trades) > 5
    assert account["buys"] == alone.signals["buy"].sum()
    ends = alone.equity["equity"].iloc[-1] / alone.spec.strategy.cash - 1
    assert account["total_return"] == pytest.approx(ends)
    bought = alone.signals.loc[alone.signals["buy"], "label"].dropna()
    assert account["precision"] == pytest.approx((bought == 2).mean())
    assert alone.manifest["seed_accounts"] == []
    assert list(alone.seeds) == ["window"]


def test_a_rank_that_is_the_threshold_is_bought_by_another_seeds_account(tmp_path: Path) -> None:
    planted_market(tmp_path, seed=2, strength=0.6, n_stocks=7, n_days=260)

    def ranked(seeds: int) -> Result:
        spec = with_seeds(tmp_path, 0, seeds)
        by_date = spec.threshold.model_copy(update={"per": "date"})
        return walk_forward(spec.model_copy(update={"threshold": by_date}))

    alone = ranked(1)
    # The second of seven, which is less in single precision.
    assert 5 / 6 in alone.windows["threshold"].tolist()
    assert float(np.float32(5 / 6)) < 5 / 6
    account = ranked(2).manifest["seed_accounts"][0]
    assert (account["networks"], account["buys"]) == ([0], alone.signals["buy"].sum())


def test_the_range_over_seeds_is_in_the_verdict(two: Result) -> None:
    seeds, ends = seeds_data(two), [a["total_return"] for a in two.manifest["seed_accounts"]]
    assert seeds.range("total_return") == (min(ends), max(ends))
    assert min(ends) < max(ends)
    found = over_seeds(Verdict("luck", 20, 20, 4, (Evidence("stocks"),)), seeds)
    assert (found.of("seeds").low, found.of("seeds").high) == (min(ends), max(ends))
