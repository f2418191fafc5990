"""One window's gate: fitted on its train inputs, its threshold put on its validation span."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rollsight.base.arithmetic import instructions
from rollsight.base.digests import code_of
from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import fit_network, one_thread
from rollsight.training.fitting.keys import digest
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.scaler import Scaler, Scaling, fit_scaler
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.gate.autoencoder import Autoencoder
from rollsight.training.gate.error import Facts, OutlierGate, beyond, errors, flattened
from rollsight.training.gate.model import GatedModel
from rollsight.training.gate.pca import components
from rollsight.training.gate.rebuild import MOST, rebuild
from rollsight.training.gate.spec import GateSpec
from rollsight.training.models.family import Predecessor
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import ModelSpec, TrainingSpec

ROWS = 10  # for each number of the code, at least
AT_ONCE = 4096  # rows whose covariance is summed at a time
LEAST = 1e-12  # threshold, of a train span that is rebuilt without an error
CODE = ("error.py", "autoencoder.py", "pca.py", "rebuild.py", "fit.py")

_KEPT: dict[str, OutlierGate] = {}  # of the windows fitted last: other networks ask for the same
_SO_MANY = 16


def fit_gated(
    samples: SampleSet,
    window: Window,
    *,
    gate: GateSpec,
    model: ModelSpec,
    training: TrainingSpec,
    clip: float,
    scaling: Scaling = "standard",
    seed: int,
    key: str = "",
    before: Predecessor | None = None,
) -> FittedModel:
    """Return one network of the window, as `fit_network` does, with the window's gate if any.

    The gate standardises inputs, whatever ``scaling`` a network is given.
    """
    if not gate.set:
        return fit_network(
            samples, window, model=model, training=training, clip=clip, scaling=scaling,
            seed=seed, key=key, before=before,
        )  # fmt: skip
    found = window_gate(samples, window, gate, seed=training.seed, clip=clip)
    learnt = learnt_samples(samples, window, found, gate)
    network = fit_network(
        learnt, window, model=model, training=training, clip=clip, scaling=scaling, seed=seed,
        key=key, before=before,
    )  # fmt: skip
    return GatedModel(**vars(network), gate=found)


def learnt_samples(
    samples: SampleSet, window: Window, found: OutlierGate | None, gate: GateSpec
) -> SampleSet:
    """Return the samples without the train rows that ``gate.action`` keeps from being learnt.

    Those are the rows beyond the quantile of the train span's own errors. The validation span's
    are larger, since nothing was fitted on it, and would leave most of them in; and what is learnt
    may not depend on what it is chosen on.
    """
    if found is None or gate.action != "drop_train":
        return samples
    train = window.train
    rows = usable(samples, train)
    own = errors(found.rebuilding[:1], found.scaler, samples, rows)[0]
    far = beyond(own, found.facts.train_threshold)
    kept = samples.usable.copy()
    kept[rows.stock[far], rows.day[far]] = False
    return replace(samples, usable=kept)


def window_gate(
    samples: SampleSet, window: Window, gate: GateSpec, *, seed: int, clip: float
) -> OutlierGate:
    """Return a window's gate, the same bytes whenever called with the same.

    Raises
    ------
    RollsightError
        If it has too few rows, see `require_gate`.
    """
    key = gate_key(samples, window, gate, seed=seed, clip=clip)
    if key not in _KEPT:
        while len(_KEPT) >= _SO_MANY:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[key] = _fitted(samples, window, gate, seed, clip)
    return _KEPT[key]


def gate_key(samples: SampleSet, window: Window, gate: GateSpec, *, seed: int, clip: float) -> str:
    """Return the digest of all that a window's gate sees: inputs, and which rows have them."""
    train, validation = window.train, window.validation
    inputs = slice(max(train.start - samples.lookback + 1, 0), validation.stop)
    there = samples.usable[:, train.start : validation.stop]
    own = there.any(axis=1)
    folder = Path(__file__).parent
    about: list[Any] = [
        [code_of(folder / name) for name in CODE], torch.__version__, instructions("torch"),
        gate.chosen(exclude={"action"}), gate.action == "drop_train", seed, clip,
        samples.lookback, samples.channels, train.start - inputs.start, len(train),
        len(validation),
    ]  # fmt: skip
    text = json.dumps(about, sort_keys=True)
    return digest([text, there[own], samples.stocks[own, inputs], samples.indices[inputs]])


def gated_keys(
    keys: Sequence[str],
    samples: SampleSet,
    windows: Sequence[Window],
    *,
    gate: GateSpec,
    seed: int,
    clip: float,
) -> list[str]:
    """Return the keys of networks with their windows' gates; without a gate as they are."""
    if not gate.set:
        return list(keys)
    return [
        digest([key, gate_key(samples, window, gate, seed=seed, clip=clip)])
        for key, window in zip(keys, windows, strict=True)
    ]


def require_gate(samples: SampleSet, windows: Sequence[Window], gate: GateSpec) -> None:
    """Raise where a gate cannot be fitted.

    Raises
    ------
    RollsightError
        If a window has too few train rows, or the code is no shorter than what it is rebuilt to.
    """
    if not gate.set:
        return
    channels, lookback = len(samples.channels), samples.lookback
    if gate.code >= channels * lookback:
        raise RollsightError(
            f"gate.layers ends with a code of {gate.code} numbers, and a row has "
            f"{channels * lookback} inputs ({channels} channels of {lookback} sessions), which it "
            "would rebuild whatever they are: end it with fewer"
        )
    for window in windows:
        rows, need = len(_whole(samples, window)), ROWS * gate.code
        if rows < need:
            raise RollsightError(
                f"window {window.number} has {rows} train rows whose {lookback} sessions all lie "
                f"in its train span, and a gate with a code of {gate.code} needs {need}: lengthen "
                f"windows.train_days={len(window.train)}, shorten features.lookback={lookback}, "
                "or end gate.layers with fewer units"
            )


def usable(samples: SampleSet, span: Span) -> Rows:
    """Return every row of a span that can be decided."""
    return rows_of(samples.usable[:, span.start : span.stop], span.start)


def _whole(samples: SampleSet, window: Window) -> Rows:
    """Return the train rows all of whose sessions lie in the train span."""
    first = window.train.start + samples.lookback - 1
    return usable(samples, Span(min(first, window.train.stop), window.train.stop))


def _fitted(
    samples: SampleSet, window: Window, gate: GateSpec, seed: int, clip: float
) -> OutlierGate:
    require_gate(samples, [window], gate)
    scaler = fit_scaler(samples, window.train, clip)
    rows = _whole(samples, window).some(MOST)
    with one_thread():
        linear = components(_batches(samples, scaler, rows), gate.code).eval()
        named: dict[str, torch.nn.Module] = {"pca": linear}
        if gate.model == "autoencoder":
            torch.manual_seed(seed)
            network = Autoencoder(len(linear.mean), gate.layers)
            rebuild(network, samples, scaler, rows, epochs=gate.epochs, seed=seed)
            named = {"autoencoder": network.eval(), **named}
        arrays = {
            f"{name}.{key}": tensor.numpy().copy()
            for name, module in named.items()
            for key, tensor in module.state_dict().items()
        }
        return OutlierGate(scaler, arrays, _facts(named, scaler, samples, window, gate))


class _Mean(torch.nn.Module):
    """It rebuilds every row as the mean of the train rows."""

    def __init__(self, mean: torch.Tensor) -> None:
        super().__init__()
        self.mean = mean

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mean.expand_as(x)


def _facts(
    named: dict[str, torch.nn.Module],
    scaler: Scaler,
    samples: SampleSet,
    window: Window,
    gate: GateSpec,
) -> Facts:
    mean = _Mean(named["pca"].mean)  # type: ignore[arg-type] # a buffer
    own = tuple(named.values())
    train = errors(own[:1], scaler, samples, usable(samples, window.train))[0]
    *found, whole = errors((*own, mean), scaler, samples, usable(samples, window.validation))
    at = [max(float(np.quantile(error, gate.quantile)), LEAST) for error in found]
    about = max(float(whole.sum(dtype=np.float64)), LEAST)
    return Facts(
        thresholds=tuple(at),
        train_threshold=max(float(np.quantile(train, gate.quantile)), LEAST),
        train_rows=len(train),
        train_beyond=int(beyond(train, at[0]).sum()),
        validation_rows=len(whole),
        validation_beyond=int(beyond(found[0], at[0]).sum()),
        explained=tuple(1 - float(error.sum(dtype=np.float64)) / about for error in found),
    )


def _batches(samples: SampleSet, scaler: Scaler, rows: Rows) -> Iterator[torch.Tensor]:
    for start in range(0, len(rows), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        yield flattened(scaler, samples, Rows(rows.stock[some], rows.day[some]))
