"""Calls of the package: an argument that is misspelt is named, and progress shows by itself."""

import reprlib
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from rollsight.backtests.spec import RunSpec
from rollsight.backtests.specs.keys import keys_of, meant
from rollsight.base.errors import RollsightError
from rollsight.display import shown
from rollsight.training.spec import NetworkSpec

P = ParamSpec("P")
T = TypeVar("T")


def automatic(_stage: str, _done: int, _total: int, _note: str = "", /) -> None:
    """Stand for the display that a call of the package opens by itself."""


def called(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function of the package as users call it.

    An argument that it has not raises TypeError with what was meant, ``jobs`` below one are
    refused, and its ``progress`` is shown where none is given: bars on a terminal and in a
    notebook, lines elsewhere.
    """
    known = signature(function).parameters

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        for name in kwargs.keys() - known.keys():
            raise TypeError(no_argument(function.__name__, known, name, kwargs[name]))
        jobs = kwargs.get("jobs", 1)
        if not isinstance(jobs, int) or jobs < 1:
            raise RollsightError(f"jobs={jobs!r} must be 1 or more: so many tasks run at a time")
        shows = "progress" in known and kwargs.get("progress", automatic) is automatic
        with shown() if shows else nullcontext() as progress:
            if shows:
                kwargs["progress"] = progress
            return function(*args, **kwargs)

    return call


def no_argument(function: str, known: Iterable[str], name: str, value: Any) -> str:
    """Return one line about an argument that a function has not.

    >>> print(no_argument("run", ["spec", "changes"], "horizon", 5))
    run() has no argument 'horizon': keys of a specification are changed as in \
changes={'label.horizon': 5}; did you mean 'label.horizon'?
    >>> print(no_argument("run", ["spec", "jobs"], "job", 2))
    run() has no argument 'job' (have ['jobs', 'spec']); did you mean 'jobs'?
    """
    names = sorted(known)
    keys = set(keys_of(RunSpec, NetworkSpec)) if "changes" in names else set()
    found = meant(name, sorted(keys), names)
    said, hint = f"{function}() has no argument {name!r}", f"; did you mean {found}?"
    first = found.split("'")[1] if found else ""
    if first in keys:
        example = f"{{{first!r}: {reprlib.repr(value)}}}"
        return f"{said}: keys of a specification are changed as in changes={example}{hint}"
    return f"{said} (have {names}){hint if found else ''}"
