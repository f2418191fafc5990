"""Numbers as people write them: thousands separators, decimal commas, signs of a currency."""

import re
from collections.abc import Mapping
from decimal import Decimal
from numbers import Number, Real
from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tablefiles import MISSING
from rollsight.signals.importing.told import AmbiguousError, Told

NOTHING = {*MISSING, "-", "--", "."}
AROUND, UNIT = re.compile(r"^[$₩€£¥]|원$|[\s\u00a0\u202f']"), re.compile("[KMBkmb]$")
WHOLE = re.compile(r"[+-]?[$₩€£¥]?[\d.,' \u00a0\u202f]*\d[\d.,]*( ?[원KMBkmb])?")
# What only a decimal comma, and what only a decimal point writes.
COMMA = re.compile(
    r"[+-]?\d{1,3}(\.\d{3}){2,}|[+-]?(\d{1,3}(\.\d{3})+|\d+),(\d{1,2}|\d{4,})|"
    r"[+-]?(0|\d{4,}),\d+|.*\.\d{3},\d+"
)
POINT = re.compile(
    r"[+-]?\d{1,3}(,\d{3}){2,}|[+-]?(\d{1,3}(,\d{3})+|\d+)\.(\d{1,2}|\d{4,})|"
    r"[+-]?(0|\d{4,})?\.\d+|.*,\d{3}\.\d+|[+-]?\d+\.\d+[Ee][+-]?\d+"
)
THOUSAND = re.compile(r"[+-]?\d{1,3}\.\d{3}")  # or a small number, as any with a comma may be
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
        If no text proves whether commas or points are decimal ones.
    RollsightError
        If some texts prove one, and others or what is told the other.
    """
    typed = {name: _typed(values) for name, values in columns.items()}
    texts = {name: _texts(values, typed[name]) for name, values in columns.items()}
    marked = pd.concat([values[values.str.contains("[.,]")] for values in texts.values()])
    marked = marked.drop_duplicates()
    commas = bool(marked.str.contains(",", regex=False).any())
    comma = _decimal_comma(marked, path, told)
    marks = (".", ",") if comma else (",", "") if commas else ("", "")
    out = {name: _filled(typed[name], _converted(texts[name], marks)) for name in columns}
    if comma:
        return out, "decimal commas" if commas else "points between thousands"
    return out, "commas between thousands" if commas else ""


def _typed(values: pd.Series) -> pd.Series:
    """Return as float64 the cells that are numbers and no text, which prove nothing of texts."""
    if pd.api.types.is_bool_dtype(values) or isinstance(values.dtype, pd.StringDtype):
        return pd.Series(np.nan, index=values.index)
    if pd.api.types.is_numeric_dtype(values):
        return values.astype("float64")
    return values.map(_number).astype("float64")


def _number(value: object) -> float:
    number = isinstance(value, Real | Decimal) and not isinstance(value, bool)
    return float(value) if number else np.nan  # type: ignore[arg-type]


def _texts(values: pd.Series, typed: pd.Series) -> pd.Series:
    """Return other cells as text in which nothing stands for no value."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return pd.Series("", index=values.index, dtype="str")
    if not isinstance(values.dtype, pd.StringDtype):
        values = values.mask(typed.notna()).map(lambda v: "" if pd.isna(v) else str(v))
    texts = values.astype("str").fillna("").str.strip()
    return texts.mask(texts.isin(NOTHING), "")


def _filled(typed: pd.Series, read: pd.Series) -> pd.Series:
    """Return numbers that were none before in the places of those that were."""
    if read.dtype == "float64":
        return typed.fillna(read)
    return read.where(typed.isna(), typed.map(str))


def _decimal_comma(marked: pd.Series, path: Path, told: Told) -> bool:
    """Return whether commas are decimal ones, and points stand between thousands."""
    likely = marked[marked.str.contains(r",|\..*\.")]  # of all, few or none in most files
    comma, point = _proof(COMMA, likely), _proof(POINT, marked)
    if comma and point:
        raise RollsightError(
            f"{path}: {comma!r} has {_mark(comma, ',')} and {point!r} {_mark(point, '.')}: write "
            "all numbers in one way"
        )
    proof, denied = comma or point, "point" if comma else "comma"
    if proof and told.decimal == denied:
        raise RollsightError(
            f"{path}: {proof!r} has {_mark(proof, ',' if comma else '.')}, which --decimal "
            f"{denied} denies: leave the option out, or write the numbers of all files in one way"
        )
    if proof:
        return proof == comma
    odd = [text for text in marked if "," in text or THOUSAND.fullmatch(_bare(text))]
    if told.decimal is None and odd:
        number = odd[0]
        raise AmbiguousError(
            f"{path}: {number!r} may be over a thousand or a small number with decimals, and no "
            "number of the file proves which: say what stands before decimals, --decimal point or "
            "--decimal comma",
            key="decimal",
            question=f"What stands before decimals in {path.name}, where {number} may be over a "
            "thousand or a small number?",
            choices={"point": "point", "comma": "comma"},
        )
    return told.decimal == "comma" and bool(odd)


def _proof(way: re.Pattern[str], marked: pd.Series) -> str | None:
    return next((text for text in marked if way.fullmatch(_bare(text))), None)


def _bare(text: str) -> str:
    return UNIT.sub("", AROUND.sub("", text))


def _mark(proof: str, decimal: str) -> str:
    """Return the mark that proves how a number is written."""
    if decimal in proof:
        return f"a decimal {'comma' if decimal == ',' else 'point'}"
    return f"{'points' if decimal == ',' else 'commas'} between thousands"


def _converted(values: pd.Series, marks: tuple[str, str] = ("", "")) -> pd.Series:
    """Return text as float64 where it is a number throughout; of ``marks`` the decimal is last."""
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
