"""Calls of the package: an argument that is misspelt is named, and progress shows by itself."""

import reprlib
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from functools import wraps
from inspect import Parameter, signature
from os import PathLike
from pathlib import Path
from types import NoneType
from typing import Any, ParamSpec, TypeVar, get_args

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

    An argument that it has not raises TypeError with what was meant, ``jobs`` below one and what is
    no path where one is taken are refused, and its ``progress`` is shown where none is given: bars
    on a terminal and in a notebook, lines elsewhere.
    """
    known = signature(function).parameters

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        for name in kwargs.keys() - known.keys():
            raise TypeError(no_argument(function.__name__, known, name, kwargs[name]))
        jobs = kwargs.get("jobs", 1)
        if not isinstance(jobs, int) or jobs < 1:
            raise RollsightError(f"jobs={jobs!r} must be 1 or more: so many tasks run at a time")
        _refuse_no_path(function, args, kwargs)
        shows = "progress" in known and kwargs.get("progress", automatic) is automatic
        with shown() if shows else nullcontext() as progress:
            if shows:
                kwargs["progress"] = progress
            return function(*args, **kwargs)

    return call


def _refuse_no_path(function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Raise where an argument that may be a path is of no kind that it may be."""
    own = signature(function)
    try:
        bound = own.bind_partial(*args, **kwargs)
    except TypeError:  # too many of them, which the call itself says better
        return
    for name, given in bound.arguments.items():
        kinds = get_args(own.parameters[name].annotation)
        several = own.parameters[name].kind is Parameter.VAR_POSITIONAL
        for value in given if several else [given]:
            if Path not in kinds or isinstance(value, (*kinds, PathLike)):
                continue
            allowed = ", ".join(kind.__name__ for kind in kinds if kind is not NoneType)
            told = " ".join(reprlib.repr(value).split())
            way = f"; the items of a list are given by *{name}" if several else ""
            raise RollsightError(
                f"{function.__name__}() has {name}={told}, of type {type(value).__name__}: give "
                f"one of {allowed}{way}"
            )


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
