"""Models on disk: strict, loadable without running code, named by a digest of their tensors."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from rollsight.base.errors import RollsightError
from rollsight.base.files import write_file
from rollsight.base.own.ran import UnknownCodeError, require_ran
from rollsight.signals.inputs.labels import Label
from rollsight.training.fitting.keys import digest
from rollsight.training.fitting.paths import network_path, shared_path
from rollsight.training.fitting.scaler import Scaler
from rollsight.training.gate.error import OutlierGate
from rollsight.training.gate.model import GatedModel, gate_of
from rollsight.training.models.families import options_of
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel, joined
from rollsight.training.models.shrinkage import Evidence

CLASSES = {label.name: int(label) for label in Label}


@dataclass(frozen=True)
class Store:
    """Where networks are kept, and found again by their keys.

    Attributes
    ----------
    own
        a run's folder, with a file a window and seed; None keeps none
    shared
        a folder of any number of runs and sweeps, with a file a key; None has none
    earlier
        the folder of a finished run of whose networks the run's own are the changed ones;
        nothing is written there; None has none
    baseline
        family of the networks, where they are not the run's own
    """

    own: Path | None = None
    shared: Path | None = None
    earlier: Path | None = None
    baseline: str = ""

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where networks are looked for."""
        return tuple(f for f in (self.own, self.earlier, self.shared) if f is not None)

    def make(self) -> None:
        """Make the folders that are missing."""
        for folder in (self.own, self.shared):
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)

    def read(self, key: str, window: int, seed: int) -> FittedModel | None:
        """Return the network of a key, and put it where it is not yet; None where there is none."""
        own, earlier, shared = self._paths(key, window, seed)
        for path in (own, earlier, shared):
            found = None if path is None else _stored(path, key)
            if found is not None:
                break
        else:
            return None
        if path == earlier and own is not None:
            own.unlink(missing_ok=True)  # one of other data, which would take its place
            own = None
        for other in (own, shared):
            if other is not None and other != path and _stored(other, key) is None:
                save_model(found, other)
        return found

    def write(self, model: FittedModel, window: int, seed: int) -> None:
        """Keep a network."""
        (key,) = model.keys
        own, _, shared = self._paths(key, window, seed)
        for path in (own, shared):
            if path is not None:
                save_model(model, path)

    def _paths(self, key: str, window: int, seed: int) -> tuple[Path | None, ...]:
        own, earlier = (
            None if folder is None else network_path(folder, window, seed, self.baseline)
            for folder in (self.own, self.earlier)
        )
        return own, earlier, None if self.shared is None else shared_path(self.shared, key)


NOWHERE = Store()


def model_digest(model: FittedModel) -> str:
    """Return the digest of a model's weights and scaler; file bytes depend on the file's name."""
    parts: list[npt.NDArray[Any] | str] = [json.dumps(_metadata(model), sort_keys=True)]
    parts += [model.scaler.mean, model.scaler.std]
    for weights in model.weights:
        for name in sorted(weights):
            parts += [name, weights[name]]
    gate = gate_of(model)
    if gate is not None:
        content = gate.content()
        parts.append(json.dumps(content["about"], sort_keys=True))
        for name, tensor in content["arrays"].items():
            parts += [name, tensor.numpy()]
    return digest(parts)


def save_model(model: FittedModel, path: Path) -> None:
    """Write a model atomically."""
    content = {
        "metadata": _metadata(model),
        "mean": torch.from_numpy(model.scaler.mean),
        "std": torch.from_numpy(model.scaler.std),
        "weights": [
            {name: torch.from_numpy(np.array(a)) for name, a in weights.items()}
            for weights in model.weights
        ],
        "digest": model_digest(model),
    }
    gate = gate_of(model)
    if gate is not None:
        content["gate"] = gate.content()
    # Saved to memory first: the bytes would hold the file's own name.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_file(path, lambda beside: beside.write_bytes(buffer.getvalue()))


def load_model(path: Path) -> FittedModel:
    """Return a stored model, checked against its digest and its network's shape.

    Raises
    ------
    RollsightError
        If the file is damaged, was written with other classes, or is of a family of somebody's own
        that this user has not run.
    """
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
        classes, stored_digest = content["metadata"]["classes"], content["digest"]
        require_ran(content["metadata"]["spec"], path)
        model = _model(content)
        load_networks(model)
    except UnknownCodeError:
        raise
    except Exception as error:
        line = " ".join(str(error).split()) or type(error).__name__
        raise RollsightError(f"{path} is damaged ({line}): delete it and run again") from error
    if classes != CLASSES:
        raise RollsightError(
            f"{path} was written for classes {classes}, not {CLASSES}: delete it and run again"
        )
    if model_digest(model) != stored_digest:
        raise RollsightError(f"{path} does not match its own digest: delete it and run again")
    return model


def load_networks_of(paths: Sequence[Path], expected: str) -> FittedModel:
    """Return a window's stored networks as one model, which must have the expected digest.

    Raises
    ------
    RollsightError
        If it is missing, damaged, or another model.
    """
    for path in paths:
        if not path.is_file():
            raise RollsightError(
                f"{path} is missing: call rollsight run again to train that window"
            )
    model = joined([load_model(path) for path in paths])
    found = model_digest(model)
    if found != expected:
        raise RollsightError(
            f"{' and '.join(map(str, paths))} have digest {found[:12]}, the run was made with "
            f"{expected[:12]}: call rollsight run again"
        )
    return model


def _stored(path: Path, key: str) -> FittedModel | None:
    if not path.is_file():
        return None
    try:
        stored = load_model(path)
    except RollsightError:
        return None  # a damaged file is fitted anew and written over
    return stored if stored.keys == (key,) else None


def _metadata(model: FittedModel) -> dict[str, Any]:
    return {
        "keys": list(model.keys),
        "classes": CLASSES,
        "channels": list(model.channels),
        "lookback": model.lookback,
        "spec": model.spec.model_dump(),
        "clip": float(model.scaler.clip),
        "train_loss": [list(losses) for losses in model.train_loss],
        "validation_loss": [list(losses) for losses in model.validation_loss],
        "best_epoch": list(model.best_epoch),
        "frequencies": list(model.frequencies),
        "evidence": [
            None if e is None else {"rows": e.rows.tolist(), "gain": e.gain.tolist()}
            for e in model.evidence
        ],
    }


def _model(content: Mapping[str, Any]) -> FittedModel:
    about = content["metadata"]
    down, hold, up = about["frequencies"]
    model = FittedModel(
        keys=tuple(about["keys"]),
        channels=tuple(about["channels"]),
        lookback=about["lookback"],
        spec=options_of(about["spec"]["name"]).model_validate(about["spec"]),
        scaler=Scaler(content["mean"].numpy(), content["std"].numpy(), about["clip"]),
        weights=tuple({n: t.numpy() for n, t in w.items()} for w in content["weights"]),
        train_loss=tuple(tuple(losses) for losses in about["train_loss"]),
        validation_loss=tuple(tuple(losses) for losses in about["validation_loss"]),
        best_epoch=tuple(about["best_epoch"]),
        frequencies=(down, hold, up),
        evidence=tuple(
            None if e is None else Evidence(np.array(e["rows"]), np.array(e["gain"]))
            for e in about["evidence"]
        ),
    )
    if "gate" not in content:
        return model
    return GatedModel(**vars(model), gate=OutlierGate.read(content["gate"]))
