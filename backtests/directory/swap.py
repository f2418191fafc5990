"""How a new run takes the place of a finished one: all of it, or nothing yet."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from rollsight.backtests.directory.directory import MANIFEST, NETWORK, is_run, locked, own_files
from rollsight.base.errors import RollsightError
from rollsight.base.files import whole_name
from rollsight.training.fitting.paths import network_path

NEXT = ".next"  # in the directory of a finished run: the one that is to take its place
PATIENCE = 60.0  # seconds that a swap may take, which moves some files
AUDITED = ("spec_digest", "data_digest", "chain_digest")


def is_finished(out: Path) -> bool:
    """Return whether a folder holds a run that has finished."""
    return is_run(out) and (out / MANIFEST).is_file()


def is_whole(out: Path) -> bool:
    """Return whether the run that is to take a finished one's place is whole."""
    # What a link leads to may be another run, which is not to be moved from there.
    return (out / NEXT / MANIFEST).is_file() and not (out / NEXT).is_symlink()


def settle(out: Path) -> None:
    """End a swap that another process does at present, or was killed at.

    Raises
    ------
    RollsightError
        If the folder cannot be written, or its networks lie where a link leads.
    """
    if is_whole(out) and (out / "models").is_symlink():
        raise RollsightError(
            f"{out / 'models'} is a link, and a call that was killed has left networks that would "
            f"be put where it leads: make the call into {out} again, or put the folder itself there"
        )
    until = time.monotonic() + PATIENCE
    try:
        while is_whole(out):
            try:
                with locked(out):
                    swap(out)
            except RollsightError:  # its own process is at it
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
    except OSError as error:
        raise RollsightError(
            f"{out} cannot be written ({error.strerror}), and a call that was killed has left a "
            f"finished run in {out / NEXT}: make it writable, and make the same call again"
        ) from error


def swap(out: Path) -> None:
    """Put the run that is whole in the place of the finished one.

    Its manifest says that it is whole until every other file is in place, so that a swap that was
    cut short anywhere is done again from the start.
    """
    new = out / NEXT
    manifest = json.loads((new / MANIFEST).read_text(encoding="utf-8"))
    (out / MANIFEST).unlink(missing_ok=True)
    (out / "models").mkdir(exist_ok=True)
    for path in own_files(new):
        if path.name != MANIFEST and path.name == whole_name(path):
            path.replace(out / path.relative_to(new))
    drop_others(out, manifest)
    (new / MANIFEST).replace(out / MANIFEST)
    remove_next(out)


def drop_others(out: Path, manifest: dict[str, Any]) -> None:
    """Remove what is not of the run of this manifest: other networks, torn files, an old audit."""
    models = [("", manifest), *((one["name"], one) for one in manifest.get("baselines", []))]
    kept = {
        network_path(out / "models", number, seed, name)
        for name, of in models
        for number in range(len(of["model_digests"]))
        for seed in of["seeds"]
    }
    for path in own_files(out):
        torn = path.name != whole_name(path)
        if torn or (path.suffix == ".pt" and path not in kept):
            path.unlink()
    audit = out / "audit.json"
    if audit.is_file():
        try:
            audited = json.loads(audit.read_text(encoding="utf-8"))
        except ValueError:
            audited = {}
        if any(audited.get(key) != manifest[key] for key in AUDITED):
            audit.unlink()


def remove_next(out: Path) -> None:
    """Remove the run that was to take a finished one's place, and no stranger's file."""
    new = out / NEXT
    if new.is_symlink() or not new.is_dir():
        return
    for path in own_files(new):
        path.unlink()
    with suppress(OSError):
        (new / "models").rmdir()
    with suppress(OSError):
        new.rmdir()


def has_networks(folder: Path) -> bool:
    """Return whether a run's folder holds networks."""
    return any(NETWORK.fullmatch(p.name) for p in (folder / "models").glob("*.pt"))
