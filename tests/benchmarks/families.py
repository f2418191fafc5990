"""What each family costs to train: a row of a step, beside a plain loop's and beside resnet's."""

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import fit_network, one_thread
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.models.families import FAMILIES, require_installed
from rollsight.training.models.family import WindowData
from rollsight.training.networks.learner import STEPS, Learner, StretchNetwork, shuffled
from rollsight.training.networks.stretches import Batch
from rollsight.training.networks.torchfamily import TorchFamily
from rollsight.training.spec import TrainingSpec
from tests.benchmarks.clock import seconds
from tests.benchmarks.training import CHANNELS, CLIP, LOOKBACK, WINDOW, planted

STRETCHES, REPEATS = 8, 3  # of 84 rows each
FULL = TrainingSpec()


def families() -> dict[str, dict[str, float]]:
    """Return a row a family, with 12 channels and a lookback of 60, on one thread.

    Of networks: microseconds a row of a step, over those of a plain loop of the same network, and
    over resnet's. Of what learns in no steps: seconds of a fit, over those of resnet's epochs.
    """
    samples, found = planted(0), {}
    with one_thread():
        for name, family in FAMILIES.items():
            if isinstance(family, TorchFamily):
                found[name] = _of_steps(family, name, samples)
                found[name]["to_resnet"] = found[name]["us"] / found["resnet"]["us"]
        rows = FULL.epochs * STEPS * FULL.batch * FULL.stretch
        resnet = found["resnet"]["us"] * rows / 1e6
        for name in FAMILIES.keys() - found.keys():
            try:
                require_installed(name)
            except RollsightError:
                continue
            spent = seconds(_fitting(name, samples), repeats=1)
            found[name] = {"fit_s": spent, "to_resnet": spent / resnet}
    return found


def _fitting(name: str, samples: SampleSet) -> Callable[[], object]:
    model = FAMILIES[name].options(name=name)
    return lambda: fit_network(samples, WINDOW, model=model, training=FULL, clip=CLIP, seed=0)


def _of_steps(family: TorchFamily, name: str, samples: SampleSet) -> dict[str, float]:
    options = family.options(name=name)
    data = WindowData(samples, WINDOW, fit_scaler(samples, WINDOW.train, CLIP))
    train, _ = family.examples(data, FULL, None, options)
    torch.manual_seed(0)
    network = family.build(CHANNELS, LOOKBACK, options)
    if family.tell is not None:
        family.tell(network, data)
    other = deepcopy(network).train()
    learner = Learner(network, FULL, torch.ones(3))
    learner.network.train()
    batch = next(shuffled(train, STRETCHES * train.unit, np.random.default_rng(0)))
    rows = int((batch.target >= 0).sum())
    ours = seconds(lambda: learner.step(batch), REPEATS)
    plain = seconds(_plain(other, batch), REPEATS)
    return {"us": 1e6 * ours / rows, "to_plain": ours / plain}


def _plain(network: StretchNetwork, batch: Batch) -> Callable[[], object]:
    """Return a step as one would write it: some of all windows, and PyTorch's own AdamW."""
    x, asked = torch.cat([batch.own, batch.shared[batch.tile]], 1), batch.target >= 0
    length = x.shape[-1] - batch.target.shape[1] + 1
    rows = x.unfold(-1, length, 1).transpose(1, 2)[asked].contiguous()
    optimiser = torch.optim.AdamW(network.parameters(), lr=0.001)
    goal = batch.target[asked] if batch.value is None else batch.value.transpose(1, 2)[asked]
    loss_of: Callable[[Tensor, Tensor], Tensor] = (
        functional.cross_entropy if batch.value is None else nn.functional.mse_loss
    )

    order = torch.randperm(len(rows))

    def step() -> None:
        optimiser.zero_grad()
        loss_of(network(rows[order])[..., 0], goal[order]).backward()
        optimiser.step()

    return step
