"""The presets of the originals, on a small folder of open, high, low, close and volume."""

from pathlib import Path

import pytest

from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.spec import read_spec
from rollsight.training.architectures.padded import PaddedBlock
from rollsight.training.architectures.transformer import Layer
from rollsight.training.fitting.fit import fit
from rollsight.training.models.families import family_of
from rollsight.training.models.loading import load_networks
from rollsight.training.regression.residuals import Forecasting
from tests.support.markets import Recipe, write_market

SMALL = [
    "windows.train_days=160", "windows.validation_days=120", "windows.test_days=60",
    "market.start=2021-01-04", "training.epochs=2",
]  # fmt: skip


def test_it_forecasts_returns_of_20_sessions_from_pictures_of_96_by_7(tmp_path: Path) -> None:
    folder = write_market(tmp_path, Recipe(n_days=700, first="2020-01-02"))
    spec = read_spec("original-cnn2d", SMALL, str(folder))
    ready = prepare(spec)
    assert (ready.samples.lookback, len(ready.samples.channels)) == (96, 7)
    assert spec.label.horizon == 20
    model = fit(
        ready.samples, ready.windows[0], model=spec.model, training=spec.training,
        clip=spec.features.clip,
    )  # fmt: skip
    (network,) = load_networks(model).networks
    assert isinstance(network, Forecasting)
    assert (network.scale, len(model.validation_loss[0])) == (1, 2)
    sizes = [tuple(weight.shape) for weight in network.parameters()]
    assert sizes == [(2, 1, 3, 3), (2,), (4, 2, 3, 3), (4,), (1, 96), (1,)]


@pytest.mark.parametrize(
    ("name", "channels", "lookback", "sizes"),
    [
        ("original-realtime", 5, 6, {(70, 5), (6, 70), (140, 70), (70, 70), (3, 70)}),
        ("original-resnet", 1 + 11, 560, {(64, 12, 7), (64, 64 + 2, 3), (512, 512 + 2, 3)}),
        ("original-mlp", 5, 60, {(1024, 300), (512, 1024), (256, 512), (128, 256), (1, 128)}),
        ("original-gaf", 1, 60, {(16, 2, 3, 3), (32, 16, 3, 3), (64, 32, 3, 3), (3, 64)}),
    ],
)
def test_the_other_originals_have_the_layers_that_they_had(
    name: str, channels: int, lookback: int, sizes: set[tuple[int, ...]]
) -> None:
    spec = read_spec(name, [], None)
    family = family_of(spec.model.name)
    assert spec.features.lookback == lookback
    network = family.build(channels, lookback, spec.model)  # type: ignore[attr-defined]
    assert sizes <= {tuple(weight.shape) for weight in network.parameters()}
    assert sum(isinstance(m, Layer) for m in network.modules()) in {0, 6}
    assert sum(isinstance(m, PaddedBlock) for m in network.modules()) in {0, 16}


@pytest.mark.parametrize("name", ["original-realtime", "original-mlp", "original-gaf"])
def test_the_other_originals_learn_a_window(tmp_path: Path, name: str) -> None:
    folder = write_market(tmp_path, Recipe(n_days=700, first="2020-01-02"))
    spec = read_spec(name, [*SMALL, "training.epochs=1", "training.every=5"], str(folder))
    ready = prepare(spec)
    model = fit(
        ready.samples, ready.windows[0], model=spec.model, training=spec.training,
        clip=spec.features.clip, scaling=spec.features.scaling,
    )  # fmt: skip
    assert len(model.validation_loss[0]) == 1
    assert ready.samples.own[0].name in {"open", "close"}
