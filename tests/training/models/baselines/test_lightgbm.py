"""LightGBM's trees as arrays score as its own do, and where it is not installed that is said."""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from rollsight.base.errors import RollsightError
from rollsight.training.models.baselines.classes import ABSENT
from rollsight.training.models.baselines.growth import Growth
from rollsight.training.models.baselines.lightgbm import grown, trees_of
from rollsight.training.models.families import require_installed
from tests.support.skips import skip_without

Float32 = npt.NDArray[np.float32]


@pytest.mark.parametrize("present", [[0, 1, 2], [0, 2]])
def test_the_arrays_say_what_lightgbm_says(present: list[int]) -> None:
    skip_without("lightgbm")
    import lightgbm

    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 5)).astype(np.float32)
    target = (x[:, 0] + 0.5 * x[:, 1] * x[:, 2] > 0) + (len(present) - 2) * (x[:, 3] > 1)
    start = np.full(3, ABSENT)
    start[present] = np.log(np.bincount(target) / len(target))
    begun = np.tile(start[present], (len(x), 1))
    options = {"objective": "multiclass", "num_class": len(present), "num_leaves": 6,
               "num_threads": 1, "verbosity": -1}  # fmt: skip
    model = lightgbm.train(options, lightgbm.Dataset(x, target, init_score=begun), 4)
    other = rng.standard_normal((400, 5)).astype(np.float32)
    for rows in (x, other):
        stages = trees_of(model, start, 4).staged(torch.from_numpy(rows)).numpy()
        assert stages.shape == (5, 400, 3)
        for rounds in range(1, 5):
            theirs = model.predict(rows, raw_score=True, num_iteration=rounds)
            assert np.ptp(theirs[:, 0]) > 0.1
            np.testing.assert_allclose(
                stages[rounds][:, present], start[present] + theirs, atol=1e-6
            )
        for absent in {0, 1, 2} - set(present):
            assert (stages[..., absent] == ABSENT).all()


def stages(x: Float32, target: list[int], rounds: int = 2) -> Float32:
    """Return the scores (rounds + 1, n, 3) of the rows that trees were grown on."""
    skip_without("lightgbm")
    trees = grown(x, np.array(target), Growth(rounds=rounds, learning_rate=1), np.ones(len(x)))
    return trees.staged(torch.from_numpy(x)).numpy()


def test_two_fits_give_the_same_bytes_and_leave_torchs_threads_alone() -> None:
    skip_without("lightgbm")
    rng, threads = np.random.default_rng(0), torch.get_num_threads()
    x = rng.standard_normal((600, 5)).astype(np.float32)
    target = np.digitize(x[:, 0] * x[:, 1] + rng.standard_normal(600), [-1, 1])
    one, other = (grown(x, target, Growth(), np.ones(600)) for _ in range(2))
    assert len(np.unique(one.value)) > 50
    for name, array in vars(one).items():
        assert array.tobytes() == vars(other)[name].tobytes()
    assert torch.get_num_threads() == threads


def test_numbers_that_lie_beside_each_other_are_parted() -> None:
    # Midway between them, which rounds to the even one, the second.
    odd = np.nextafter(np.float32(1), np.float32(2))
    even = np.nextafter(odd, np.float32(2))
    assert np.float32((float(odd) + float(even)) / 2) == even
    x = np.repeat(np.array([[odd], [even]], dtype=np.float32), 200, axis=0)
    first, second = stages(x, [0] * 200 + [2] * 200)[-1][[0, 200]]
    assert first.argmax() == 0
    assert second.argmax() == 2


def test_where_nothing_can_be_split_the_frequencies_stay() -> None:
    found = stages(np.ones((40, 2), dtype=np.float32), [0] * 10 + [1] * 20 + [2] * 10)
    expected = np.log([0.25, 0.5, 0.25]).astype(np.float32)
    np.testing.assert_array_equal(found, np.broadcast_to(expected, (3, 40, 3)))


def test_where_it_is_not_installed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)  # an import of it fails, as without it
    with pytest.raises(RollsightError) as caught:
        require_installed("lightgbm")
    assert str(caught.value) == (
        "the family 'lightgbm' needs the package lightgbm: pip install 'rollsight[lightgbm]', or "
        "name 'boosting' in its place"
    )
    require_installed("boosting")


def test_where_it_cannot_be_loaded_what_it_lacks_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = 'raise OSError("libgomp.so.1: cannot open shared object file")\n'
    (tmp_path / "lightgbm.py").write_text(source, encoding="utf-8")
    monkeypatch.delitem(sys.modules, "lightgbm", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RollsightError) as caught:
        require_installed("lightgbm")
    assert str(caught.value) == (
        "the family 'lightgbm' cannot load the package lightgbm (libgomp.so.1: cannot open shared "
        "object file): install the system's library that it lacks (libgomp.so.1 is of the package "
        "libgomp1), or name 'boosting' in its place"
    )
