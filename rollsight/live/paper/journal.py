"""An append-only journal: a line an entry, on the disk before anyone is told of it."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rollsight.base.errors import RollsightError

Entry = dict[str, Any]


class Journal:
    """Entries in a file, each with a digest of itself and of all before it.

    An entry is either whole and on the disk, or not there: a line that a killed process or a full
    disk cut short is taken off when the journal is opened again.

    Attributes
    ----------
    path
        of the file
    entries
        those that it holds, in order
    """

    def __init__(self, path: Path) -> None:
        """Open a journal, or begin one.

        Raises
        ------
        RollsightError
            If another process has it open, it cannot be read or written, or an entry is not what
            was written.
        """
        if not path.parent.is_dir():
            raise RollsightError(f"{path} cannot be kept: there is no folder {path.parent}")
        self.path = path
        self._lock = FileLock(f"{path}.lock", timeout=0)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise RollsightError(
                f"{path} is kept by another process: end that one first"
            ) from error
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            content = path.read_bytes() if path.exists() else b""
            self.entries, self._digest, whole = _read(path, content)
            if whole < len(content):
                self._cut(whole)
            self._size = whole
        except OSError as error:
            self._lock.release()
            raise _unwritable(path, error) from error
        except RollsightError:
            self._lock.release()
            raise

    def append(self, entry: Entry) -> None:
        """Add an entry; it is on the disk when this returns.

        Raises
        ------
        RollsightError
            If it cannot be written; the journal is as it was before.
        """
        line, digest = _line(entry, self._digest)
        try:
            with self.path.open("ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            if not self.entries:
                _sync_folder(self.path.parent)
        except OSError as error:
            with suppress(OSError):
                self._cut(self._size)
            raise _unwritable(self.path, error) from error
        self.entries.append(entry)
        self._digest, self._size = digest, self._size + len(line)

    def close(self) -> None:
        """Let another process have it."""
        self._lock.release()

    def _cut(self, size: int) -> None:
        os.truncate(self.path, size)


def _read(path: Path, content: bytes) -> tuple[list[Entry], str, int]:
    """Return the entries, the digest of the last one, and how many bytes they take."""
    entries: list[Entry] = []
    digest, size = "", 0
    for line in _whole_lines(content):
        found = _entry(line, digest)
        if found is None:
            # Only what was written last can have been cut short.
            if size + len(line) == len(content):
                break
            raise RollsightError(
                f"{path}: line {len(entries) + 1} is not what was written; put the journal back "
                "as it was, or move it away to begin another"
            )
        entries.append(found[0])
        digest, size = found[1], size + len(line)
    return entries, digest, size


def _whole_lines(content: bytes) -> Iterator[bytes]:
    for line in content.splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield line


def _entry(line: bytes, before: str) -> tuple[Entry, str] | None:
    try:
        entry: Entry = json.loads(line)
        digest = entry.pop("digest")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return (entry, digest) if _line(entry, before) == (line, digest) else None


def _line(entry: Entry, before: str) -> tuple[bytes, str]:
    """Return the line of an entry behind another one's digest, and its own."""
    text = json.dumps(entry, ensure_ascii=False, allow_nan=False)
    digest = blake2b(f"{before}{text}".encode(), digest_size=16).hexdigest()
    return (json.dumps({**entry, "digest": digest}, ensure_ascii=False) + "\n").encode(), digest


def _sync_folder(folder: Path) -> None:
    # Without it a power cut may leave the content without the name.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> RollsightError:
    return RollsightError(
        f"{path} cannot be kept ({error.strerror or error}): make room or name another folder; "
        "what it holds stays"
    )
