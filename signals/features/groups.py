"""Groups of channels: what a model of many features looked at, in a few words."""

from collections import Counter
from collections.abc import Sequence

from rollsight.signals.features.channels import Channel


def groups_of(own: Sequence[Channel], shared: Sequence[Channel]) -> dict[str, str]:
    """Return the group of each channel by name; empty where no two of the stocks' own share one.

    >>> week, year = (Channel(n, "fraction", n, group="momentum") for n in ("week", "year"))
    >>> groups_of([week, year, Channel("close", "fraction", "Close")], [])
    {'week': 'momentum', 'year': 'momentum', 'close': 'close'}
    >>> groups_of([week], [])
    {}
    """
    groups = {channel.name: _group(channel) for channel in (*own, *shared)}
    sizes = Counter(groups[channel.name] for channel in own)
    return groups if max(sizes.values(), default=0) > 1 else {}


def _group(channel: Channel) -> str:
    return channel.group or ("indices" if channel.index else channel.name)
