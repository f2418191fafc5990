"""No two seeds of a run share a network, and one more network leaves the others as they are."""

from hypothesis import example, given
from hypothesis import strategies as st

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import fit, fit_network
from rollsight.training.fitting.windows import Window
from rollsight.training.spec import NetworkSpec, TrainingSpec

SEED, COUNT = st.integers(0, 2**32 - 1), st.integers(1, 1000)


def seeds(seed: int, count: int) -> list[int]:
    return list(TrainingSpec(seed=seed, seeds=count).network_seeds)


@given(one=SEED, gap=st.integers(1, 2000) | SEED, counts=st.tuples(COUNT, COUNT))
@example(one=0, gap=1, counts=(3, 3))
@example(one=0, gap=1, counts=(1000, 1000))
@example(one=2**32 - 2, gap=1, counts=(1000, 1000))
def test_no_two_seeds_share_a_network(one: int, gap: int, counts: tuple[int, int]) -> None:
    other = (one + gap) % 2**32
    first, second = seeds(one, counts[0]), seeds(other, counts[1])
    assert len(set(first)) == counts[0]
    assert one == other or not set(first) & set(second)


@given(seed=SEED, count=st.integers(1, 999))
def test_one_more_network_keeps_the_earlier_ones(seed: int, count: int) -> None:
    assert seeds(seed, count + 1)[:count] == seeds(seed, count)


def test_the_networks_of_seed_0_are_numbered_from_0_and_those_of_seed_7_from_7000() -> None:
    assert (seeds(0, 3), seeds(7, 2)) == ([0, 1, 2], [7000, 7001])


def test_networks_of_neighbouring_seeds_differ(
    samples: SampleSet, window: Window, model_spec: NetworkSpec, training_spec: TrainingSpec
) -> None:
    fast = training_spec.model_copy(update={"epochs": 1})
    both = [fast.model_copy(update={"seed": seed}) for seed in (0, 1)]
    found = [
        weights["stem.weight"].tobytes()
        for one in both
        for weights in fit(samples, window, model=model_spec, training=one, clip=5.0).weights
    ]
    assert len(set(found)) == 4
    alone = fit_network(samples, window, model=model_spec, training=fast, clip=5.0, seed=1001)
    assert alone.weights[0]["stem.weight"].tobytes() == found[3]
