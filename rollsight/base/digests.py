"""Digests of code, and of whatever one stage hands to the next, none of its fields forgotten."""

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

FOLDERS = ("base", "signals", "training", "strategies", "backtests")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
LIBRARIES = ("backtrader", "exchange-calendars", "numpy", "pandas", "torch")
# Metadata of a field that is part of a digest only where it is not None: what a later version adds
# changes nothing where it is not used.
IF_ANY = {"digest": "if any"}


def code_of(path: Path) -> str:
    """Return a module's code without comments and docstrings, on which no result depends."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


@cache
def chain_digest() -> str:
    """Return the digest of all code from a market folder to an account, and of its libraries.

    Neither comments nor docstrings are part of it, see `code_of`.
    """
    files = [p for folder in FOLDERS for p in sorted(_home(folder).rglob("*.py"))]
    versions = [f"{name} {version(name)}" for name in LIBRARIES]
    return content_digest([*versions, *(code_of(p) for p in files)])


def _home(folder: str) -> Path:
    spec = find_spec(f"rollsight.{folder}")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0])


def content_digest(content: object) -> str:
    """Return the SHA-256 of dataclasses, tables, arrays, texts and numbers, however nested.

    The same dates have the same digest whatever the unit that they are stored in.

    Raises
    ------
    TypeError
        If it holds something else, of which nobody knows whether it stays the same.
    """
    out = hashlib.sha256()
    for part in _parts(content):
        out.update(f"{len(part)}:".encode())
        out.update(part)
    return out.hexdigest()


def _parts(content: object) -> Iterator[bytes]:
    yield type(content).__name__.encode()
    if is_dataclass(content) and not isinstance(content, type):
        for field in fields(content):
            if field.metadata == IF_ANY and getattr(content, field.name) is None:
                continue
            yield field.name.encode()
            yield from _parts(getattr(content, field.name))
    elif isinstance(content, np.ndarray):
        yield from _array(content)
    elif isinstance(content, pd.DataFrame):
        yield from _table(content)
    elif isinstance(content, Mapping | tuple | list):
        yield from _several(content)
    elif content is None or isinstance(content, str | bool | int | float | date | time):
        yield repr(content).encode()
    else:
        raise TypeError(f"{type(content).__name__} has no digest: say here what of it counts")


def _several(content: Mapping[Any, Any] | tuple[Any, ...] | list[Any]) -> Iterator[bytes]:
    yield str(len(content)).encode()
    items = sorted(content.items(), key=repr) if isinstance(content, Mapping) else content
    for item in items:
        yield from _parts(item)


def _table(table: pd.DataFrame) -> Iterator[bytes]:
    yield from _parts([str(name) for name in table])
    yield from _array(table.index.to_numpy())
    for at in range(table.shape[1]):
        yield from _array(table.iloc[:, at].to_numpy())


def _array(array: npt.NDArray[Any]) -> Iterator[bytes]:
    if array.dtype.kind == "O":
        yield from _several(array.tolist())
        return
    if array.dtype.kind == "M":
        array = array.astype("datetime64[us]")
    yield f"{array.shape}{array.dtype.str}".encode()
    yield np.ascontiguousarray(array).tobytes()
