"""Every family keeps to what is asked of families, and faults put into toy families are found."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from torch import Tensor

from rollsight.base.conformance import fault_of
from rollsight.training.architectures.attention import Attention, AttentionSpec
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.models.baselines.logistic import LOGISTIC
from rollsight.training.models.families import FAMILIES
from rollsight.training.models.family import Family, Learnt, WindowData
from rollsight.training.models.familychecks import CHECKS
from rollsight.training.networks.torchfamily import Windowwise
from tests.conformance.family import FamilyConformance
from tests.support.toys.families import Centroids, centroids, pool

(OPTIONS, ARRAYS, SCORES, MEET, REPEATED, SEEDS, LATER, STORED, GRADIENTS, MOVED,
 CAM, ATTENTION) = CHECKS  # fmt: skip


class TestResNet(FamilyConformance):
    name = "resnet"


@pytest.mark.slow
class TestResNet18(FamilyConformance):
    name = "resnet18"


@pytest.mark.slow
class TestResNet34(FamilyConformance):
    name = "resnet34"


class TestMLP(FamilyConformance):
    name = "mlp"


class TestLinear(FamilyConformance):
    name = "linear"


class TestAutoencoder(FamilyConformance):
    name = "autoencoder"


class TestRNN(FamilyConformance):
    name = "rnn"


class TestLSTM(FamilyConformance):
    name = "lstm"


class TestGRU(FamilyConformance):
    name = "gru"


class TestAttention(FamilyConformance):
    name = "attention"


class TestTransformer(FamilyConformance):
    name = "transformer"


class TestGAF(FamilyConformance):
    name = "gaf"


class TestCNN1D(FamilyConformance):
    name = "cnn1d"


class TestCNN2D(FamilyConformance):
    name = "cnn2d"


class TestEnsemble(FamilyConformance):
    name = "ensemble"


class TestLogistic(FamilyConformance):
    name = "logistic"


class TestBoosting(FamilyConformance):
    name = "boosting"


class TestLightGBM(FamilyConformance):
    name = "lightgbm"


class TestFrequencies(FamilyConformance):
    name = "frequencies"


class TestMomentum(FamilyConformance):
    name = "momentum"


class TestReversal(FamilyConformance):
    name = "reversal"


class TestLowVolatility(FamilyConformance):
    name = "low_volatility"


class TestCentroids(FamilyConformance):
    name = "tests.support.toys.families:centroids"


class TestPool(FamilyConformance):
    name = "tests.support.toys.families:pool"


def test_every_family_has_its_class() -> None:
    assert FAMILIES.keys() <= {own.name for own in FamilyConformance.__subclasses__()}


class Peeking(Centroids):
    """It learns from the test span."""

    def fit(self, data: WindowData, *rest: object, **more: object) -> Learnt:
        window = Window(0, Span(54, 64), Span(64, 67), Span(67, 70))
        return super().fit(replace(data, window=window), *rest, **more)  # type: ignore[arg-type]


class Drawing(Centroids):
    """It draws random numbers of nobody's seed."""

    def fit(self, data: WindowData, *rest: object, **more: object) -> Learnt:
        found = super().fit(data, *rest, **more)  # type: ignore[arg-type]
        noise = np.random.default_rng().standard_normal()
        return replace(found, weights={n: w + noise for n, w in found.weights.items()})


class Ranking(Centroids):
    """It scores a row by the rows beside it."""

    def restore(self, *rest: object) -> Callable[[Tensor], Tensor]:
        alone = super().restore(*rest)  # type: ignore[arg-type]
        return lambda x: alone(x) - alone(x).mean(0)


class Narrow(Centroids):
    """It forgets a class."""

    def fit(self, *rest: object, **more: object) -> Learnt:
        return centroids.fit(*rest, **more)  # type: ignore[arg-type]

    def restore(self, *rest: object) -> Callable[[Tensor], Tensor]:
        whole = super().restore(*rest)  # type: ignore[arg-type]
        return lambda x: whole(x)[:, :2]


class Naming(Centroids):
    """Its weights are no arrays."""

    def fit(self, data: WindowData, *rest: object, **more: object) -> Learnt:
        return replace(super().fit(data, *rest, **more), weights={"a": "b"})  # type: ignore[arg-type, dict-item]


class Twice(Attention):
    """It tells of twice its attention."""

    def attention(self, x: Tensor) -> Tensor:
        return 2 * super().attention(x)


def twice(channels: int, lookback: int, spec: AttentionSpec) -> Windowwise:
    return Windowwise(Twice(channels, spec), lookback)


def claiming(family: Family, **claims: object) -> Family:
    return replace(family, can=replace(family.can, **claims))  # type: ignore[type-var, arg-type]


@pytest.mark.parametrize(
    ("family", "rule", "fault"),
    [
        (Peeking(), LATER, "is another fitted where only the test span differs"),
        (Drawing(), REPEATED, "is another fitted again with the same data and seed"),
        (Ranking(), MEET, "row 0 is scored otherwise beside other rows"),
        (Narrow(), SCORES, "scores have shape (8, 2)"),
        (Naming(), ARRAYS, "weights['a'] is str"),
        (Centroids(options=int), OPTIONS, "is no type derived from ModelSpec"),  # type: ignore[arg-type]
        (claiming(centroids, seeded=True), SEEDS, "another seed gives the same model"),
        (claiming(pool, seeded=False), SEEDS, "another seed gives another model"),
        (claiming(centroids, differentiable=True), GRADIENTS, "no module of torch"),
        (claiming(pool, units="units"), MOVED, "KeyError: 'units'"),
        (claiming(LOGISTIC, cam=FAMILIES["resnet"].can.cam), CAM, "no module of the model is one"),
        (claiming(FAMILIES["gru"], attends=True), ATTENTION, "no module of the model has a method"),
        (replace(FAMILIES["attention"], build=twice), ATTENTION, "attention sums to 1 but for 1"),  # type: ignore[type-var]
    ],
)  # fmt: skip
def test_a_fault_is_found(family: Family, rule: str, fault: str) -> None:
    assert fault in fault_of(CHECKS[rule], family)


def test_a_network_that_does_not_keep_its_units_cannot_say_that_it_can_be_moved() -> None:
    still = claiming(FAMILIES["resnet18"], units="network.body.0.weight")
    assert fault_of(CHECKS[MOVED], still)
