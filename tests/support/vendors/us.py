"""What Wikipedia, Naver and Yahoo hold of US stocks, in their own formats."""

import json

import numpy as np

from tests.support.vendors.wire import Vendors, bars_of, dates_of

# The list of Wikipedia is in the order of codes, that of Naver in the order of market values.
MEMBERS = ("AAPL", "BRK.B", "GE", "JPM", "KO", "XOM")
NASDAQ = ("NVDA", "AAPL", "ZION")
YAHOO = ("AAPL", "BRK-B", "GE", "JPM", "KO", "XOM", "NVDA", "ZION")
SP500, NAVER = "List_of_S&P_500_companies", "marketValue"


def with_us(vendors: Vendors) -> Vendors:
    """Return vendors that have US stocks too."""
    rng, days = np.random.default_rng(11), dates_of("^GSPC")
    for number, code in enumerate(YAHOO):
        close = (20 + 30 * number) * np.exp(np.cumsum(0.015 * rng.standard_normal(len(days))))
        vendors.bars[code] = bars_of(close, days, rng)
    vendors.bars["DGS10"] = vendors.bars["DGS1MO"]
    vendors.pages |= {SP500: _wikipedia, NAVER: _naver}
    return vendors


def _wikipedia(_: dict[str, list[str]]) -> bytes:
    heads = ("Symbol", "Security", "GICS Sector", "GICS Sub-Industry", "Headquarters Location",
             "Date added", "CIK", "Founded")  # fmt: skip
    rows = [
        (f'<a href="https://www.nyse.com/quote/{code}">{code}</a>', f"{code} Inc.", "Energy",
         "Oil &amp; Gas", "Boston", "1957-03-04", "0000066740", "1902")
        for code in MEMBERS
    ]  # fmt: skip
    table = "".join(
        f"<tr>{''.join(f'<{cell}>{text}</{cell}>' for text in row)}</tr>\n"
        for cell, row in (("th", heads), *(("td", row) for row in rows))
    )
    changes = "<table><tr><th>Effective Date</th></tr><tr><td>2023-09-18</td></tr></table>"
    page = f'<html><body><table id="constituents">{table}</table>{changes}</body></html>'
    return page.encode()


def _naver(query: dict[str, list[str]]) -> bytes:
    first = query["page"] == ["1"]
    stocks = [
        {
            "symbolCode": code,
            "reutersCode": f"{code}.O",
            "stockName": code,
            "stockNameEng": f"{code} Corp",
            "industryCodeType": {"code": "57106020", "industryGroupKor": "반도체"},
            "marketValue": "1,000",
        }
        for code in NASDAQ
    ]
    return json.dumps({"totalCount": len(NASDAQ), "stocks": stocks if first else []}).encode()
