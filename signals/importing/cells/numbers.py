"""Numbers as people write them: thousands separators, decimal commas, signs of a currency."""

import re
from collections.abc import Mapping
from numbers import Number
from pathlib import Path

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tablefiles import MISSING
from rollsight.signals.importing.told import AmbiguousError, Told

NOTHING = {*MISSING, "-", "--", "."}
AROUND = r"^[$₩€£¥]|원$|[\s\u00a0\u202f']"
WHOLE = re.compile(r"[+-]?[$₩€£¥]?[\d.,' \u00a0\u202f]*\d[\d.,]*( ?[원KMBkmb])?")
# What only a decimal comma, and what only a decimal point writes.
COMMA = re.compile(
    r"[+-]?(\d{1,3}(\.\d{3})+|\d+),(\d{1,2}|\d{4,})|[+-]?(0|\d{4,}),\d+|.*\.\d{3},\d+"
)
POINT = re.compile(
    r"[+-]?\d{1,3}(,\d{3}){2,}|[+-]?(\d{1,3}(,\d{3})+|\d+)\.(\d{1,2}|\d{4,})|.*,\d{3}\.\d+"
)
UNITS = {"K": 1e3, "M": 1e6, "B": 1e9}


def looks_numeric(cell: object) -> bool:
    """Return whether a cell may hold a number."""
    if isinstance(cell, Number):
        return not isinstance(cell, bool)
    return bool(WHOLE.fullmatch(str(cell).strip()))


def numbers_of(
    columns: Mapping[str, pd.Series], path: Path, told: Told
) -> tuple[dict[str, pd.Series], str]:
    """Return columns as numbers, and how they were written; text that is none stays.

    Raises
    ------
    AmbiguousError
        If no value proves whether a comma is a decimal one.
    RollsightError
        If some values prove one and others the other.
    """
    texts = {name: _texts(values) for name, values in columns.items()}
    words = [values for values in texts.values() if values.dtype != "float64"]
    if not any(values.str.contains(",", regex=False).any() for values in words):
        return {name: _converted(values) for name, values in texts.items()}, ""
    unique = pd.concat([values.drop_duplicates() for values in words])
    unique = unique.str.replace(AROUND, "", regex=True)
    commas = unique[unique.str.contains(",", regex=False)]
    comma = _decimal_comma(unique, commas, path, told)
    marks = (".", ",") if comma else (",", "")
    out = {name: _converted(values, marks) for name, values in texts.items()}
    return out, "decimal commas" if comma else "commas between thousands"


def _texts(values: pd.Series) -> pd.Series:
    """Return a column as float64, or as text in which nothing stands for no value."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.astype("float64")
    if not isinstance(values.dtype, pd.StringDtype):
        values = values.map(_plain).astype("str")
    texts = values.fillna("").str.strip()
    return texts.mask(texts.isin(NOTHING), "")


def _plain(value: object) -> str:
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value))
    return str(value)


def _decimal_comma(unique: pd.Series, commas: pd.Series, path: Path, told: Told) -> bool:
    proofs = [unique[unique.map(lambda t, p=p: bool(p.fullmatch(t)))] for p in (COMMA, POINT)]
    if len(proofs[0]) and len(proofs[1]):
        raise RollsightError(
            f"{path}: {proofs[0].iloc[0]!r} has a decimal comma and {proofs[1].iloc[0]!r} a "
            "decimal point: write all numbers in one way"
        )
    if len(proofs[0]) or len(proofs[1]):
        return bool(len(proofs[0]))
    if told.decimal is None:
        raise AmbiguousError(
            f"{path}: {commas.iloc[0]!r} may be over a thousand or a small number with a decimal "
            "comma, and no number of the file proves which: say --decimal point or --decimal comma",
            key="decimal",
            question=f"Is the comma in {commas.iloc[0]} of {path.name} one of thousands (point) or "
            "a decimal one (comma)?",
            choices={"point": "point", "comma": "comma"},
        )
    return told.decimal == "comma"


def _converted(values: pd.Series, marks: tuple[str, str] = ("", "")) -> pd.Series:
    """Return text as float64 where it is a number throughout; of ``marks`` the decimal is last."""
    if values.dtype == "float64":
        return values
    blank = values == ""
    numbers = None if any(marks) else pd.to_numeric(values.mask(blank), errors="coerce")
    if numbers is None or not (numbers.notna() | blank).all():
        numbers = _unwrapped(values.str.replace(AROUND, "", regex=True), *marks)
    unread = numbers.isna() & ~blank
    return values.mask(blank) if unread.any() else numbers.astype("float64")


def _unwrapped(texts: pd.Series, thousands: str, decimal: str) -> pd.Series:
    """Return text as numbers, NaN where it is none: without marks, and units as their number."""
    bare = texts.str.replace(thousands, "", regex=False) if thousands else texts
    bare = bare.str.replace(decimal, ".", regex=False) if decimal else bare
    units = bare.str[-1:].str.upper().map(UNITS)
    bare = bare.where(units.isna(), bare.str[:-1])
    return pd.to_numeric(bare.mask(bare == ""), errors="coerce") * units.fillna(1.0)
