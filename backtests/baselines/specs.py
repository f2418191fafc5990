"""The specifications of a run's baselines."""

from rollsight.backtests.baselines.names import CONTROL
from rollsight.backtests.spec import RunSpec
from rollsight.signals.teacher.spec import TeacherSpec
from rollsight.training.models.families import options_of


def baseline_specs(spec: RunSpec) -> list[RunSpec]:
    """Return the run's spec with each baseline in the model's place: default keys, one network.

    A model is no baseline of itself: where the run's own is the very same, it is left out. Beside
    a teacher's file or run the same model that learns without it is the last, trained as the run.
    """
    once = spec.training.model_copy(update={"seeds": 1, "mode": "retrain"})
    models = [options_of(name)(name=name) for name in spec.baselines]
    alone = {"training": once, "baselines": (), "teacher": TeacherSpec()}
    found = [
        spec.model_copy(update={"model": model, **alone}) for model in models if model != spec.model
    ]
    control = spec.teacher.held_in_check
    if control is not None:
        found.append(spec.model_copy(update={"baselines": (), "teacher": control}))
    return found


def baseline_name(spec: RunSpec) -> str:
    """Return what one of the baselines is called: its family, or ``control``."""
    return CONTROL if spec.teacher.is_set else spec.model.name


def without_others(spec: RunSpec) -> RunSpec:
    """Return a spec beside whose model no other is trained."""
    teacher = spec.teacher
    if teacher.held_in_check is not None:
        teacher = teacher.model_copy(update={"control": "none"})
    return spec.model_copy(update={"baselines": (), "teacher": teacher})
