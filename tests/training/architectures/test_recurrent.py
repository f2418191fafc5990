"""Recurrent networks score each window by itself, as cells that are walked by hand do."""

from typing import Literal

import pytest
import torch
from torch import nn

from rollsight.training.architectures.recurrent import CELLS, RecurrentSpec, build

HAND = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}


@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.parametrize("layers", [1, 2])
def test_a_window_is_scored_as_by_a_cell_that_walks_its_days(cell: str, layers: int) -> None:
    torch.manual_seed(0)
    spec = RecurrentSpec(hidden=5, layers=layers)
    network = build(cell, 3, 7, spec).eval()
    inner = network.network
    nn.init.normal_(inner.last.weight)  # type: ignore[union-attr, arg-type]
    x = torch.randn(4, 3, 7 + 2)
    seen = torch.stack([_walked(cell, inner, x[..., k : k + 7], layers) for k in range(3)], dim=-1)
    assert torch.allclose(network(x), seen, atol=1e-6)


def _walked(cell: str, inner: nn.Module, x: torch.Tensor, layers: int) -> torch.Tensor:
    weights = dict(inner.named_parameters())
    days = list(x.unbind(-1))
    for layer in range(layers):
        step = HAND[cell](days[0].shape[1], 5)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(step, name).data.copy_(weights[f"body.{name}_l{layer}"])
        state = None
        for at, day in enumerate(days):
            state = step(day, state)
            days[at] = state[0] if cell == "lstm" else state
    return days[-1] @ weights["last.weight"].T + weights["last.bias"]


def test_several_steps_are_of_returns() -> None:
    with pytest.raises(ValueError, match="steps=3 are of returns: set task='regress'"):
        RecurrentSpec(steps=3)
    spec = RecurrentSpec(steps=3, task="regress")
    assert build("gru", 2, 6, spec)(torch.randn(4, 2, 8)).shape == (4, 3, 3)


@pytest.mark.parametrize("task", ["classify", "regress"])
def test_it_starts_as_what_its_bias_says(task: Literal["classify", "regress"]) -> None:
    network = build("lstm", 2, 6, RecurrentSpec(task=task))
    assert not network(torch.randn(4, 2, 6)).any()
