"""In which keys two specs differ."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from rollsight.backtests.spec import RunSpec

SHOWN = 10  # keys that are named


def flat(spec: RunSpec) -> dict[str, Any]:
    """Return every key of a spec but where the market lies; one of a section as ``section.key``."""
    content = spec.model_dump(mode="json", exclude={"market": {"folder"}})
    found = {key: part for key, part in content.items() if not isinstance(part, dict)}
    sections = {s: part for s, part in content.items() if s not in found}
    return found | {f"{s}.{k}": v for s, part in sections.items() for k, v in part.items()}


def differing(specs: Sequence[RunSpec]) -> dict[str, tuple[Any, ...]]:
    """Return each key whose values differ, with all; None where a spec has no such key.

    Models have keys of their own, and a section may be left out.
    """
    every = [flat(spec) for spec in specs]
    values = {k: tuple(own.get(k) for own in every) for k in dict.fromkeys(chain(*every))}
    return {key: own for key, own in values.items() if any(other != own[0] for other in own)}


def spec_differences(one: RunSpec, other: RunSpec) -> list[tuple[str, str, str]]:
    """Return each key whose values differ, with both as text."""
    found = differing([one, other])
    return [(key, _text(before), _text(after)) for key, (before, after) in found.items()]


def told_differences(differences: Sequence[tuple[str, str, str]], where: str = "there") -> str:
    """Return the first differences in words, and how many there are beside."""
    told = [f"{key} is {there} {where} and {here} here" for key, there, here in differences[:SHOWN]]
    more = len(differences) - SHOWN
    return ", ".join(told) + (f", and {more} more" if more > 0 else "")


def _text(value: Any) -> str:
    return "none" if value is None else repr(value)
