"""An LSTM with attention is what torch's own functions make of the same weights."""

import pytest
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from rollsight.training.architectures.attention import AttentionSpec, build
from rollsight.training.models.loading import attention_of

HIDDEN, DAYS = 5, 7


@pytest.mark.parametrize("layers", [1, 2])
def test_a_window_is_scored_as_by_torchs_attention_over_the_states(layers: int) -> None:
    torch.manual_seed(0)
    network = build(3, DAYS, AttentionSpec(hidden=HIDDEN, layers=layers)).eval()
    weights = dict(network.network.named_parameters())
    nn.init.normal_(weights["last.weight"])
    x = torch.randn(4, 3, DAYS)
    states = _states(weights, x, layers)
    asking = states[:, -1:]
    context = scaled_dot_product_attention(asking, states, states)[:, 0]
    joined = torch.cat([context, asking[:, 0]], dim=1)
    seen = joined @ weights["last.weight"].T + weights["last.bias"]
    assert torch.allclose(network(x)[..., 0], seen, atol=1e-6)
    # What attention makes of the identity is its weights.
    shown = scaled_dot_product_attention(asking, states, torch.eye(DAYS).expand(4, -1, -1))
    assert torch.allclose(attention_of(network, x), shown, atol=1e-6)


def _states(weights: dict[str, nn.Parameter], x: torch.Tensor, layers: int) -> torch.Tensor:
    """Return the states (n, days, hidden) of cells that walk the days."""
    days = list(x.unbind(-1))
    for layer in range(layers):
        cell = nn.LSTMCell(days[0].shape[1], HIDDEN)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(cell, name).data.copy_(weights[f"body.{name}_l{layer}"])
        state = None
        for at, day in enumerate(days):
            state = cell(day, state)
            days[at] = state[0]
    return torch.stack(days, dim=1)


def test_days_of_equal_states_are_weighed_alike() -> None:
    network = build(2, DAYS, AttentionSpec(hidden=HIDDEN))
    for name, weight in network.named_parameters():
        if "body" in name:
            nn.init.zeros_(weight)
    assert torch.allclose(
        attention_of(network, torch.randn(3, 2, DAYS)), torch.full((3, 1, DAYS), 1 / DAYS)
    )


def test_it_starts_as_what_its_bias_says() -> None:
    assert not build(2, 6, AttentionSpec())(torch.randn(4, 2, 6)).any()
