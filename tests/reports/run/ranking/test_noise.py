"""Markets dealt anew on each date hold no skill, planted skill is held by its interval."""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.ranks.information import Information
from rollsight.backtests.spec import read_spec
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.ranking.looks import looks_data
from rollsight.reports.statistics.judgement import Word
from tests.support.simulated.noise import (
    SCORES,
    coefficients,
    excess,
    knowing,
    ohlcv_market,
    panel,
    score,
    word,
)
from tests.support.simulated.overlaps import plausible

DATES = 500
KNOWN = (0.03, 0.1)
SMALL = [
    "baselines=[]", "features.lookback=1", "label.horizon=5", "universe.top=none",
    "windows.train_days=250", "windows.validation_days=60", "windows.test_days=240",
    "training.seeds=1", "training.epochs=6", "training.every=5", "threshold.best=8",
    "strategy.max_positions=8", "strategy.keep=16", "strategy.tranches=1", "costs.slippage=0",
]  # fmt: skip


def said(kind: str, *, markets: int, dates: int, shuffled: bool, words: bool) -> Counter[str]:
    """Return in how many markets each thing is said of a score that knows nothing."""
    rng, found = np.random.default_rng(SCORES.index(kind)), Counter[str]()
    for seed in range(markets):
        seen = panel(rng, dates=dates, shuffled=shuffled)
        scores = score(rng, seen, kind)
        ranks, ahead = coefficients(seen, scores), excess(seen, scores)
        looks = looks_data(ranks.plain, ranks.matched, (ahead,), tries=1)
        figures = ranks.plain, ranks.matched, ahead.excess, ahead.alpha
        for name, of in zip(("plain", "matched", "excess", "alpha"), figures, strict=True):
            assert of.low is not None
            assert of.high is not None
            found[name] += of.low <= 0 <= of.high
            found[f"{name} ahead"] += of.low > 0
        for name, share in looks.above.items():
            found[f"{name} surely ahead"] += (share or 0) > 0.975
        found[f"t {'beyond' if abs(ranks.matched.t or 0) > 1.96 else 'within'} 1.96"] += 1
        if words:
            found[word(seen, scores, seed=seed)] += 1
    return found


def at_most(hits: int, tries: int, share: float) -> bool:
    """Return whether hits are no more than a nominal share may have."""
    return hits <= share * tries or plausible(hits, tries, share)


def told(*found: object) -> None:
    sys.stdout.write(" ".join(map(str, found)) + "\n")


def test_noise_in_a_few_markets_lies_within_its_intervals() -> None:
    found = said("persistent", markets=12, dates=420, shuffled=True, words=False)
    # Fewer than nine of twelve happens in 0.2 %, two ahead in 3 %.
    assert min(found[name] for name in ("plain", "matched", "excess", "alpha")) >= 9, found
    assert max(found[f"{name} ahead"] for name in ("matched", "excess")) <= 2, found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "shuffled"), [*((k, True) for k in SCORES), ("fresh", False), ("persistent", False)]
)
def test_noise_lies_within_its_intervals_in_95_of_100_markets(kind: str, shuffled: bool) -> None:
    found = said(kind, markets=100, dates=DATES, shuffled=shuffled, words=True)
    told(kind, "dealt anew" if shuffled else "as they are", dict(found))
    for name in ("plain", "matched", "excess", "alpha"):
        assert plausible(found[name], 100, 0.95), (name, found)
        assert at_most(found[f"{name} ahead"], 100, 0.025), (name, found)
    for name in ("plain", "matched", "universe"):
        assert at_most(found[f"{name} surely ahead"], 100, 0.025), (name, found)
    for spoken in ("more", "worse"):
        assert at_most(found[spoken], 100, 0.05), found


@pytest.mark.slow
def test_noise_of_all_kinds_together_leaves_intervals_as_often_as_promised() -> None:
    found = Counter[str]()
    for kind in SCORES:
        found += said(kind, markets=200, dates=DATES, shuffled=True, words=False)
    told(dict(found))
    markets = 200 * len(SCORES)
    for name in ("plain", "matched"):
        assert plausible(found[name], markets, 0.95), (name, found)
    # Sessions' returns do not overlap as labels do: their intervals are a little wide.
    for name in ("excess", "alpha"):
        assert at_most(markets - found[name], markets, 0.05), (name, found)


@pytest.mark.slow
@pytest.mark.parametrize("share", KNOWN)
def test_planted_skill_lies_within_its_interval_in_90_of_100_markets(share: float) -> None:
    rng = np.random.default_rng(7)
    truth = np.mean(
        [coefficients(seen, knowing(rng, seen, share)).matched.mean
         for seen in (panel(rng, dates=1000) for _ in range(60))]
    )  # fmt: skip
    held = found = 0
    for _ in range(100):
        seen = panel(rng, dates=DATES)
        of = coefficients(seen, knowing(rng, seen, share)).matched
        assert of.low is not None
        assert of.high is not None
        held += of.low <= truth <= of.high
        found += of.low > 0
    told("planted", share, "true", truth.round(4), "within", held, "found", found)
    assert held >= 90
    assert plausible(held, 100, 0.95)


@pytest.mark.slow
def test_networks_trained_on_noise_find_nothing(tmp_path: Path) -> None:
    said = [_trained(ohlcv_market(tmp_path / str(k), seed=k), shrink=k < 2) for k in range(8)]
    for one in said:
        told(*one)
    # What found nothing forecasts the class frequencies: it ranks nothing, and has no interval.
    assert sum((ranks.low or 0.0) <= 0 <= (ranks.high or 0.0) for _, ranks in said) >= 7
    assert sum(word in ("more", "worse") for word, _ in said) <= 1


def _trained(folder: Path, *, shrink: bool) -> tuple[Word, Information]:
    """Return the verdict and the coefficients at equal volatility of a trained run."""
    spec = read_spec("us-rank", [*SMALL, f"training.shrink={str(shrink).lower()}"], str(folder))
    numbers = build_metrics(walk_forward(spec))
    assert numbers.ranking is not None
    return numbers.verdict.word, numbers.ranking.all.matched
