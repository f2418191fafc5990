"""How a run's networks were trained, and how long."""

from dataclasses import dataclass

import pandas as pd

from rollsight.backtests.spec import RunSpec
from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import Say
from rollsight.training.given.family import GivenSpec

GIVEN = ("given", "scores")  # modes in which nothing is learnt


@dataclass(frozen=True)
class Training:
    """How a run's networks were trained, and how long.

    Attributes
    ----------
    mode
        where a window's networks start, and what they learn; ``given`` where probabilities were
        given and nothing is learnt, ``scores`` where scores were
    replay
        share of each step's stretches that replay older rows, where networks are fine-tuned
    distillation
        weight of the pull towards the network before, where networks are fine-tuned
    balanced
        the classes weigh the same
    networks, epochs
        counts
    unchanged
        networks that no epoch made better than what they started from
    """

    mode: str
    replay: float | None
    distillation: float | None
    balanced: bool
    networks: int
    epochs: int
    unchanged: int


def training_data(spec: RunSpec, windows: pd.DataFrame) -> Training:
    """Return how a run's networks were trained, and how long, in epochs."""
    tuned = spec.training.mode == "fine-tune"
    return Training(
        mode=_mode(spec),
        replay=spec.training.replay if tuned else None,
        distillation=spec.training.distillation if tuned else None,
        balanced=spec.training.class_weights == "balanced",
        networks=sum(len(each) for each in windows["train_loss"]),
        epochs=sum(len(own) for each in windows["train_loss"] for own in each),
        unchanged=sum(epoch == 0 for each in windows["best_epoch"] for epoch in each),
    )


def scores_said(say: Say) -> str:
    """Return what cannot be told of scores."""
    return say(
        "The signals are scores, which put stocks in an order and give no probabilities: there is "
        "no log-loss and no calibration of them. Where p(UP) and thresholds of it stand, they are "
        "places of the scores between 0 and 2/3, in the same order."
    )


def _mode(spec: RunSpec) -> str:
    if isinstance(spec.model, GivenSpec):
        return "scores" if spec.model.scores else "given"
    return spec.training.mode


def training_line(training: Training, say: Say) -> str:
    """Return a paragraph on where each window's networks start and what they learn."""
    count = {key: number(getattr(training, key)) for key in ("networks", "epochs", "unchanged")}
    if training.mode in GIVEN:
        return say(
            "Nothing is trained: the signals were given. What they were made of, and when that was "
            "known, cannot be seen here: a model that learnt from what came after its decisions "
            "earns here what it never will."
        )
    if training.mode == "retrain":
        return say(
            "Every network is trained from scratch on its window's train span, less the dates that "
            "it leaves out: {networks} networks, {epochs} epochs.",
            networks=count["networks"],
            epochs=count["epochs"],
        )
    if training.mode == "warm-start":
        learnt = say(
            "Every network after the first window's starts from the weights of the window before "
            "and trains on its window's whole train span."
        )
    else:
        learnt = say(
            "Every network after the first window's starts from the weights of the window before "
            "and trains on the rows that are new since; {replay} of each step's stretches replay "
            "older rows, and the pull towards the network before has the weight {distillation}.",
            replay=percent(training.replay, 0),
            distillation=number(training.distillation, 2),
        )
    kept = say(
        "{networks} networks, {epochs} epochs; {unchanged} kept the weights that they started "
        "from. Those were chosen on a validation span that overlaps the next window's, so the "
        "validation figures of neighbouring windows are less independent than in a run that "
        "trains anew; no test session was seen.",
        **count,
    )
    return f"{learnt} {kept}"
