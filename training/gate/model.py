"""A fitted window with its gate."""

from dataclasses import dataclass, field

from rollsight.training.gate.error import OutlierGate
from rollsight.training.models.model import FittedModel


@dataclass(frozen=True, eq=False)
class GatedModel(FittedModel):
    """What one window's training left behind, the gate of its rows beside its networks."""

    gate: OutlierGate = field(kw_only=True)


def gate_of(model: FittedModel) -> OutlierGate | None:
    """Return a model's gate; None where the run has none."""
    return model.gate if isinstance(model, GatedModel) else None
