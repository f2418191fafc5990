"""Each family finds the driver that it can find, and stays calm where there is none."""

import pytest

from rollsight.backtests.chain.forecasts import forecast, usable_rows
from rollsight.training.deciding.inference import log_loss
from rollsight.training.fitting.fit import fit
from rollsight.training.models.families import options_of
from rollsight.training.spec import TrainingSpec
from tests.support.simulated.drivers import WINDOW, Kind, driven


def gain(name: str, kind: Kind) -> float:
    """Return what a family gains over the class frequencies on 1,500 test sessions, nats."""
    samples = driven(kind, seed=0)
    training = TrainingSpec()
    model = fit(samples, WINDOW, model=options_of(name)(name=name), training=training, clip=5.0)
    found = forecast(model, samples, WINDOW)
    rows = usable_rows(samples, WINDOW.test)
    label = samples.labels.label[rows.stock, rows.day]
    known = label >= 0
    constant = found.frequencies[None].repeat(int(known.sum()), axis=0)
    return log_loss(constant, label[known]) - log_loss(found.test[known], label[known])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["linear", "rnn", "lstm", "gru", "attention", "transformer"])
def test_an_index_that_drives_all_stocks_is_found_and_noise_is_not(name: str) -> None:
    assert gain(name, "index") > 0.01
    assert gain(name, "noise") > -0.003


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cnn1d", "cnn2d", "autoencoder"])
def test_a_stocks_own_volume_that_drives_it_is_found_and_noise_is_not(name: str) -> None:
    assert gain(name, "volume") > 0.01
    assert gain(name, "noise") > -0.003
