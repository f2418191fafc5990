"""Frozen dataclasses as JSON, and back: where numbers with types lose and gain them."""

from dataclasses import fields, is_dataclass
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd

T = TypeVar("T")

# Metadata of a field that is written only where it is not None: what a later version adds leaves
# what was written before, and what is written without it, as they are.
IF_ANY = {"record": "if any"}


def plain(value: Any) -> Any:  # JSON has no narrower type
    """Return a value as JSON knows it: NaN and missing become None, dates ISO text.

    A dataclass becomes a mapping of its fields, in their order; a field named as a keyword of
    Python with an underscore after it, as ``from_``, loses that.
    """
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, float):  # numpy's are too
        return float(value) if isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return {_key(name): plain(getattr(value, name)) for name in _written(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(v) for v in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, np.integer | int):
        return int(value)
    if isinstance(value, np.floating):
        return float(value) if isfinite(value) else None
    return None if value is pd.NaT or value is pd.NA else str(value)


def record(kind: type[T], value: Any) -> T:
    """Return the dataclass that `plain` made a mapping of.

    Its fields are numbers, texts, dataclasses, tuples and mappings of such, or None.
    """
    hints = _hints(kind)  # type: ignore[arg-type] # a class is hashable
    maybe = _if_any(kind)  # type: ignore[arg-type] # a class is hashable
    own = {
        name: _typed(hint, value[_key(name)])
        for name, hint in hints.items()
        if name not in maybe or _key(name) in value
    }
    return kind(**own)


def _key(name: str) -> str:
    return name.removesuffix("_")


def _written(value: Any) -> list[str]:
    maybe = _if_any(type(value))  # type: ignore[arg-type]
    names = _names(value)
    return [n for n in names if n not in maybe or getattr(value, n) is not None] if maybe else names


@cache
def _if_any(kind: Any) -> frozenset[str]:
    return frozenset(field.name for field in fields(kind) if field.metadata == IF_ANY)


def _names(kind: Any) -> list[str]:
    return [field.name for field in fields(kind)]


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {name: hints[name] for name in _names(kind)}


@cache
def _simple(hint: Any) -> bool:
    """Return whether its values are numbers and texts, which JSON holds as they are."""
    if get_origin(hint) in (Union, UnionType):
        return all(_simple(each) for each in get_args(hint))
    return hint in (int, float, str, bool, NoneType)


def _typed(hint: Any, value: Any) -> Any:
    if _simple(hint):
        return value
    if is_dataclass(hint):
        return record(hint, value)  # type: ignore[arg-type] # of a field it is a class
    kind, of = get_origin(hint), get_args(hint)
    if kind in (Union, UnionType):
        own = next(each for each in of if each is not NoneType)
        return None if value is None else _typed(own, value)
    if kind is tuple:
        return tuple(value) if _simple(of[0]) else tuple(_typed(of[0], each) for each in value)
    if kind is dict:
        return {key: _typed(of[1], each) for key, each in value.items()}
    return value
