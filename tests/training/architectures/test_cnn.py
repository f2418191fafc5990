"""Pictures of a window are as large as the original's, and forecast returns by themselves."""

import numpy as np
import pytest
import torch
from torch import nn

from rollsight.base.errors import RollsightError
from rollsight.training.architectures.cnn import (
    CNN1DSpec,
    CNN2DSpec,
    build_picture,
    build_strip,
)


@pytest.mark.parametrize(("filters", "flat"), [("baseline", 96), ("deep", 384)])
def test_the_original_picture_has_as_many_numbers_before_its_last_layer(
    filters: str, flat: int
) -> None:
    network = build_picture(7, 96, CNN2DSpec.model_validate({"filters": filters}))
    assert network.network.last.weight.shape == (1, flat)  # type: ignore[union-attr]


def test_a_picture_is_convolved_pooled_and_weighed_as_by_hand() -> None:
    torch.manual_seed(0)
    network = build_picture(5, 9, CNN2DSpec(task="classify")).network
    nn.init.normal_(network.last.weight)  # type: ignore[union-attr, arg-type]
    x = torch.randn(3, 5, 9)
    weights = {name: t.detach().numpy() for name, t in network.named_parameters()}
    h = x.transpose(1, 2).unsqueeze(1).numpy()
    for at in (0, 3):
        h = _pooled(np.maximum(_convolved(h, weights[f"body.{at}.weight"]) +
                               weights[f"body.{at}.bias"][:, None, None], 0))  # fmt: skip
    expected = h.reshape(3, -1) @ weights["last.weight"].T + weights["last.bias"]
    assert np.allclose(network(x).detach().numpy(), expected, atol=1e-5)


def _convolved(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    wide = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    seen = np.lib.stride_tricks.sliding_window_view(wide, (3, 3), axis=(2, 3))
    return np.einsum("nchwij,ocij->nohw", seen, weight)


def _pooled(x: np.ndarray) -> np.ndarray:
    n, c, h, w = x.shape
    return x[:, :, : h // 2 * 2, : w // 2 * 2].reshape(n, c, h // 2, 2, w // 2, 2).max((3, 5))


def test_a_narrow_picture_is_widened_and_a_short_one_refused() -> None:
    assert build_picture(2, 8, CNN2DSpec())(torch.randn(4, 2, 8)).shape == (4, 1, 1)
    with pytest.raises(RollsightError, match=r"features\.lookback=3: .* to 4 or more"):
        build_picture(7, 3, CNN2DSpec())


def test_six_blocks_forecast_one_return_and_start_at_their_bias() -> None:
    network = build_strip(3, 20, CNN1DSpec(width=0.25))
    assert not network(torch.randn(4, 3, 20)).any()
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv1d)]
    assert [m.out_channels for m in convolutions] == [8, 8, 16, 16, 32, 32]
    assert [m.stride[0] for m in convolutions] == [1, 2, 1, 2, 1, 2]
