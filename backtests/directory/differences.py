"""In which keys two specs differ."""

from collections.abc import Sequence
from typing import Any

from rollsight.backtests.spec import RunSpec

SHOWN = 10  # keys that are named


def flat(spec: RunSpec) -> dict[str, Any]:
    """Return every key of a spec but where the market lies; one of a section as ``section.key``."""
    content = spec.model_dump(mode="json", exclude={"market": {"folder"}})
    found = {key: part for key, part in content.items() if not isinstance(part, dict)}
    sections = {s: part for s, part in content.items() if s not in found}
    return found | {f"{s}.{k}": v for s, part in sections.items() for k, v in part.items()}


def spec_differences(one: RunSpec, other: RunSpec) -> list[tuple[str, str, str]]:
    """Return each key whose values differ, with both."""
    before, after = flat(one), flat(other)
    return [(k, _text(before[k]), _text(after[k])) for k in before if before[k] != after[k]]


def told_differences(differences: Sequence[tuple[str, str, str]], where: str = "there") -> str:
    """Return the first differences in words, and how many there are beside."""
    told = [f"{key} is {there} {where} and {here} here" for key, there, here in differences[:SHOWN]]
    more = len(differences) - SHOWN
    return ", ".join(told) + (f", and {more} more" if more > 0 else "")


def _text(value: Any) -> str:
    return "none" if value is None else repr(value)
