"""How a specification names its baselines."""

from typing import Annotated

from pydantic import AfterValidator

from rollsight.base.named import require_name


def _known_once(names: tuple[str, ...]) -> tuple[str, ...]:
    # Torch takes seconds to import: it is fetched where a baseline is named.
    from rollsight.training.models.families import FAMILIES

    for place, name in enumerate(names):
        require_name("family", name, FAMILIES)
        if name in names[:place]:
            raise ValueError(f"{name!r} is named twice: name each baseline once")
    return names


Baselines = Annotated[tuple[str, ...], AfterValidator(_known_once)]
DEFAULT_BASELINES = ("logistic",)
CONTROL = "control"  # the run's own model, held in check by soft labels that no teacher gave
