"""Large arrays of tasks: written once, and mapped into the memory of every worker."""

import itertools
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib.externals.loky.backend import resource_tracker

Array = npt.NDArray[Any]

LEAST = 1_000_000  # bytes of an array that travels as a file
MEMORY = Path("/dev/shm")  # Linux's files in memory, which all processes share
ROOM = 2 * 2**30  # bytes that must be free there


class MappedArrays:
    """Pickles a large array as the path of a file, which is there as long as the array is."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._names, self._alone = folder, itertools.count(), threading.Lock()
        self._paths: dict[int, Path] = {}  # by the number of an array that is alive

    def __call__(self, array: Array) -> Any:
        """Return how an array is pickled."""
        if array.nbytes < LEAST or array.dtype.hasobject:
            return array.__reduce__()
        with self._alone:  # each worker is sent its tasks by a thread of its own
            path = self._paths.get(id(array))
            if path is None:
                path = self._folder / f"{next(self._names)}.npy"
                np.save(path, array, allow_pickle=False)
                self._paths[id(array)] = path
                weakref.finalize(array, self._forget, id(array)).atexit = False
        return _mapped, (path,)

    def __reduce__(self) -> tuple[type["MappedArrays"], tuple[Path]]:
        # It travels with a worker's queue; results are pickled without it.
        return MappedArrays, (self._folder,)

    def _forget(self, number: int) -> None:
        with suppress(OSError):  # Windows keeps a file that a worker has mapped
            self._paths.pop(number).unlink(missing_ok=True)


@contextmanager
def mapped_arrays() -> Iterator[MappedArrays]:
    """Have a folder for large arrays as long as tasks need them."""
    there = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="rollsight-", dir=MEMORY if there else None))
    # This process of loky's removes it where the run is killed.
    resource_tracker.register(str(folder), "folder")
    try:
        yield MappedArrays(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        resource_tracker.unregister(str(folder), "folder")


def _mapped(path: Path) -> Array:
    # As a plain array, which is what it was.
    found: Array = np.load(path, mmap_mode="r")
    return found.view(np.ndarray)
