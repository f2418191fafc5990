"""What must be equal is; the rest may differ as far as instruction sets have been seen to."""

from tests.golden.pipe import golden_run
from tests.golden.spread import RUN, SPREAD, differences, drift, spreads, stored


def test_the_golden_run_has_not_drifted() -> None:
    now, then, spread = golden_run(), stored(RUN), stored(SPREAD)
    apart = max((d.apart for d in differences(now, then)), default=0.0)
    widest = max((s for s in spread.values() if s is not None), default=0.0)
    print(f"furthest figure {apart:.2g} apart; instruction sets {widest:.2g}")  # noqa: T201
    assert drift(now, then, spread) == []


def test_the_golden_run_pins_its_decisions_exactly() -> None:
    # Only what picks one of several equals may be another count under another instruction set.
    assert {f for f, s in stored(SPREAD).items() if s is None} <= {
        ".windows.governance.hindsight_buys"
    }


def test_a_count_that_changes_is_drift_and_a_rounding_is_none() -> None:
    then = {"buys": 4, "loss": 0.5, "ic": [0.1, 0.2]}
    spread = spreads([then, then | {"ic": [0.1, 0.21]}])
    assert spread == {".ic": 0.01}
    assert drift(then | {"loss": 0.5 + 9e-7, "ic": [0.19, 0.2]}, then, spread) == []
    assert drift(then | {"loss": 0.5 + 2e-6}, then, spread) == [
        ".loss: 0.500002, was 0.5 (2e-06 apart), allowed 1e-06"
    ]
    assert drift(then | {"buys": 5}, then, spread) == [".buys: 5, was 4 (inf apart), allowed 1e-06"]
    assert drift(then | {"buys": 4.0}, then, spread)
    assert drift(then | {"ic": [0.1]}, then, spread)
    assert drift(then | {"loss": float("nan")}, then, spread)
