"""The preset original-cnn2d on a small folder of open, high, low, close and volume."""

from pathlib import Path

from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.spec import read_spec
from rollsight.training.fitting.fit import fit
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
