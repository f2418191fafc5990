"""Codes of stocks: of a file's name, of a vendor's ticker; Korean ones keep their zeros."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.importing.told import AmbiguousError, Told

KOREAN, AMERICAN = {"XKRX"}, {"XNYS", "XNAS"}
BOARDS = {"KS": "KOSPI", "KQ": "KOSDAQ"}  # as Yahoo ends Korean codes
KOREAN_WITHIN = re.compile(r"(?<![0-9A-Za-z])A?([0-9][0-9A-Z]{5})(?![0-9A-Za-z])")
PLAIN_STEM = re.compile(r"\^?[A-Za-z0-9][A-Za-z0-9=-]{0,9}([.][A-Za-z0-9]{1,4})?")
STOOQ_STEM = re.compile(r"(\^?[a-z0-9-]+)[._]us(_d)?", re.IGNORECASE)
# A year, a month or a day; some Korean codes look like a month.
PERIOD = re.compile(r"(19|20)\d{2}([-_.]?(0[1-9]|1[0-2])([-_.]?(0[1-9]|[12]\d|3[01]))?)?")
OF_PERIOD = re.compile(rf".+[-.]{PERIOD.pattern}")
# Names of files that tell no code.
USUAL = {
    "chart", "close", "closes", "daily", "data", "download", "export", "history", "market", "ohlc",
    "ohlcv", "output", "price", "prices", "quote", "quotes", "sheet", "stock", "stocks", "table",
    "test", "tickers", "untitled",
}  # fmt: skip
NO_STOCK = re.compile(r"\^.+|.+=[FX]")  # indices, futures and currencies at Yahoo


def code_of_name(stem: str, path: Path, told: Told, *, alone: bool) -> str:
    """Return the code of a table of one stock: as it is told, or as file or sheet are called.

    Raises
    ------
    AmbiguousError
        If the one table's name is no code.
    RollsightError
        If that of one of several is none.
    """
    if told.code is not None:
        if not alone:
            raise RollsightError(
                f"--code {told.code} names one stock, and {path} is not the only table: call each "
                "file by its code"
            )
        return told.code
    found = _in_name(stem.strip(), told.calendar)
    if found is not None and not (alone and PERIOD.fullmatch(stem.strip())):
        return found
    if not alone:
        raise RollsightError(
            f"{path} holds one stock, and its name does not tell which: call it by its code, as in "
            f"AAPL{path.suffix}"
        )
    raise AmbiguousError(
        f"{path} holds one stock, and its name does not tell which: say it, as in --code AAPL",
        key="code",
        question=f"Code of the stock in {path.name}",
    )


def refuse_periods(stems: Mapping[Path, str]) -> None:
    """Raise where all tables of one stock each are called by a year, a month or a day.

    Raises
    ------
    RollsightError
        Naming the first.
    """
    if len(stems) > 1 and all(PERIOD.fullmatch(stem.strip()) for stem in stems.values()):
        path = next(iter(stems))
        raise RollsightError(
            f"{path} holds one stock, and its name is a date, as are all names: call it by "
            f"its code, as in {path.stem}/AAPL{path.suffix}"
        )


def _in_name(stem: str, calendar: str | None) -> str | None:
    if calendar in KOREAN:
        stem = re.sub(r"\.(KS|KQ)$", "", stem, flags=re.IGNORECASE)
        found = [
            m for m in KOREAN_WITHIN.finditer(stem) if m[0] == stem or not PERIOD.fullmatch(m[0])
        ]
        within = {match[1] for match in found}
        if len(within) == 1:
            return within.pop()
        return stem.zfill(6) if re.fullmatch(r"\d{1,6}", stem) else None
    stooq = STOOQ_STEM.fullmatch(stem) if calendar in AMERICAN else None
    if stooq is not None:
        return stooq[1].upper()
    letters = re.sub(r"[^a-z]", "", stem.lower())
    usual = letters in USUAL or OF_PERIOD.fullmatch(stem) or (calendar in AMERICAN and not letters)
    return stem.upper() if PLAIN_STEM.fullmatch(stem) and not usual else None


def stated(codes: pd.Series, dates: pd.Series, path: Path) -> pd.Series:
    """Return a column of codes as text.

    Raises
    ------
    RollsightError
        If one is missing, naming the date beside it.
    """
    texts = codes.map(_text).astype("str")
    if (texts == "").any():
        day = str(dates[texts == ""].iloc[0])[:10]
        raise RollsightError(
            f"{path}: a row of Date={day} has no Code: write the stock's code, or leave it out"
        )
    return texts


def cleaned(codes: Iterable[object], calendar: str | None) -> dict[object, str]:
    """Return each code as the exchange writes it: without what a vendor puts around it.

    >>> cleaned(["005930.KS", "A000660", 5930.0], "XKRX")
    {'005930.KS': '005930', 'A000660': '000660', 5930.0: '005930'}
    >>> cleaned(["BRK-B.US", "MSFT"], "XNYS")
    {'BRK-B.US': 'BRK-B', 'MSFT': 'MSFT'}
    """
    return {code: _cleaned(_text(code), calendar) for code in codes}


def _cleaned(code: str, calendar: str | None) -> str:
    if calendar in KOREAN:
        bare = re.sub(r"\.(KS|KQ)$", "", code, flags=re.IGNORECASE).upper()
        bare = re.sub(r"^A(?=[0-9][0-9A-Z]{5}$)", "", bare)
        return bare.zfill(6) if bare.isdecimal() else bare
    return re.sub(r"\.US$", "", code, flags=re.IGNORECASE) if calendar in AMERICAN else code


def _text(code: Any) -> str:
    if isinstance(code, float | np.floating) and float(code).is_integer():
        return f"{code:.0f}"
    return "" if pd.isna(code) else str(code).strip()


def board_of(code: object) -> str:
    """Return the Korean board that Yahoo's ending of a code names, or nothing."""
    return BOARDS.get(str(code).strip().upper().rpartition(".")[2], "")
