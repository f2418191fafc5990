"""Results of a run's tasks: in order, whatever dies, and without a copy of what is large."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from rollsight.backtests.workers.mapping import mapped_arrays
from rollsight.backtests.workers.results import processes, results
from rollsight.base.errors import RollsightError

LARGE, SMALL = np.arange(150_000.0), np.arange(1_000.0)  # 1.2 MB and 8 kB


def kill(number: int, mark: Path, times: int) -> int:
    """Return a number; task 1 kills its worker the first times."""
    if number == 1 and len(list(mark.iterdir())) < times:
        (mark / str(os.getpid())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def late(number: int) -> int:
    time.sleep(0.3 if number == 0 else 0)
    return number


def look(arrays: dict[str, "np.ndarray"]) -> dict[str, tuple[str | None, bool, float]]:
    """Return of each array the file that it is mapped from, whether it may be written, and sum."""
    return {name: (mapped_file(a), a.flags.writeable, float(a.sum())) for name, a in arrays.items()}


def mapped_file(array: "np.ndarray") -> str | None:
    base = array.base
    while base is not None and not isinstance(base, np.memmap):
        base = getattr(base, "base", None)
    return None if base is None else str(base.filename)


def doubled(array: "np.ndarray", keep: bool) -> "np.ndarray":
    """Return an array of a worker's own, or the one that it was given."""
    return array if keep else 2 * array


def starve() -> None:
    raise MemoryError


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    with processes(jobs) as running:
        # The first one ends last.
        assert list(results(running, [partial(late, n) for n in range(4)])) == [0, 1, 2, 3]


@pytest.mark.parametrize("keep", [False, True])
def test_large_results_come_whole_and_touch_no_file_of_the_tasks(keep: bool) -> None:
    tasks = [partial(doubled, LARGE, keep), partial(doubled, LARGE + 1, keep)] * 2
    expected = [LARGE, LARGE + 1] * 2
    with processes(2) as running:
        for found, own in zip(list(results(running, tasks)), expected, strict=True):
            np.testing.assert_array_equal(found, own if keep else 2 * own)
            assert mapped_file(found) is None


def test_a_run_goes_on_without_a_worker_that_died_and_not_without_one_that_dies_again(
    tmp_path: Path,
) -> None:
    with processes(2) as running:
        assert list(results(running, [partial(kill, n, tmp_path, 2) for n in range(4)])) == [
            *range(4)
        ]
        assert len(list(tmp_path.iterdir())) == 2
        with pytest.raises(RollsightError) as caught:
            list(results(running, [partial(kill, n, tmp_path, 9) for n in range(2)]))
    assert str(caught.value) == (
        "a task could not be done, its worker died 3 times, killed or out of memory: run fewer "
        "tasks at the same time where memory is short; finished networks are kept in the run's "
        "directory: the same call goes on"
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_memory_that_ran_out_is_one_line(jobs: int) -> None:
    with (
        pytest.raises(RollsightError, match=rf"^memory ran out with jobs={jobs}, take fewer; fin"),
        processes(jobs) as running,
    ):
        list(results(running, [starve]))


def test_large_arrays_are_written_once_and_mapped_into_every_worker() -> None:
    arrays = {"large": LARGE, "view": LARGE[:-1], "small": SMALL}
    with processes(2) as running:
        found = list(results(running, [partial(look, arrays)] * 6))
    one = found[0]
    # The very same files for all tasks; a view of a large array has its own.
    assert found == [one] * 6
    assert one["large"][0] != one["view"][0]
    assert one["large"][1:] == (False, 11249925000.0)
    assert one["small"] == (None, True, 499500.0)
    folder = Path(str(one["large"][0])).parent
    assert not folder.exists()


def test_a_file_goes_with_its_array() -> None:
    with mapped_arrays() as reduce:
        array = LARGE.copy()
        function, (path,) = reduce(array)
        assert function(path).tolist() == LARGE.tolist()
        assert reduce(array) == (function, (path,))
        del array
        assert not path.exists()
