"""Frozen dataclasses as JSON, and back: where numbers with types lose and gain them."""

from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd

T = TypeVar("T")


def plain(value: Any) -> Any:  # JSON has no narrower type
    """Return a value as JSON knows it: NaN and missing become None, dates ISO text.

    A dataclass becomes a mapping of its fields, in their order; a field named as a keyword of
    Python with an underscore after it, as ``from_``, loses that.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {_key(name): plain(getattr(value, name)) for name in _names(value)}
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
    if isinstance(value, np.floating | float):
        return float(value) if np.isfinite(value) else None
    return None if value is None or value is pd.NaT or value is pd.NA else str(value)


def record(kind: type[T], value: Any) -> T:
    """Return the dataclass that `plain` made a mapping of.

    Its fields are numbers, texts, dataclasses, tuples and mappings of such, or None.
    """
    hints = get_type_hints(kind)
    own = {name: _typed(hints[name], value[_key(name)]) for name in _names(kind)}
    return kind(**own)


def _key(name: str) -> str:
    return name.removesuffix("_")


def _names(kind: Any) -> list[str]:
    return [field.name for field in fields(kind)]


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if is_dataclass(hint):
        return record(hint, value)  # type: ignore[arg-type] # of a field it is a class
    kind, of = get_origin(hint), get_args(hint)
    if kind in (Union, UnionType):
        return _typed(next(each for each in of if each is not NoneType), value)
    if kind is tuple:
        return tuple(_typed(of[0], each) for each in value)
    if kind is dict:
        return {key: _typed(of[1], each) for key, each in value.items()}
    return value
