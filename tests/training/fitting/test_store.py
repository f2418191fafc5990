"""Models on disk come back as they were, or not at all."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import predict
from rollsight.training.fitting.keys import digest
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.store import load_model, model_digest, save_model
from rollsight.training.models.model import FittedModel

Content = dict[str, Any]


def refusal(path: Path) -> str:
    with pytest.raises(RollsightError) as caught:
        load_model(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


@pytest.fixture
def path(fitted: FittedModel, tmp_path: Path) -> Path:
    path = tmp_path / "007.pt"
    save_model(fitted, path)
    return path


def test_a_model_comes_back_as_it_was(fitted: FittedModel, samples: SampleSet, path: Path) -> None:
    loaded = load_model(path)
    assert model_digest(loaded) == model_digest(fitted)
    assert (loaded.keys, loaded.channels, loaded.lookback) == (fitted.keys, fitted.channels, 12)
    assert (loaded.spec, loaded.frequencies) == (fitted.spec, fitted.frequencies)
    assert loaded.train_loss == fitted.train_loss
    assert loaded.validation_loss == fitted.validation_loss
    assert loaded.best_epoch == fitted.best_epoch
    assert loaded.scaler.clip == fitted.scaler.clip
    rows = Rows(np.arange(4), np.full(4, 70))
    found = predict(loaded, samples, rows)
    assert found.tobytes() == predict(fitted, samples, rows).tobytes()


def test_nothing_but_the_model_is_left_behind(path: Path) -> None:
    assert [p.name for p in path.parent.iterdir()] == ["007.pt"]


def test_neither_bytes_nor_digest_depend_on_the_files_name(fitted: FittedModel, path: Path) -> None:
    other = path.with_name("another_name.pt")
    save_model(fitted, other)
    assert other.read_bytes() == path.read_bytes()
    assert model_digest(load_model(other)) == model_digest(load_model(path))


@pytest.mark.parametrize("part", ["weights", "scaler", "keys", "frequencies", "channels"])
def test_the_digest_knows_every_part(fitted: FittedModel, part: str) -> None:
    first, second = fitted.weights
    moved = {**second, "bias": second["bias"] + 1e-6}
    scaler = replace(fitted.scaler, std=fitted.scaler.std * np.float32(1.001))
    changed = {
        "weights": lambda: replace(fitted, weights=(first, moved)),
        "scaler": lambda: replace(fitted, scaler=scaler),
        "keys": lambda: replace(fitted, keys=("another", "key")),
        "frequencies": lambda: replace(fitted, frequencies=(0.2, 0.3, 0.5)),
        "channels": lambda: replace(fitted, channels=("close", "index1", "index0")),
    }[part]()
    assert model_digest(changed) != model_digest(fitted)


def test_the_digest_of_arrays_knows_shape_type_and_order() -> None:
    zeros = np.zeros(6, np.float32)
    same = digest([zeros, "a"])
    assert same == digest([zeros.copy(), "a"])
    others = (
        [zeros.reshape(2, 3), "a"],
        [zeros.astype(np.int32), "a"],
        [zeros[:5], "a"],
        ["a", zeros],
        [zeros, "b"],
        [zeros],
    )
    assert len({same, *(digest(parts) for parts in others)}) == 1 + len(others)
    # What is strided is read in its logical order.
    grid = np.arange(6).reshape(2, 3)
    assert digest([grid.T]) == digest([np.array([[0, 3], [1, 4], [2, 5]])])


def drop(content: Content) -> None:
    del content["weights"][1]["bias"]


def add(content: Content) -> None:
    content["weights"][0]["more.bias"] = torch.zeros(3)


def rename(content: Content) -> None:
    content["weights"][0]["head.bias"] = content["weights"][0].pop("bias")


def reshape(content: Content) -> None:
    content["weights"][0]["bias"] = torch.zeros(4)


def move(content: Content) -> None:
    content["weights"][0]["bias"][1] += 1e-6


def rescale(content: Content) -> None:
    content["std"][0] *= 1.001


def forget_digest(content: Content) -> None:
    del content["digest"]


def forget_metadata(content: Content) -> None:
    del content["metadata"]


def other_classes(content: Content) -> None:
    content["metadata"]["classes"] = {"UP": 0, "DOWN": 1, "HOLD": 2}


def other_spec(content: Content) -> None:
    content["metadata"]["spec"]["kernel"] = 2


@pytest.mark.parametrize(
    ("change", "fragment"),
    [
        (drop, "is damaged"),
        (add, "is damaged"),
        (rename, "is damaged"),
        (reshape, "is damaged"),
        (move, "does not match its own digest"),
        (rescale, "does not match its own digest"),
        (forget_metadata, "is damaged"),
        (other_spec, "is damaged"),
        (forget_digest, "is damaged"),
        (other_classes, "classes"),
    ],
)
def test_a_model_that_was_changed_is_refused(
    path: Path, change: Callable[[Content], None], fragment: str
) -> None:
    content = torch.load(path, weights_only=True)
    change(content)
    torch.save(content, path)
    assert fragment in refusal(path)


def test_a_model_saved_again_unchanged_is_accepted(fitted: FittedModel, path: Path) -> None:
    torch.save(torch.load(path, weights_only=True), path)
    assert model_digest(load_model(path)) == model_digest(fitted)


@pytest.mark.parametrize("keep", [0, 1, 100, 0.5, 0.999])
def test_a_file_that_was_cut_is_refused(path: Path, keep: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep if keep >= 1 else keep * len(whole))])
    assert "is damaged" in refusal(path)


def test_a_changed_byte_of_a_weight_is_refused(fitted: FittedModel, path: Path) -> None:
    whole = bytearray(path.read_bytes())
    weight = fitted.weights[1]["stem.weight"].tobytes()
    at = bytes(whole).index(weight)
    for offset in (0, len(weight) // 2, len(weight) - 1):
        changed = whole.copy()
        changed[at + offset] ^= 1
        path.write_bytes(changed)
        refusal(path)


def test_a_changed_byte_anywhere_is_refused_or_harmless(fitted: FittedModel, path: Path) -> None:
    whole, expected = path.read_bytes(), model_digest(fitted)

    def loaded(at: int) -> str:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            return model_digest(load_model(path))
        except RollsightError:
            return "refused"

    places = np.random.default_rng(0).choice(len(whole), 60, replace=False)
    found = [loaded(int(at)) for at in places]
    assert set(found) <= {"refused", expected}
    assert found.count("refused") > 20


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    refusal(tmp_path / "nothing.pt")


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "code.pt"
    torch.save({"metadata": Path("anything")}, path)
    assert "is damaged" in refusal(path)
