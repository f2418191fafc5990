"""Whether values are of the types that they are declared to have."""

from dataclasses import is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def untrue(hint: Any, value: Any, at: str = "") -> list[str]:
    """Return where a value is not of the type that it is declared to have."""
    kind, of = get_origin(hint), get_args(hint)
    if hint is Any:
        return []
    if kind in (Union, UnionType):
        return min((untrue(each, value, at) for each in of), key=len)
    if kind is Literal:
        return [] if value in of else [f"{at}={value!r}"]
    if kind is tuple and isinstance(value, tuple):
        return [f for n, v in enumerate(value) for f in untrue(of[0], v, f"{at}[{n}]")]
    if kind is dict and isinstance(value, dict):
        return [f for k, v in value.items() for f in untrue(of[1], v, f"{at}[{k}]")]
    if is_dataclass(hint) and isinstance(value, hint):
        hints = get_type_hints(hint)
        return [f for k, h in hints.items() for f in untrue(h, getattr(value, k), f"{at}.{k}")]
    true = kind is None and type(value) in ((int, float) if hint is float else (hint,))
    return [] if true else [f"{at}={value!r}"]
