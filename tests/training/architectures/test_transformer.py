"""The transformer is what torch's own encoder layers make of the same weights."""

from typing import Literal

import pytest
import torch
from torch import Tensor, nn

from rollsight.training.architectures.transformer import (
    Transformer,
    TransformerSpec,
    build,
)
from rollsight.training.models.loading import attention_of

DAYS = 9


def drawn(spec: TransformerSpec) -> tuple[nn.Module, Transformer]:
    """Return a network in eval mode all of whose weights are random, and what it is made of."""
    torch.manual_seed(0)
    network = build(3, DAYS, spec).eval()
    inner = network.network
    assert isinstance(inner, Transformer)
    for weight in inner.parameters():
        nn.init.normal_(weight, std=0.4)
    return network, inner


def reference(inner: Transformer, spec: TransformerSpec) -> list[nn.TransformerEncoderLayer]:
    """Return torch's layers with the same weights."""
    layers = []
    for own in inner.body:
        w = dict(own.named_parameters())
        layer = nn.TransformerEncoderLayer(
            spec.width, spec.heads, spec.feed_forward, norm_first=True, batch_first=True
        ).eval()
        attention = layer.self_attn
        names = {
            attention.in_proj_weight: torch.cat([w["query.weight"], w["key_value.weight"]]),
            attention.in_proj_bias: torch.cat([w["query.bias"], w["key_value.bias"]]),
            attention.out_proj.weight: w["joined.weight"],
            attention.out_proj.bias: w["joined.bias"],
            layer.linear1.weight: w["wide.weight"], layer.linear1.bias: w["wide.bias"],
            layer.linear2.weight: w["narrow.weight"], layer.linear2.bias: w["narrow.bias"],
            layer.norm1.weight: w["before.weight"], layer.norm1.bias: w["before.bias"],
            layer.norm2.weight: w["between.weight"], layer.norm2.bias: w["between.bias"],
        }  # fmt: skip
        for weight, value in names.items():
            weight.data.copy_(value)
        layers.append(layer)
    return layers


def embedded(inner: Transformer, x: Tensor) -> Tensor:
    return inner.first(x.transpose(1, 2)) + inner.position


@pytest.mark.parametrize(("layers", "heads"), [(1, 1), (2, 4), (3, 2)])
def test_a_window_is_scored_as_by_torchs_encoder_with_a_causal_mask(
    layers: int, heads: int
) -> None:
    spec = TransformerSpec(width=8, heads=heads, layers=layers, feed_forward=12)
    network, inner = drawn(spec)
    x = torch.randn(4, 3, DAYS)
    mask = nn.Transformer.generate_square_subsequent_mask(DAYS)
    theirs = reference(inner, spec)
    h = embedded(inner, x)
    for layer in theirs[:-1]:
        h = layer(h, src_mask=mask)
    normed = theirs[-1].norm1(h)
    _, weights = theirs[-1].self_attn(
        normed, normed, normed, attn_mask=mask, average_attn_weights=False
    )
    seen = inner.last(inner.norm(theirs[-1](h, src_mask=mask)[:, -1]))
    assert torch.allclose(network(x)[..., 0], seen, atol=1e-4)
    assert torch.allclose(attention_of(network, x), weights[:, :, -1], atol=1e-5)


def test_a_day_does_not_see_the_days_after_it() -> None:
    _, inner = drawn(TransformerSpec(width=8, heads=2))
    h = torch.randn(1, DAYS, 8)
    later = h.clone()
    later[:, 5:] += 1
    assert torch.equal(inner.body[0](h)[:, :5], inner.body[0](later)[:, :5])


def test_without_positions_the_order_of_earlier_days_would_not_matter() -> None:
    network, inner = drawn(TransformerSpec(width=8, heads=2, layers=1))
    x = torch.randn(2, 3, DAYS)
    other = torch.cat([x[..., :-1].flip(-1), x[..., -1:]], dim=-1)
    assert not torch.allclose(network(x), network(other), atol=1e-3)
    nn.init.zeros_(inner.position)
    assert torch.allclose(network(x), network(other), atol=1e-4)


@pytest.mark.parametrize("task", ["classify", "regress"])
def test_it_starts_as_what_its_bias_says(task: Literal["classify", "regress"]) -> None:
    network = build(2, 6, TransformerSpec(task=task))
    assert not network(torch.randn(4, 2, 6)).any()


def test_a_width_that_heads_cannot_share_is_refused() -> None:
    with pytest.raises(ValueError, match=r"width=30 is no multiple of heads=4: set width=32"):
        TransformerSpec(width=30)
