"""Files that are either whole or not there."""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

TORN = re.compile(r"\.(.+)\.\d+\.partial")


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` fill a file beside ``path``, then put it there in one step."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    beside.unlink(missing_ok=True)  # a link that lies there would be written through
    try:
        write(beside)
        # Without it a power cut may leave the name without the content.
        with beside.open("rb+") as written:
            os.fsync(written.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write text in one step, as UTF-8."""
    write_file(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file in one step; a file that holds these bytes already is left alone."""
    if not path.is_file() or path.read_bytes() != content:
        write_file(path, lambda beside: beside.write_bytes(content))


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Append lines to a file, each on disk when this returns."""
    with path.open("a", encoding="utf-8") as file:
        # A line that was cut short may not spoil the next one.
        file.write(("" if _whole(path) else "\n") + "".join(lines))
        file.flush()
        os.fsync(file.fileno())


def _whole(path: Path) -> bool:
    """Return whether the last line of a file is whole."""
    if not path.stat().st_size:
        return True
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def whole_name(path: Path) -> str:
    """Return the name that a file has, or was to have when its writing was cut short.

    >>> whole_name(Path("out/.run.toml.4711.partial"))
    'run.toml'
    """
    torn = TORN.fullmatch(path.name)
    return torn[1] if torn else path.name
