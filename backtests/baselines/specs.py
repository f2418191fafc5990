"""The specifications of a run's baselines."""

from rollsight.backtests.spec import RunSpec
from rollsight.training.models.families import options_of


def baseline_specs(spec: RunSpec) -> list[RunSpec]:
    """Return the run's spec with each baseline in the model's place: default keys, one network.

    A model is no baseline of itself: where the run's own is the very same, it is left out.
    """
    once = spec.training.model_copy(update={"seeds": 1, "mode": "retrain"})
    models = [options_of(name)(name=name) for name in spec.baselines]
    return [
        spec.model_copy(update={"model": model, "training": once, "baselines": ()})
        for model in models
        if model != spec.model
    ]
