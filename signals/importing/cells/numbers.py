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
    texts = {name: _bare(values) for name, values in columns.items()}
    words = [values for values in texts.values() if values.dtype != "float64"]
    unique = pd.concat([v.drop_duplicates() for v in words]) if words else pd.Series(dtype="str")
    commas = unique[unique.str.contains(",", regex=False)] if len(unique) else unique
    if commas.empty:
        return {name: _converted(values) for name, values in texts.items()}, ""
    comma = _decimal_comma(unique, commas, path, told)
    marks = (".", ",") if comma else (",", "")
    out = {name: _converted(values, marks) for name, values in texts.items()}
    return out, "decimal commas" if comma else "commas between thousands"


def _bare(values: pd.Series) -> pd.Series:
    """Return a column as float64, or as text without what stands around numbers."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.astype("float64")
    if pd.api.types.is_bool_dtype(values):
        return values.astype("str")
    texts = values.map(lambda v: "" if v is None else v if isinstance(v, str) else _plain(v))
    texts = texts.astype("str").str.strip()
    texts = texts.mask(texts.isin(NOTHING), "")
    numbers = pd.to_numeric(texts.mask(texts == ""), errors="coerce")
    if (numbers.notna() | (texts == "")).all():
        # A point may stand between thousands where others have decimal commas.
        return texts if texts.str.contains(".", regex=False).any() else numbers.astype("float64")
    return texts.str.replace(AROUND, "", regex=True)


def _plain(value: object) -> str:
    return repr(float(value)) if isinstance(value, int | float) else str(value)


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
    thousands, decimal = marks
    texts = values.str.replace(thousands, "", regex=False) if thousands else values
    texts = texts.str.replace(decimal, ".", regex=False) if decimal else texts
    units = texts.str[-1:].str.upper().map(UNITS)
    bare = texts.where(units.isna(), texts.str[:-1])
    numbers = pd.to_numeric(bare.mask(bare == ""), errors="coerce") * units.fillna(1.0)
    unread = numbers.isna() & (values != "")
    return values.mask(values == "") if unread.any() else numbers.astype("float64")
