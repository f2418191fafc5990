"""Who may write to a run's directory, and where in it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rollsight.backtests.changes import opened
from rollsight.backtests.directory.differences import spec_differences, told_differences
from rollsight.backtests.directory.directory import (
    LOCK,
    MANIFEST,
    RUNNING,
    SPEC,
    is_run,
    locked,
    own_files,
    write_spec,
)
from rollsight.backtests.directory.swap import (
    NEXT,
    has_networks,
    is_finished,
    is_whole,
    remove_next,
    swap,
)
from rollsight.backtests.owncode import require_known_code
from rollsight.backtests.spec import RunSpec, check_spec, read_spec, read_toml
from rollsight.base.errors import RollsightError
from rollsight.base.files import whole_name


@dataclass(frozen=True)
class Claim:
    """A run's directory that no other process writes to meanwhile.

    Attributes
    ----------
    out
        the directory
    folder
        where files are written: the directory itself or, where that holds a finished run, a
        folder in it, until all of them are whole
    earlier
        the finished run's networks, which may be taken over; None where there are none
    """

    out: Path
    folder: Path
    earlier: Path | None

    @property
    def models(self) -> Path:
        """Where networks are written."""
        return self.folder / "models"


@contextmanager
def claim(out: Path, spec: RunSpec, *, fresh: bool = False) -> Iterator[Claim]:
    """Make ``out`` a run's directory, and keep every other run from it as long as this one goes on.

    A finished run stays as it is until the new one is whole.

    Parameters
    ----------
    fresh
        take nothing over from an earlier run, which may be of another spec

    Raises
    ------
    RollsightError
        If it is a file, a folder that holds something else than a run or a finished run of another
        spec, or another run's at present.
    """
    _refuse_foreign(out)
    with ExitStack() as held:
        try:
            out.mkdir(parents=True, exist_ok=True)
            held.enter_context(locked(out))
            held.callback(_tidy, out)
            claimed = _begun(out, spec, fresh=fresh)
        except OSError as error:
            raise RollsightError(f"--out {out} cannot be written ({error.strerror})") from error
        yield claimed


def refuse_another_spec(out: Path, spec: RunSpec) -> None:
    """Raise where a directory holds a finished run of another spec, which would be lost.

    Where the market lies is no part of it. A run that was begun with ``fresh`` goes on without.

    Raises
    ------
    RollsightError
        Naming the keys that differ.
    """
    if not is_finished(out) or _is_of(out / NEXT, spec):
        return
    ways = "name another folder, or start over in this one with --fresh"
    try:
        before = made_with(out, json.loads((out / MANIFEST).read_text(encoding="utf-8")))
    except (RollsightError, OSError, ValueError) as error:
        raise RollsightError(
            f"--out {out} holds a finished run whose spec cannot be read ({error}): {ways}"
        ) from error
    if before.holdout.opened and not spec.holdout.opened:
        raise RollsightError(
            f"--out {out} holds what rollsight reveal made of this spec: name another folder"
        )
    if spec.holdout.opened and not before.holdout.opened:
        raise RollsightError(
            f"--out {out} holds a run that is no revealed one: name another folder"
        )
    differences = spec_differences(before, spec)
    if differences:
        told = told_differences(differences)
        raise RollsightError(f"--out {out} holds a finished run of another spec ({told}): {ways}")


def made_with(out: Path, manifest: object) -> RunSpec:
    """Return the spec of a finished run, which its ``run.toml`` may no longer be.

    Raises
    ------
    RollsightError
        If this version does not know it, or it names code that this user has not run.
    """
    # Manifests of earlier versions have no spec.
    if isinstance(manifest, dict) and "spec" in manifest:
        require_known_code(manifest["spec"], out / MANIFEST)
        return as_read(check_spec(manifest["spec"], str(out / MANIFEST)), manifest)
    return read_run_spec(out)


def read_run_spec(out: Path) -> RunSpec:
    """Return what the ``run.toml`` of a run's directory says.

    Raises
    ------
    RollsightError
        If it is no specification, or names code that this user has not run.
    """
    require_known_code(read_toml(str(out / SPEC)), out / SPEC)
    return read_spec(str(out / SPEC))


def as_read(spec: RunSpec, manifest: Mapping[str, Any]) -> RunSpec:
    """Return a finished run's spec, with its holdout opened where a reveal has made the run."""
    return opened(spec) if manifest.get("holdout", {}).get("opened", False) else spec


def remove_run(folder: Path) -> None:
    """Remove what runs have written into a run's directory, and the directory where that is all."""
    if not is_run(folder) or folder.is_symlink():
        return
    with locked(folder):
        _clear(folder)
    with suppress(OSError):  # what is a stranger's stays, and its folder with it
        (folder / "models").rmdir()
        if {p.name for p in folder.iterdir()} <= {SPEC, LOCK}:
            (folder / SPEC).unlink()
            (folder / LOCK).unlink()
            folder.rmdir()


def _begun(out: Path, spec: RunSpec, *, fresh: bool) -> Claim:
    if is_whole(out):
        swap(out)
    if not fresh:
        refuse_another_spec(out, spec)
    folder, earlier = out, None
    if is_finished(out):
        folder, earlier = out / NEXT, None if fresh else out / "models"
        if fresh or not _is_of(folder, spec):
            remove_next(out)
    elif fresh:
        _clear(out)
    folder.mkdir(exist_ok=True)
    write_spec(spec, folder)
    (folder / "models").mkdir(exist_ok=True)
    return Claim(out, folder, earlier)


def _is_of(folder: Path, spec: RunSpec) -> bool:
    try:
        return is_run(folder) and read_run_spec(folder).digest == spec.digest
    except RollsightError:
        return False


def _tidy(out: Path) -> None:
    """Remove what was begun beside a finished run, unless a later call can go on from it."""
    if not is_whole(out) and not has_networks(out / NEXT):
        remove_next(out)


def _clear(out: Path) -> None:
    for path in own_files(out):
        # The marker stays, so that the directory is ours wherever this is cut short.
        if path.name not in {SPEC, RUNNING}:
            path.unlink()
    remove_next(out)
    remove_run(out / "leak")


def _refuse_foreign(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise RollsightError(f"--out {out} is a file: name a new folder, or one of an earlier run")
    if is_run(out) or not out.is_dir():
        return
    # A run that was killed at its first step leaves these.
    foreign = [p.name for p in out.iterdir() if whole_name(p) not in {LOCK, RUNNING, SPEC}]
    foreign += [SPEC] if (out / SPEC).exists() else []
    if foreign:
        raise RollsightError(
            f"--out {out} holds {sorted(foreign)[:5]} but no run of rollsight: name a new folder, "
            "or one of an earlier run"
        )
