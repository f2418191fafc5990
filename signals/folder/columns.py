"""The columns of prices and listings, and other names that are meant for them."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from rollsight.base.errors import RollsightError, did_you_mean

PRICES = (
    "Date", "Code", "Open", "High", "Low", "Close", "Volume", "Amount", "Dividend", "Halted",
)  # fmt: skip
LISTINGS = ("Code", "Name", "Market", "First", "Delisted", "DelistingDate")
LIKENESS = 0.88  # Volumes and Delistd are meant for another; MarketId and Adj Close are not
# Without case, blanks and underscores.
OTHER_NAMES = {
    "날짜": "Date", "일자": "Date", "거래일": "Date", "거래일자": "Date",
    "종목코드": "Code", "단축코드": "Code", "symbol": "Code", "ticker": "Code",
    "시가": "Open", "고가": "High", "저가": "Low", "종가": "Close",
    "거래량": "Volume", "거래대금": "Amount", "거래정지": "Halted",
    "배당": "Dividend", "배당금": "Dividend", "현금배당": "Dividend", "주당배당금": "Dividend",
    "종목명": "Name", "시장": "Market", "시장구분": "Market",
    "상장일": "First", "listingdate": "First", "vol": "Volume", "halt": "Halted",
    "상장폐지": "Delisted", "상장폐지일": "DelistingDate", "폐지일": "DelistingDate",
    "delistdate": "DelistingDate", "delisteddate": "DelistingDate",
}  # fmt: skip


def check_columns(
    have: Iterable[object], known: tuple[str, ...], needed: tuple[str, ...], path: Path
) -> None:
    """Raise where a needed column is absent, or another has a name that is meant for a known one.

    It would be passed over without a word: prices without volumes, listings without the delisted.
    """
    names = [str(name) for name in have]
    for name in names:
        meant = _meant(name, known)
        if meant is not None and meant not in names:
            raise RollsightError(
                f"{path} has no column {meant!r}; did you mean {name!r}? rename it"
            )
    for column in needed:
        if column not in names:
            raise RollsightError(f"{path} has no column {column!r} {did_you_mean(column, names)}")


def _meant(name: str, known: tuple[str, ...]) -> str | None:
    if name in known:
        return None
    plain = name.lower().replace(" ", "").replace("_", "")
    columns = {column.lower(): column for column in known}
    near = get_close_matches(plain, columns, n=1, cutoff=LIKENESS)
    meant = OTHER_NAMES.get(plain) or (columns[near[0]] if near else None)
    return meant if meant in known else None
