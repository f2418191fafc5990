"""Keys of the families that may forecast returns in the place of classes."""

from typing import Literal

from pydantic import Field

from rollsight.signals.inputs.labels import Label
from rollsight.training.spec import ModelSpec


class TaskSpec(ModelSpec):
    """A family of networks that gives classes, or forecasts returns."""

    task: Literal["classify", "regress"] = Field(
        "classify",
        description="what is learnt: classes; or the return of the trade, squared error, from "
        "which probabilities follow by how far forecasts were off on validation",
    )
    label_scale: float = Field(
        10.0, gt=0, description="regress: what returns are multiplied by before they are learnt"
    )

    @property
    def horizons(self) -> int:
        """Returns that are forecast, the last of them the trade's."""
        return 1

    @property
    def outputs(self) -> int:
        """What a network of the family gives for a window."""
        return len(Label) if self.task == "classify" else self.horizons


def task_of(model: ModelSpec | None) -> TaskSpec | None:
    """Return how a family, as it is set, forecasts returns; None where it learns classes.

    >>> task_of(TaskSpec(task="regress")) is None, task_of(TaskSpec()) is None
    (False, True)
    """
    return model if isinstance(model, TaskSpec) and model.task == "regress" else None
