"""The families of models, a line each."""

from rollsight.training.models.families import FAMILIES, family_of
from rollsight.training.models.family import Capabilities


def listed() -> list[str]:
    """Return name, what it is, whether seeds change it, and what maps explain it, a line each."""
    rows = [(name, *_facts(name)) for name in FAMILIES]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    return ["  ".join([*(row[at].ljust(widths[at]) for at in range(3)), row[3]]) for row in rows]


def _facts(name: str) -> tuple[str, str, str]:
    family = family_of(name)
    about = (family.options.__doc__ or "").strip().splitlines()[0]
    seeded = "seeds" if family.can.seeded else "no seeds"
    return about, seeded, ", ".join(_maps(family.can)) or "no maps"


def _maps(can: Capabilities) -> list[str]:
    found = []
    if can.differentiable:
        found += ["gradient", "integrated gradients", "occlusion"]
    if can.cam is not None:
        found.append("Grad-CAM")
    return found
