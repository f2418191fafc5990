"""An autoencoder trained on rows of a window."""

from torch import nn

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.scaler import Scaler
from rollsight.training.gate.autoencoder import JUDGED, learn, split
from rollsight.training.gate.error import flattened

MOST = 50_000  # rows, at even distances


def rebuild(
    network: nn.Module,
    samples: SampleSet,
    scaler: Scaler,
    rows: Rows,
    *,
    epochs: int,
    seed: int,
) -> None:
    """Train a network to rebuild the standardised inputs of rows, see `learn` and `split`."""
    rows = rows.some(MOST)
    learns, judges = split(rows.day, samples.lookback)
    own = Rows(rows.stock[learns], rows.day[learns])
    held = Rows(rows.stock[judges], rows.day[judges])
    learn(
        network,
        len(own),
        lambda at: flattened(scaler, samples, Rows(own.stock[at], own.day[at])),
        flattened(scaler, samples, held.some(JUDGED)) if len(held) else None,
        epochs=epochs,
        seed=seed,
    )
