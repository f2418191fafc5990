"""Maps summed by group: what is judged, and shown, where a model has many features of one day.

Features of a group say nearly the same, so that any of them may stand for the others: two networks
that learnt the same of a group share it out among its features in two ways.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from rollsight.signals.features.channels import Channel
from rollsight.signals.features.groups import groups_of
from rollsight.signals.inputs.samples import SampleSet

FEWEST = 6  # groups that maps are compared by: by fewer, maps of noise would be alike by chance


def members(own: Sequence[Channel], shared: Sequence[Channel]) -> Tensor:
    """Return which channels (channels, groups) each group has, 1 or 0; an index is one by itself.

    >>> week, year = (Channel(n, "fraction", n, group="momentum") for n in ("week", "year"))
    >>> members([week, year], [Channel("KS11", "fraction", "KS11", index="KS11")]).tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    groups = groups_of(own, [])
    names = [groups.get(channel.name, channel.name) for channel in (*own, *shared)]
    each = list(dict.fromkeys(names))
    return torch.tensor([[float(name == one) for one in each] for name in names])


def judged_by(samples: SampleSet) -> Tensor | None:
    """Return the members of the groups that maps are compared by; None where it is by channel.

    By group are features of one day, some of which share a group, where six groups are left.
    """
    if samples.lookback > 1 or not groups_of(samples.own, []):
        return None
    found = members(samples.own, samples.shared)
    return found if found.shape[1] >= FEWEST else None


def agreement(one: Tensor, other: Tensor) -> float:
    """Return the correlation of two maps' contributions by group, (n, groups), over all rows.

    Each group's are taken less their mean over the rows, so that what tells rows apart counts;
    a flat map agrees with none.
    """
    a, b = (each - each.mean(0) for each in (one, other))
    norm = a.norm() * b.norm()
    return float((a * b).sum() / norm) if norm > 0 else 0.0
