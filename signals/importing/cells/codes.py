"""Codes of stocks: of a file's name, of a vendor's ticker; Korean ones keep their zeros."""

import re
from collections.abc import Iterable
from pathlib import Path

from rollsight.base.errors import RollsightError
from rollsight.signals.importing.told import AmbiguousError, Told

KOREAN, AMERICAN = {"XKRX"}, {"XNYS", "XNAS"}
BOARDS = {"KS": "KOSPI", "KQ": "KOSDAQ"}  # as Yahoo ends Korean codes
KOREAN_WITHIN = re.compile(r"(?<![0-9A-Za-z])A?([0-9][0-9A-Z]{5})(?![0-9A-Za-z])")
PLAIN_STEM = re.compile(r"\^?[A-Za-z0-9][A-Za-z0-9=-]{0,9}([.][A-Za-z0-9]{1,4})?")
STOOQ_STEM = re.compile(r"(\^?[a-z0-9-]+)[._]us(_d)?", re.IGNORECASE)
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
    if found is not None:
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


def _in_name(stem: str, calendar: str | None) -> str | None:
    if calendar in KOREAN:
        within = KOREAN_WITHIN.findall(stem)
        if len(set(within)) == 1:
            return str(within[0])
        return stem.zfill(6) if re.fullmatch(r"\d{1,6}", stem) else None
    stooq = STOOQ_STEM.fullmatch(stem) if calendar in AMERICAN else None
    if stooq is not None:
        return stooq[1].upper()
    fine = PLAIN_STEM.fullmatch(stem) and re.sub(r"[^a-z]", "", stem.lower()) not in USUAL
    return stem.upper() if fine else None


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


def _text(code: object) -> str:
    if isinstance(code, float) and code == round(code):
        return f"{code:.0f}"
    return "" if code is None else str(code).strip()


def board_of(code: object) -> str:
    """Return the Korean board that Yahoo's ending of a code names, or nothing."""
    return BOARDS.get(str(code).strip().upper().rpartition(".")[2], "")
