"""The command rollsight models."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rollsight.training.models.family import Capabilities, Family


@click.command()
def models() -> None:
    """List the families of models: what each is, whether seeds change it, what maps it has."""
    from rollsight.training.models.families import FAMILIES

    rows = [(name, *_facts(one.can), _about(one)) for name, one in FAMILIES.items()]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    for row in rows:
        click.echo("  ".join([*(row[at].ljust(widths[at]) for at in range(3)), row[3]]))


def _about(family: "Family") -> str:
    """Return the first line of what the family's module says of itself."""
    made = getattr(family, "build", type(family))
    home = sys.modules[getattr(made, "func", made).__module__]
    return (home.__doc__ or "").strip().splitlines()[0].rpartition(": ")[2].rstrip(".")


def _facts(can: "Capabilities") -> tuple[str, str]:
    maps = ["gradient, integrated gradients, occlusion"] if can.differentiable else []
    maps += ["Grad-CAM"] if can.cam is not None else []
    return "seeds" if can.seeded else "no seeds", ", ".join(maps) or "no gradient"
