"""Members of an extension point: by a name that is known, or a user's own by package.module:name.

The name travels to workers and into files, never the object: each process imports it anew.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module, invalidate_caches, reload
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from rollsight.base.digests import code_of
from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.base.own.ran import OWN, note_ran

T = TypeVar("T")
CALLED = ("__call__",)

_loaded: dict[str, str] = {}  # code of each module of a user's, as this process runs it


def find(kind: str, name: str, known: Mapping[str, T], needs: Sequence[str] = CALLED) -> T:
    """Return the member of an extension point that a name stands for.

    A module whose source has changed since it was imported is imported anew.

    Parameters
    ----------
    kind
        what it is, in messages, such as "rule"
    name
        a key of ``known``, or "package.module:name" of a user's own, importable from the
        current directory or installed
    needs
        attributes that a user's own must have

    Raises
    ------
    RollsightError
        If the name is unknown, cannot be imported, or is no such member.
    """
    require_name(kind, name, known)
    if name in known:
        return known[name]
    found: T = _own(kind, name)
    made_of_none = known and not any(isinstance(own, type) for own in known.values())
    if made_of_none and isinstance(found, type):
        made = found.__name__
        raise RollsightError(
            f"{kind} {name!r} is a class: name an object of it, as in {made.lower()} = {made}()"
        )
    absent = [need for need in needs if not hasattr(found, need)]
    if absent:
        lacks = "cannot be called" if absent == list(CALLED) else f"has no {absent[0]!r}"
        raise RollsightError(f"{kind} {name!r} {lacks}: it is {_shown(found)}, and no {kind}")
    return found


def require_name(kind: str, name: str, known: Mapping[str, Any]) -> None:
    """Raise unless a name is known, or has the form of a user's own; nothing is imported.

    Raises
    ------
    RollsightError
        Listing the known names.
    """
    if name in known or OWN.fullmatch(name):
        return
    raise RollsightError(
        f"no {kind} is called {name!r} {did_you_mean(name, known)}; one of your own is written "
        "package.module:name"
    )


def source_of(kind: str, name: str) -> str:
    """Return the code of a user's own member as it runs here, for digests; of a known name "".

    It is that of the module that is named, and of the one that defines the member where that is
    another of the same package. What these import from elsewhere is not part of it.

    Raises
    ------
    RollsightError
        If it cannot be imported.
    """
    match = OWN.fullmatch(name)
    if match is None:
        return ""
    found = _own(kind, name)
    return "\n".join(_loaded[module] for module in _modules_of(found, match[1]))


def _own(kind: str, name: str) -> Any:
    match = OWN.fullmatch(name)
    assert match is not None
    module, attribute = match.groups()
    about = f"{kind} {name!r}"
    found = _attribute(about, _imported(about, module), attribute)
    modules = _modules_of(found, module)
    stale = [own for own in modules if _loaded.get(own, _code(about, own)) != _code(about, own)]
    if stale:
        for own in modules:  # the one that defines it first
            _guarded(about, own, partial(reload, sys.modules[own]))
        found = _attribute(about, sys.modules[module], attribute)
    if module not in _loaded:
        note_ran(Path(sys.modules[module].__file__ or ""))
    _loaded.update({own: _code(about, own) for own in modules})
    return found


def _imported(about: str, module: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # behind all that is installed: a file may not hide a library
    if module not in sys.modules:
        invalidate_caches()  # the file may be younger than the last look into its folder
    return _guarded(about, module, partial(import_module, module))


def _guarded(about: str, module: str, load: Callable[[], ModuleType]) -> ModuleType:
    try:
        found = load()
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise RollsightError(_failed(about, module, error)) from error
        raise RollsightError(
            f"{about}: there is no module {error.name!r} in {Path.cwd()} or among what is "
            f"installed: call from the folder that holds it, or install it"
        ) from error
    except (Exception, SystemExit) as error:  # whatever a user's own code may raise
        raise RollsightError(_failed(about, module, error)) from error
    return found


def _failed(about: str, module: str, error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{about}: importing {module} failed with {type(error).__name__}: {text}"


def _attribute(about: str, module: ModuleType, attribute: str) -> Any:
    if not hasattr(module, attribute):
        if getattr(module, "__file__", None) is None and hasattr(module, "__path__"):
            raise RollsightError(
                f"{about}: {module.__name__} is a folder without code ({module.__path__[0]}): name "
                f"a file in it, as in {module.__name__}.file:{attribute}"
            )
        public = [name for name in vars(module) if not name.startswith("_")]
        raise RollsightError(
            f"{about}: {module.__name__} ({getattr(module, '__file__', 'no file')}) has no "
            f"{attribute!r} {did_you_mean(attribute, public)}"
        )
    return getattr(module, attribute)


def _modules_of(found: Any, named: str) -> list[str]:
    """Return the module that defines a member, and the one that names it."""
    defines = getattr(found, "__module__", None)
    same = isinstance(defines, str) and defines.split(".")[0] == named.split(".")[0]
    return list(dict.fromkeys([defines, named] if same and defines in sys.modules else [named]))


def _code(about: str, module: str) -> str:
    path = Path(getattr(sys.modules[module], "__file__", None) or "")
    if path.suffix != ".py" or not path.is_file():
        raise RollsightError(
            f"{about}: {module} has no source file, so that no digest can tell which code made a "
            "result: put it into a .py file"
        )
    try:
        return code_of(path)
    except SyntaxError as error:  # it was edited after it was imported
        raise RollsightError(_failed(about, module, error)) from error


def _shown(found: object) -> str:
    text = " ".join(repr(found).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
