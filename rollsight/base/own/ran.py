"""Which code a user has had imported by its name, so that a stranger's files have none imported.

A specification that a user runs may name code of their own. A finished run, a model or a market
folder names it too, and may be somebody else's: what these name is imported only where a call of
this user's has imported that file before.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from rollsight.base.errors import RollsightError
from rollsight.base.files import append_lines
from rollsight.base.own.state import state_path

WORD = r"[^\W\d]\w*"
OWN = re.compile(rf"({WORD}(?:\.{WORD})*):({WORD})")  # a user's own: package.module:name
RAN = "code.jsonl"  # in the user's state directory: a line with the path of each file


class UnknownCodeError(RollsightError):
    """A file names code that this user has not had imported."""


def note_ran(path: Path) -> None:
    """Remember that a file of code was imported, where that can be written down."""
    kept, line = state_path(RAN), json.dumps(str(path.resolve()))
    if kept is None or line in _lines():
        return
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        append_lines(kept, [f"{line}\n"])


def require_ran(content: object, where: Path) -> None:
    """Raise unless all code that a content names is loaded or was imported before; import nothing.

    Parameters
    ----------
    content
        texts, in lists and mappings however nested, which nobody has checked yet
    where
        the file or folder that it was read from

    Raises
    ------
    UnknownCodeError
        Naming the first code of another kind, and the way to have it imported.
    """
    for name, module in _named(content):
        path = None if module in sys.modules else _source(module)
        if module in sys.modules or (path and json.dumps(str(path.resolve())) in _lines()):
            continue
        raise UnknownCodeError(
            f"{where} names code, {name!r} ({path or 'not to be found here'}), that no call of "
            f"yours has imported: to open a file imports none. Read it, and then {_way(name)}"
        )


def _way(name: str) -> str:
    """Return what has code imported that a file names, where this user can remember it or not."""
    kept, module = state_path(RAN), name.partition(":")[0]
    try:
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.open("a+").close()
            return f"call rollsight check {name}, or import {module}"
    except OSError:
        pass
    fault = "you have no home directory" if kept is None else f"{kept} cannot be written"
    return (
        f"import {module} in the same process, which alone remembers it, since {fault}; or set "
        "XDG_STATE_HOME to a folder that can be"
    )


def _named(content: object) -> Iterator[tuple[str, str]]:
    if isinstance(content, str):
        match = OWN.fullmatch(content.strip())
        if match:
            yield match[0], match[1]
    elif isinstance(content, Mapping | list | tuple):
        for part in content.values() if isinstance(content, Mapping) else content:
            yield from _named(part)


def _lines() -> set[str]:
    kept = state_path(RAN)
    try:
        text = "" if kept is None else kept.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    return set(text.splitlines())


def _source(module: str) -> Path | None:
    """Return the file of a module, without an import of the packages around it."""
    parts, spec, where = module.split("."), None, None
    for count in range(1, len(parts) + 1):
        spec = _spec(".".join(parts[:count]), where)
        if spec is None:
            return None
        where = [*(spec.submodule_search_locations or ())]
    return Path(spec.origin) if spec is not None and spec.has_location and spec.origin else None


def _spec(name: str, within: Sequence[str] | None) -> ModuleSpec | None:
    everywhere = [*sys.path, str(Path.cwd())]  # in this order an import looks, too
    for finder in sys.meta_path:
        path = everywhere if within is None and finder is PathFinder else within
        spec = finder.find_spec(name, path)
        if spec is not None:
            return spec
    return None
