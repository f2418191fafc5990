"""Markets whose driver is known: as much of it can be known as is asked for."""

import numpy as np
import pytest

from tests.support.simulated.drivers import (
    DAYS,
    FIRST,
    FOLLOWING,
    HORIZON,
    LATE,
    STOCKS,
    Kind,
    driven,
)


def known(driver: np.ndarray, late: int) -> np.ndarray:
    """Return the sum that a label's sessions will see of what came up to the decision."""
    found = np.zeros(DAYS)
    for session in range(1, HORIZON + 1):
        for age in range(max(late + 1 - session, 0), late + FOLLOWING - session + 1):
            found[age:] += driver[: DAYS - age]
    return found


@pytest.mark.parametrize(
    ("kind", "late"), [("index", 0), ("late index", LATE), ("absolute", 0), ("product", 0)]
)
def test_what_is_known_correlates_with_the_return_as_asked_for(kind: Kind, late: int) -> None:
    found = []
    for seed in range(12):
        samples = driven(kind, seed=seed, correlation=0.4)
        first, second = (samples.indices[:, i].astype(np.float64) / 0.01 for i in (0, 1))
        driver = {"absolute": np.abs(first), "product": first * second}.get(kind, first)
        earned = np.log1p(samples.labels.label_return[:, FIRST : -HORIZON - 1])
        said = np.broadcast_to(known(driver, late)[FIRST : -HORIZON - 1], earned.shape)
        found.append(np.corrcoef(said.ravel(), earned.ravel())[0, 1])
    assert np.mean(found) == pytest.approx(0.4, abs=0.025)


def test_momentum_is_a_stocks_own_and_noise_is_nobodys() -> None:
    own, nothing = (
        np.mean([_autocorrelation(kind, seed) for seed in range(3)])
        for kind in ("momentum", "noise")
    )
    assert own > 0.1
    assert nothing == pytest.approx(0.0, abs=0.02)


def _autocorrelation(kind: Kind, seed: int) -> float:
    change = driven(kind, seed=seed, common=0.0).changes
    return float(np.mean([np.corrcoef(c[:-5], c[5:])[0, 1] for c in change]))


def test_stocks_have_as_much_in_common_as_asked_for() -> None:
    apart = ~np.eye(STOCKS, dtype=np.bool_)
    found = np.corrcoef(driven("noise", seed=0, common=0.3).changes)[apart]
    assert found.mean() == pytest.approx(0.3, abs=0.03)
