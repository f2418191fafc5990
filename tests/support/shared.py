"""What is made once for all processes of a test run."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

T = TypeVar("T")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], T]) -> T:
    """Return what a function makes in a folder: the first process calls it, the others read it.

    What is in the folder is everyone's: who changes something takes a copy.
    """
    root: Path = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    made = root / name / "made.pickle"
    with FileLock(root / f"{name}.lock"):
        if not made.is_file():
            made.parent.mkdir()
            made.write_bytes(pickle.dumps(make(made.parent)))
        found: T = pickle.loads(made.read_bytes())
    return found
