"""The inputs of a network by name: a stock's own channels, and those that all stocks share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """One input of a network, a value a session.

    Attributes
    ----------
    name
        as attribution, importance and the page call it; no two channels have the same
    unit
        ``fraction`` or ``basis points`` of a change; of another feature, what it says
    title
        what it is, in words
    index
        symbol of the index that it is made of; None for a stock's own
    group
        what it is summed with in attribution, such as ``momentum``; None is its name
    """

    name: str
    unit: str
    title: str
    index: str | None = None
    group: str | None = None
