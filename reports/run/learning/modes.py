"""How networks were trained, and what the modes of training are worth beside each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.chain.attributed import METHOD
from rollsight.backtests.spec import RunSpec
from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import Say
from rollsight.reports.run.saliency.attribution import rank_correlation

# Key, title and unit of what a mode costs and gives, whatever the age of the models.
WHOLE = (
    ("epochs", "Epochs trained", "count"),
    ("unchanged", "Networks that kept the weights they started from", "count"),
    ("seconds_training", "Seconds of training", "count"),
    ("gain", "Log-loss gain", "nats"),
    ("slope", "Change of the gain in ten sessions", "nats"),
    ("drift", "Channel shares, rank correlation from window to window", "ratio"),
)
AGED = (
    ("gain", "Log-loss gain, {first} to {last} sessions old", "nats"),
    ("edge", "Edge of the buys, {first} to {last} sessions old", "percent"),
)


@dataclass(frozen=True)
class Training:
    """How a run's networks were trained, and how long.

    Attributes
    ----------
    mode
        where a window's networks start, and what they learn
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
        mode=spec.training.mode,
        replay=spec.training.replay if tuned else None,
        distillation=spec.training.distillation if tuned else None,
        balanced=spec.training.class_weights == "balanced",
        **_effort(windows["train_loss"], windows["best_epoch"]),
    )


def training_line(training: Training, say: Say) -> str:
    """Return a paragraph on where each window's networks start and what they learn."""
    count = {key: number(getattr(training, key)) for key in ("networks", "epochs", "unchanged")}
    if training.mode == "retrain":
        return say(
            "Every network is trained from scratch on its window's whole train span: {networks} "
            "networks, {epochs} epochs.",
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


def modes_data(
    specs: Sequence[RunSpec],
    metrics: Sequence[dict[str, Any]],
    timings: Sequence[Mapping[str, Any]],
) -> dict[str, Any] | None:
    """Return runs by how they were trained; None where all were trained in the same way.

    Gains are in nats a row, edges are shares. ``drift`` is the mean rank correlation of the
    channels' shares in the maps of one window and the next, whether they passed their checks or
    not; ``seconds_training`` is None where networks lay ready before the last call.
    """
    if len({_mode(spec) for spec in specs}) == 1:
        return None
    each = [_about(m) | {"seconds_training": t.get("seconds_training")}
            for m, t in zip(metrics, timings, strict=True)]  # fmt: skip
    ages = sorted({(b["first"], b["last"]) for m in metrics for b in m["model_age"]["bins"]})
    return {
        "modes": [_mode(spec) for spec in specs],
        "figures": [
            {"title": title, "unit": unit, "values": [own[key] for own in each]}
            for key, title, unit in WHOLE
        ],
        "ages": [
            {"title": title, "first": first, "last": last, "unit": unit,
             "values": [_at_age(m, first, key) for m in metrics]}
            for key, title, unit in AGED
            for first, last in ages
        ],
    }  # fmt: skip


def modes_rows(data: dict[str, Any], say: Say) -> list[list[str]]:
    """Return a row a figure, its title first, then a cell a run."""
    rows = [[say("Training"), *data["modes"]]]
    rows += [[say(f["title"]), *_cells(f)] for f in data["figures"]]
    return rows + [
        [say(f["title"], first=f["first"], last=f["last"]), *_cells(f)] for f in data["ages"]
    ]


def _cells(row: dict[str, Any]) -> list[str]:
    if row["unit"] == "percent":
        return [percent(v, 2) for v in row["values"]]
    digits = {"count": 0, "nats": 4, "ratio": 2}[row["unit"]]
    return [number(v, digits) for v in row["values"]]


def _mode(spec: RunSpec) -> str:
    own = spec.training
    if own.mode != "fine-tune":
        return own.mode
    return f"{own.mode}, replay {own.replay:g}, distillation {own.distillation:g}, rate " \
           f"{own.fine_tune_rate:g}"  # fmt: skip


def _about(metrics: dict[str, Any]) -> dict[str, Any]:
    skill, windows = metrics["skill"], pd.DataFrame(metrics["windows"])
    known = skill["log_loss"] is not None
    return {
        **_effort(windows["train_loss"], windows["best_epoch"]),
        "gain": skill["frequency_log_loss"] - skill["log_loss"] if known else None,
        "slope": metrics["model_age"]["slope"]["slope"],
        "drift": _drift(metrics["saliency"]),
    }


def _effort(losses: pd.Series, best: pd.Series) -> dict[str, int]:
    return {
        "networks": sum(len(each) for each in losses),
        "epochs": sum(len(own) for each in losses for own in each),
        "unchanged": sum(epoch == 0 for each in best for epoch in each),
    }


def _drift(saliency: list[dict[str, Any]]) -> float | None:
    shares = {
        s["period"]: list(s["share"].values())
        for s in saliency
        if s["method"] == METHOD and s["outcome"] == "all" and s["period"].startswith("window ")
    }
    each = [rank_correlation(a, b) for a, b in pairwise(shares[p] for p in sorted(shares))]
    known = [c for c in each if c is not None]
    return float(np.mean(known)) if known else None


def _at_age(metrics: dict[str, Any], first: int, key: str) -> float | None:
    found: list[float | None] = [
        b[key] for b in metrics["model_age"]["bins"] if b["first"] == first
    ]
    return found[0] if found else None
