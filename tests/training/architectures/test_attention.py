"""Attention says how much each day weighs, and is the formula's."""

import math

import pytest
import torch
from torch import nn

from rollsight.training.architectures import attention, transformer
from rollsight.training.architectures.attention import Attention, AttentionSpec
from rollsight.training.architectures.transformer import Layer, Transformer, TransformerSpec


def test_the_last_state_asks_all_states_of_an_lstm() -> None:
    torch.manual_seed(0)
    network = Attention(3, AttentionSpec(hidden=5)).eval()
    x = torch.randn(4, 3, 7)
    walk, state, states = nn.LSTMCell(3, 5), None, []
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(walk, name).data.copy_(getattr(network.body, f"{name}_l0"))
    for day in x.unbind(-1):
        state = walk(day, state)
        states.append(state[0])
    asked = torch.stack([(one * states[-1]).sum(1) for one in states], dim=1) / math.sqrt(5)
    weight = asked.exp() / asked.exp().sum(1, keepdim=True)
    said = sum(weight[:, k, None] * one for k, one in enumerate(states))
    expected = torch.cat([said, states[-1]], 1) @ network.last.weight.T + network.last.bias
    assert torch.allclose(network(x), expected, atol=1e-6)
    assert torch.allclose(network.attention(x)[:, 0], weight, atol=1e-6)


def test_a_layer_is_torchs_own_encoder_layer() -> None:
    torch.manual_seed(0)
    spec = TransformerSpec(width=8, heads=2, feed_forward=12, dropout=0)
    layer = Layer(spec).eval()
    theirs = nn.TransformerEncoderLayer(
        8, 2, 12, dropout=0, activation="gelu", batch_first=True, norm_first=True
    ).eval()
    pairs = (
        (theirs.self_attn.in_proj_weight, layer.asked.weight),
        (theirs.self_attn.in_proj_bias, layer.asked.bias),
        (theirs.self_attn.out_proj.weight, layer.joined.weight),
        (theirs.self_attn.out_proj.bias, layer.joined.bias),
        (theirs.linear1.weight, layer.inner.weight),
        (theirs.linear1.bias, layer.inner.bias),
        (theirs.linear2.weight, layer.outer.weight),
        (theirs.linear2.bias, layer.outer.bias),
    )
    for own, ours in pairs:
        own.data.copy_(ours.data)
    x = torch.randn(3, 6, 8)
    later = nn.Transformer.generate_square_subsequent_mask(6)
    with torch.enable_grad():
        assert torch.allclose(layer(x), theirs(x, src_mask=later), atol=1e-6)


def test_weights_of_the_last_day_sum_to_one_in_each_head() -> None:
    network = Transformer(3, 9, TransformerSpec(heads=4)).eval()
    weights = network.attention(torch.randn(5, 3, 9))
    assert weights.shape == (5, 4, 9)
    assert torch.allclose(weights.sum(-1), torch.ones(5, 4), atol=1e-6)


def test_no_day_sees_a_later_one() -> None:
    layer = Layer(TransformerSpec(width=8, heads=2)).eval()
    x = torch.randn(2, 6, 8)
    other = x.clone()
    other[:, 4:] += 1
    assert torch.allclose(layer(x)[:, :4], layer(other)[:, :4], atol=1e-6)
    assert not torch.allclose(layer(x)[:, 4:], layer(other)[:, 4:], atol=1e-2)


def test_heads_divide_the_width() -> None:
    with pytest.raises(ValueError, match="width=32 is no multiple of heads=5"):
        TransformerSpec(heads=5)


def test_both_start_as_what_their_bias_says() -> None:
    x = torch.randn(4, 2, 8)
    assert not attention.build(2, 8, AttentionSpec())(x).any()
    assert not transformer.build(2, 8, TransformerSpec())(x).any()
