"""What a family of models is held to, ours and a user's own alike."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from rollsight.base.errors import RollsightError
from rollsight.signals.features.channels import Channel
from rollsight.signals.inputs.labels import Label, Labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import Scaler, fit_scaler
from rollsight.training.fitting.store import save_model
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.models.family import Family, Learnt, WindowData
from rollsight.training.models.loading import attention_of
from rollsight.training.models.model import FittedModel
from rollsight.training.networks.continual import in_units_of
from rollsight.training.spec import ModelSpec, TrainingSpec

STOCKS, DAYS, LOOKBACK, HORIZON = 3, 70, 40, 2
WINDOW = Window(0, Span(40, 54), Span(54, 62), Span(62, 70))
TRAINING = TrainingSpec(epochs=1)
Check = Callable[[Family], None]


def options_are_a_section(family: Family) -> None:
    """Raise unless the options are a type of the section [model] that needs no key."""
    if not (isinstance(family.options, type) and issubclass(family.options, ModelSpec)):
        raise RollsightError(f"options={family.options!r} is no type derived from ModelSpec")
    family.options()


def it_learns_arrays(family: Family) -> None:
    """Raise unless a fit gives numeric arrays by name, and losses of its epochs."""
    found = fitted(family)
    if not found.weights:
        raise RollsightError("weights={}: a fit of 36 rows must leave arrays to score with")
    for name, array in found.weights.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub":
            kind = getattr(array, "dtype", type(array).__name__)
            raise RollsightError(f"weights[{name!r}] is {kind}, and must be an array of numbers")
    curves = (found.train_loss, found.validation_loss)
    if not all(np.isfinite(loss) for curve in curves for loss in curve) or not curves[1]:
        raise RollsightError(f"validation_loss={list(curves[1])} must be finite, one an epoch")
    if not 0 <= found.best_epoch <= len(found.validation_loss):
        raise RollsightError(
            f"best_epoch={found.best_epoch} is none of {len(found.validation_loss)} epochs"
        )


def it_gives_probabilities(family: Family) -> None:
    """Raise unless each row has three finite scores."""
    score = scores(family, fitted(family), inputs())
    if score.shape != (len(inputs()), len(Label)) or not np.isfinite(score).all():
        raise RollsightError(
            f"scores have shape {score.shape} with {int((~np.isfinite(score)).sum())} values that "
            f"are no numbers; {len(inputs())} rows must give ({len(inputs())}, 3) finite ones"
        )


def rows_do_not_meet(family: Family) -> None:
    """Raise unless the bits of a row's scores are the same whatever the other rows are."""
    x, found = inputs(), fitted(family)
    other = x.clone()
    other[1:] = other[1:].flip(0) * 3
    if not np.array_equal(scores(family, found, x)[0], scores(family, found, other)[0]):
        raise RollsightError("row 0 is scored otherwise beside other rows: no two may meet")


def a_fit_is_repeated(family: Family) -> None:
    """Raise unless the same data and seed give the same bytes, whatever random numbers before."""
    torch.manual_seed(77)
    np.random.seed(77)
    _same(fitted(family), _fit(family), "fitted again with the same data and seed")


def seeds_are_as_declared(family: Family) -> None:
    """Raise unless another seed gives another model exactly where ``can.seeded``."""
    differs = _first_difference(fitted(family), _fit(family, seed=1)) is not None
    if differs != family.can.seeded:
        found = "another model" if differs else "the same model"
        raise RollsightError(f"can.seeded={family.can.seeded}, and another seed gives {found}")


def nothing_later_is_learnt(family: Family) -> None:
    """Raise if the test span, or a label that settles in it, changes what is learnt."""
    whole, test = samples(), WINDOW.test.start
    stocks, indices, label = whole.stocks.copy(), whole.indices.copy(), whole.labels.label.copy()
    stocks[:, test:] *= -9
    indices[test:] += 1
    late = whole.labels.settled_at >= test
    label[late] = (label[late] + 1) % len(Label)
    edited = replace(
        whole, stocks=stocks, indices=indices, labels=replace(whole.labels, label=label)
    )
    _same(fitted(family), _fit(family, edited), "fitted where only the test span differs")


def it_is_stored(family: Family) -> None:
    """Raise unless scores are the same after weights went to a file and back."""
    model = replace(model_of(family), scaler=_scaler())
    with tempfile.TemporaryDirectory() as folder:
        save_model(model, Path(folder) / "model.pt")
        # The name in the file is a built-in one's: the family of the check may have none.
        back = torch.load(Path(folder) / "model.pt", weights_only=True)["weights"][0]
    weights = {name: tensor.numpy() for name, tensor in back.items()}
    again = replace(fitted(family), weights=weights)
    if not np.array_equal(
        scores(family, fitted(family), inputs()), scores(family, again, inputs())
    ):
        raise RollsightError("scores are others after the weights were stored and read")


def gradients_are_as_declared(family: Family) -> None:
    """Raise unless finite gradients flow to the inputs where ``can.differentiable``."""
    if not family.can.differentiable:
        return
    found = _restored(family, fitted(family))
    if not isinstance(found, nn.Module):
        raise RollsightError(
            f"can.differentiable, but restore gives {type(found).__name__}, no module of torch"
        )
    x = inputs().requires_grad_()
    _flat(found(x)).sum().backward()  # type: ignore[no-untyped-call]
    if x.grad is None or not torch.isfinite(x.grad).all():
        raise RollsightError("can.differentiable, but no finite gradient comes to the inputs")


def it_can_be_moved(family: Family) -> None:
    """Raise unless a network with ``can.units`` says the same in another window's units."""
    units = family.can.units
    if units is None:
        return
    model, old = model_of(family), _scaler()
    new = Scaler(old.mean + 0.5 * old.std, old.std * 1.5, clip=1e6)
    raw = inputs().numpy() * old.std[:, None] + old.mean[:, None]
    moved = in_units_of(replace(model, scaler=replace(old, clip=1e6)), new, units)
    there = torch.from_numpy((raw - new.mean[:, None]) / new.std[:, None])
    before = scores(family, fitted(family), inputs())
    after = scores(family, replace(fitted(family), weights=moved), there)
    if not np.allclose(before, after, atol=1e-3):
        gap = np.abs(before - after).max()
        raise RollsightError(f"can.units={units!r}: in other units a score moves by {gap:.3g}")


def grad_cam_has_a_layer(family: Family) -> None:
    """Raise unless a module of the types of ``can.cam`` is there."""
    cam, found = family.can.cam, _restored(family, fitted(family))
    if cam is None:
        return
    if not isinstance(found, nn.Module) or not any(
        isinstance(m, cam.blocks) for m in found.modules()
    ):
        names = ", ".join(block.__name__ for block in cam.blocks)
        raise RollsightError(f"can.cam names {names}, and no module of the model is one")


def attention_sums_to_one(family: Family) -> None:
    """Raise unless a module gives weights (n, heads, lookback) of sum 1 where ``can.attends``."""
    if not family.can.attends:
        return
    x, network = inputs(), _restored(family, fitted(family))
    with torch.no_grad():
        weights = attention_of(network, x)
    if weights.ndim != 3 or weights.shape[::2] != x.shape[::2]:
        raise RollsightError(
            f"attention has shape {tuple(weights.shape)}; {len(x)} rows must give "
            f"({len(x)}, heads, {LOOKBACK})"
        )
    off = float((weights.sum(-1) - 1).abs().max())
    if not off < 1e-5 or (weights < 0).any():
        raise RollsightError(f"attention sums to 1 but for {off:.3g}: it must be shares of 1")


CHECKS: dict[str, Check] = {
    "Its options are a type of the section [model], every key with a default.": (
        options_are_a_section
    ),
    "It learns arrays of numbers, with a validation loss an epoch.": it_learns_arrays,
    "It scores every row in three classes.": it_gives_probabilities,
    "A row's scores do not depend on other rows.": rows_do_not_meet,
    "The same data and seed give the same weights.": a_fit_is_repeated,
    "Another seed gives another model where it says so.": seeds_are_as_declared,
    "Nothing of the test span is learnt.": nothing_later_is_learnt,
    "Its weights can be stored.": it_is_stored,
    "Gradients flow where it says so.": gradients_are_as_declared,
    "It can be moved to another window's units where it says so.": it_can_be_moved,
    "Grad-CAM finds its layer where it says so.": grad_cam_has_a_layer,
    "Its attention is shares of 1 where it says so.": attention_sums_to_one,
}


@cache
def samples() -> SampleSet:
    """Return inputs of three stocks and two indices, the second of which drives the labels."""
    rng = np.random.default_rng(0)
    stocks = rng.standard_normal((STOCKS, DAYS, 1)).astype(np.float32)
    indices = rng.standard_normal((DAYS, 2)).astype(np.float32)
    drift = indices[None, :, 1] + 0.5 * rng.standard_normal((STOCKS, DAYS))
    label = np.digitize(drift, [-0.5, 0.5]).astype(np.int8)
    settled = np.broadcast_to(np.arange(DAYS) + HORIZON, label.shape).copy()
    usable = np.zeros(label.shape, dtype=bool)
    usable[:, LOOKBACK - 1 :] = True
    return SampleSet(
        stocks=stocks,
        indices=indices,
        usable=usable,
        labels=Labels(label, 0.02 * drift, settled, limits=(-0.01, 0.01)),
        lookback=LOOKBACK,
        own=(Channel("close", "fraction", "own"),),
        shared=(Channel("one", "fraction", "one", "one"), Channel("two", "fraction", "two", "two")),
    )


def fitted(family: Family) -> Learnt:
    """Return what a family learns of the samples, the same object again for the same family."""
    if id(family) not in _FITTED:
        _FITTED[id(family)] = (family, _fit(family))
    return _FITTED[id(family)][1]


_FITTED: dict[int, tuple[Family, Learnt]] = {}


def inputs() -> torch.Tensor:
    """Return standardised inputs (8, channels, lookback)."""
    data = WindowData(samples(), WINDOW, _scaler())
    rows = replace(data.validation, stock=data.validation.stock[:8], day=data.validation.day[:8])
    return torch.from_numpy(data.inputs(rows))


def scores(family: Family, found: Learnt, x: torch.Tensor) -> np.ndarray[Any, Any]:
    """Return the scores (n, 3) of inputs."""
    with torch.no_grad():
        return _flat(_restored(family, found)(x)).numpy()


def model_of(family: Family) -> FittedModel:
    """Return the fitted model of a family, under the name of a built-in one."""
    found = fitted(family)
    return FittedModel(
        keys=("",), channels=samples().channels, lookback=LOOKBACK, spec=ModelSpec(),
        scaler=_scaler(), weights=(found.weights,), train_loss=(tuple(found.train_loss),),
        validation_loss=(tuple(found.validation_loss),), best_epoch=(found.best_epoch,),
        frequencies=(0.3, 0.4, 0.3), evidence=(found.evidence,),
    )  # fmt: skip


def _scaler() -> Scaler:
    return fit_scaler(samples(), WINDOW.train, 5.0)


def _fit(family: Family, of: SampleSet | None = None, *, seed: int = 0) -> Learnt:
    own = samples() if of is None else of
    data = WindowData(own, WINDOW, fit_scaler(own, WINDOW.train, 5.0))
    return family.fit(data, family.options(), TRAINING, seed=seed, before=None)


def _restored(family: Family, found: Learnt) -> Any:
    channels = len(samples().channels)
    restored = family.restore(found.weights, channels, LOOKBACK, family.options())
    return restored.eval() if isinstance(restored, nn.Module) else restored


def _flat(score: torch.Tensor) -> torch.Tensor:
    return score[..., 0] if score.ndim == 3 else score


def _first_difference(one: Learnt, other: Learnt) -> str | None:
    if set(one.weights) != set(other.weights):
        return "other names of weights"
    for name, array in one.weights.items():
        if not np.array_equal(array, other.weights[name]):
            return f"weights[{name!r}]"
    return None


def _same(one: Learnt, other: Learnt, when: str) -> None:
    differs = _first_difference(one, other)
    if differs is not None:
        raise RollsightError(f"{differs} is another {when}")
