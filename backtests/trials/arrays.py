"""Arrays and a few words about them in one file, which is whole or taken for missing."""

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rollsight.base.files import write_bytes

Arrays = Mapping[str, npt.NDArray[Any]]
DIGEST = 64  # characters before the content


def write_arrays(path: Path, about: Mapping[str, Any], arrays: Arrays) -> None:
    """Write a file atomically, the same bytes for the same content.

    Parameters
    ----------
    about
        what JSON can hold
    """
    content = io.BytesIO()
    # No archive: Ctrl-C in the middle of reading one would be lost in its clean-up.
    head = json.dumps([about, list(arrays)], sort_keys=True)
    np.save(content, np.frombuffer(head.encode(), dtype=np.uint8))
    for array in arrays.values():
        np.save(content, array, allow_pickle=False)
    body = content.getvalue()
    write_bytes(path, hashlib.sha256(body).hexdigest().encode() + body)


def read_arrays(path: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]] | None:
    """Return what was written; None where there is no file, or a damaged one."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    body = content[DIGEST:]
    if content[:DIGEST] != hashlib.sha256(body).hexdigest().encode():
        return None
    stream = io.BytesIO(body)
    try:
        about, names = json.loads(np.load(stream).tobytes())
        return about, {name: np.load(stream) for name in names}
    except (ValueError, EOFError):  # objects are never unpickled
        return None
