"""US stocks through FinanceDataReader: lists of Wikipedia and Naver, rows of Yahoo."""

import numpy as np
import pandas as pd

from rollsight.signals.vendors.members.financedatareader import FinanceDataReader
from rollsight.signals.vendors.span import Span
from rollsight.signals.vendors.vendor import (
    DEFAULT_POLICY,
    RequestPolicy,
    Stock,
    UnreachableError,
)

# FinanceDataReader strikes the dot out of Wikipedia's BRK.B, and Yahoo writes BRK-B.
CLASSES = {"BRKB": "BRK-B", "BFB": "BF-B"}
GOLDEN = (np.sqrt(5) - 1) / 2


class UnitedStates:
    """Today's members of the S&P 500, then NASDAQ's others; who left has no free list."""

    venue = "us"

    def __init__(self, policy: RequestPolicy = DEFAULT_POLICY) -> None:
        self._others = FinanceDataReader(policy)  # for indices and rows
        self.client, self.publications = self._others.client, self._others.publications

    def listed(self) -> pd.DataFrame:
        """Return the S&P 500, spread over its list, and NASDAQ's others, the most valuable first.

        The S&P 500's list has no market value and is in the order of codes: each beginning of what
        is returned lies evenly over it.
        """
        members = self._list("S&P500")
        spread = np.argsort(np.argsort(np.arange(1, len(members) + 1) * GOLDEN % 1))
        both = [members.iloc[spread], self._list("NASDAQ")]
        return pd.concat(both, ignore_index=True).drop_duplicates("Code", ignore_index=True)

    def delisted(self) -> pd.DataFrame:
        """Return no stock: there is no free list of those that are gone."""
        return pd.DataFrame(columns=["Code", "Name", "Market", "DelistingDate"])

    def sources(self, of: Stock | str, /) -> tuple[str, ...]:
        """Return the names that FinanceDataReader has for a stock or an index."""
        return (f"YAHOO:{of.code}",) if isinstance(of, Stock) else self._others.sources(of)

    def rows(self, source: str, span: Span, /) -> pd.DataFrame:
        """Return the rows of a source, adjusted for splits, some before and after the span."""
        return self._others.rows(source, span)

    def _list(self, name: str) -> pd.DataFrame:
        table = self.client.listing(name)
        absent = [column for column in ("Symbol", "Name") if column not in table]
        if absent:
            raise UnreachableError(f"the list of {name} has no column {absent[0]!r}")
        codes = table["Symbol"].astype("str").str.replace(".", "-", regex=False).replace(CLASSES)
        return pd.DataFrame({"Code": codes, "Name": table["Name"], "Market": name})
