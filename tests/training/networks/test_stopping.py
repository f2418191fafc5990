"""Training ends some epochs after the best, or a little earlier where the loss only rises."""

import pytest

from rollsight.training.networks.stopping import ends


@pytest.mark.parametrize(
    ("loss", "since", "patience", "expected"),
    [
        ([1.0, 1.1], 1, 1, True),  # a patience of one waits for nothing
        ([1.0, 1.1], 1, 2, False),
        ([1.0, 1.1, 1.2], 2, 2, True),
        ([1.0, 1.1, 1.2], 2, 3, True),  # two rises
        ([1.0, 1.2, 1.1], 2, 3, False),  # one rise, then a fall
        ([1.0, 1.2, 1.1, 1.1], 3, 3, True),
        ([1.0, 1.1, 1.2], 2, 4, False),
        ([1.0, 1.1, 1.2, 1.3], 3, 4, True),  # three rises
        ([1.0, 1.1, 1.1, 1.2], 3, 4, False),  # no rise is one that stays
        ([1.0, 1.2, 1.1, 1.2, 1.3], 4, 5, False),
        ([0.9, 1.2, 1.1, 1.15, 1.2, 1.3], 5, 6, False),  # rises after a fall: three of five
        ([2.0, 1.9, 1.8, 1.7, 1.6], 0, 4, False),
        ([1.1], 1, 4, False),  # worse than what was started from is told when it is in the list
        ([float("nan")], 1, 4, False),
        ([float("nan")] * 4, 4, 4, True),
    ],
)
def test_training_ends_when_it_should(
    loss: list[float], since: int, patience: int, expected: bool
) -> None:
    assert ends(loss, since, patience) is expected
