"""Files that are either whole or not there."""

import os
from collections.abc import Callable
from pathlib import Path


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` fill a file beside ``path``, then put it there in one step."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file in one step; a file that holds these bytes already is left alone."""
    if not path.is_file() or path.read_bytes() != content:
        write_file(path, lambda beside: beside.write_bytes(content))
