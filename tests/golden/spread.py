"""How far apart the figures of a run are: between instruction sets, and between versions."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUN = Path(__file__).parent / "run.json"
SPREAD = Path(__file__).parent / "spread.json"
MARGIN = 10  # times the measured spread: other processors round elsewhere again
LEAST = 1e-6  # where nothing differed, float32 inside a network still may


@dataclass(frozen=True)
class Difference:
    """A figure that is another.

    Attributes
    ----------
    family
        its path without positions in lists
    apart
        distance, relative to figures above 1; infinite where only equality counts
    """

    path: str
    family: str
    now: Any
    then: Any
    apart: float

    def __str__(self) -> str:
        return f"{self.path}: {self.now!r}, was {self.then!r} ({self.apart:.2g} apart)"


def differences(now: Any, then: Any, path: str = "") -> Iterator[Difference]:
    """Yield every figure, and every shape, in which two runs differ."""
    if isinstance(then, dict) and isinstance(now, dict) and now.keys() == then.keys():
        for key in then:
            yield from differences(now[key], then[key], f"{path}.{key}")
    elif isinstance(then, list) and isinstance(now, list) and len(now) == len(then):
        for i, (a, b) in enumerate(zip(now, then, strict=True)):
            yield from differences(a, b, f"{path}[{i}]")
    elif type(now) is not type(then) or now != then:
        fractions = isinstance(now, float) and isinstance(then, float)
        apart = abs(now - then) / max(1, abs(then)) if fractions else float("inf")
        yield Difference(path, re.sub(r"\[\d+\]", "", path), now, then, apart)


def spreads(runs: list[dict[str, Any]]) -> dict[str, float | None]:
    """Return the largest distance of each family between runs; None where counts differ too."""
    largest: dict[str, float] = {}
    for i, run in enumerate(runs):
        for other in runs[:i]:
            for d in differences(run, other):
                largest[d.family] = max(largest.get(d.family, 0.0), d.apart)
    kept = {f: apart for f, apart in largest.items() if apart * MARGIN > LEAST}
    return {f: None if kept[f] == float("inf") else float(f"{kept[f]:.2g}") for f in sorted(kept)}


def drift(now: dict[str, Any], then: dict[str, Any], spread: dict[str, float | None]) -> list[str]:
    """Return what differs by more than instruction sets may explain."""

    def allowed(family: str) -> float:
        apart = spread.get(family, 0.0)
        return float("inf") if apart is None else max(LEAST, MARGIN * apart)

    far = (d for d in differences(now, then) if not d.apart <= allowed(d.family))
    return [f"{d}, allowed {allowed(d.family):.2g}" for d in far]


def stored(path: Path) -> dict[str, Any]:
    """Return what a file of the golden run holds."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
