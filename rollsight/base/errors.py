"""Errors that a user meets, and how messages name and count things."""

from collections.abc import Iterable
from difflib import get_close_matches


class RollsightError(ValueError):
    """Something that a user gave cannot be used; the message names value, rule and way out."""


def did_you_mean(value: str, have: Iterable[str]) -> str:
    """Return ``(have ...); did you mean ...?`` for a name that is not among ``have``.

    >>> did_you_mean("treshold", ["threshold", "top"])
    "(have ['threshold', 'top']); did you mean 'threshold'?"
    """
    names = sorted(have)
    near = get_close_matches(value, names, n=1)
    shown = names if len(names) <= 30 else [*names[:30], "..."]
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"(have {shown}){hint}"


def counted(count: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "stock"), counted(2, "stock")
    ('1 stock', '2 stocks')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
