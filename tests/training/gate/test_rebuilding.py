"""What rebuilds inputs is what plain libraries make of the same rows."""

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from rollsight.training.fitting.fit import one_thread
from rollsight.training.gate.autoencoder import Autoencoder, learn, split
from rollsight.training.gate.pca import components


def test_components_rebuild_as_numpys_singular_vectors_do() -> None:
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((300, 12)) @ rng.standard_normal((12, 12)) + 3).astype(np.float32)
    found = components(torch.from_numpy(x).split(64), 5)
    mean = x.mean(axis=0, dtype=np.float64)
    _, _, v = np.linalg.svd(x - mean, full_matrices=False)
    plain = (x - mean) @ v[:5].T @ v[:5] + mean
    assert np.allclose(found(torch.from_numpy(x)).numpy(), plain, atol=1e-4)


def test_the_autoencoder_is_what_a_plain_loop_of_torch_trains() -> None:
    rng = np.random.default_rng(3)
    x = torch.from_numpy(rng.standard_normal((400, 20)).astype(np.float32))
    judged = torch.from_numpy(rng.standard_normal((50, 20)).astype(np.float32))
    torch.manual_seed(5)
    network = Autoencoder(20, (14, 6))
    plain = nn.Sequential(
        nn.Linear(20, 14), nn.ReLU(), nn.Linear(14, 6),
        nn.Linear(6, 14), nn.ReLU(), nn.Linear(14, 20),
    )  # fmt: skip
    for own, other in zip(plain.parameters(), network.parameters(), strict=True):
        own.data.copy_(other.data)
    with one_thread():
        learn(network, 400, lambda at: x[at], judged, epochs=5, seed=9)
    optimiser, losses = torch.optim.Adam(plain.parameters(), lr=1e-3), []
    order = np.random.default_rng(9)
    for _ in range(5):
        for some in np.array_split(order.permutation(400), np.arange(13, 400, 13)):
            optimiser.zero_grad()
            loss = nn.functional.mse_loss(plain(x[some]), x[some])
            torch.autograd.backward(loss)
            optimiser.step()
        losses.append(nn.functional.mse_loss(plain(judged), judged).item())
    assert losses == sorted(losses, reverse=True)  # so that the last epoch is the one that is kept
    assert torch.allclose(network(x), plain(x), atol=1e-4)


def test_the_epoch_that_rebuilds_the_judged_rows_best_is_kept() -> None:
    x = torch.from_numpy(np.random.default_rng(3).standard_normal((40, 10)).astype(np.float32)) + 3
    # Without biases, as at the start, zeros are rebuilt exactly, and then worse in every epoch.
    judged, steps = torch.zeros(8, 10), list[int]()

    def inputs(at: npt.NDArray[np.int64]) -> torch.Tensor:
        steps.append(len(at))
        return x[at]

    def after(epochs: int, rows: "torch.Tensor | None") -> Autoencoder:
        torch.manual_seed(5)
        network = Autoencoder(10, (16, 5))
        learn(network, 40, inputs, rows, epochs=epochs, seed=9)
        return network

    loss = [((after(n, None)(judged) - judged) ** 2).mean().item() for n in range(1, 7)]
    best = int(np.argmin(loss)) + 1
    assert best < 4
    steps.clear()
    stopped = after(20, judged)
    assert len(steps) == (best + 4) * 20
    assert torch.equal(stopped(x), after(best, None)(x))


def test_rows_that_judge_share_no_session_with_those_that_are_learnt() -> None:
    day = np.repeat(np.arange(10, 60), 3)
    learns, judges = split(day, 8)
    assert day[learns].max() == 49
    assert day[judges].min() == 57
    learns, judges = split(day[:9], 8)
    assert learns.all()
    assert not judges.any()
