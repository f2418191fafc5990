"""A vendor as a user would write it: CSV files in a folder."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from rollsight.signals.vendors import MissingError, RequestPolicy, Span, Stock
from tests.support.vendors.wire import Vendors

FOLDER = Path("bought")  # in the current directory


class LocalFiles:
    """Prices and indices that were bought, one CSV file a code or symbol."""

    def __init__(self, _: RequestPolicy) -> None:
        pass

    def listed(self) -> pd.DataFrame:
        return pd.read_csv(FOLDER / "listed.csv", dtype=str)

    def delisted(self) -> pd.DataFrame:
        return pd.read_csv(FOLDER / "delisted.csv", dtype=str)

    def sources(self, of: Stock | str) -> Sequence[str]:
        return (of.code if isinstance(of, Stock) else of,)

    def rows(self, source: str, span: Span) -> pd.DataFrame:
        path = FOLDER / f"{source}.csv"
        if not path.is_file():
            raise MissingError(f"{path} was not bought")
        table = pd.read_csv(path, index_col="Date", parse_dates=True)
        return table[str(span.start) : str(span.end)]


def write_files(vendors: Vendors) -> None:
    """Write what replayed vendors hold of the Korea Exchange, as files that were bought."""
    FOLDER.mkdir()
    listing = vendors.listing.sort_values("Marcap", ascending=False)
    listing.assign(Market=listing["Market"].replace("KOSDAQ GLOBAL", "KOSDAQ")).to_csv(
        FOLDER / "listed.csv"
    )
    gone = vendors.delisting[vendors.delisting["Kind"] == "보통주"]
    gone.rename(columns={"Symbol": "Code"}).to_csv(FOLDER / "delisted.csv")
    for name, bars in vendors.bars.items():
        bars.to_csv(FOLDER / f"{name}.csv", index_label="Date")
