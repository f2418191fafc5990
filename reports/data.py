"""The section on the data: who was there at the time, and what was known when."""

from typing import Any

from rollsight.reports.html import Cell, number, paragraph, percent, section, table

IN_PERCENT = ("precision", "edge", "crucial_fail", "net_return", "annual_return")


def data(metrics: dict[str, Any]) -> str:
    """Return the universe, the ledger, and the size of the leak avoided where it was measured."""
    return section(
        "data",
        "Data: who was there, and what was known when",
        *_universe(metrics["data"]["universe"], metrics["data"]["market"]),
        *_ledger(metrics["data"]),
        *_leak(metrics["leak"]),
    )


def _universe(universe: dict[str, Any], market: dict[str, Any]) -> list[str]:
    kinds = ", ".join(f"{n} {kind}" for kind, n in universe["excluded"].items()) or "none"
    repaired = universe["volumes_repaired"]
    said = (
        f"{number(universe['names'])} names from {market['first_session']} to "
        f"{market['last_session']}, {number(universe['delisted'])} of them delisted by now; left "
        f"out for what they are: {kinds}; ever a member: {number(universe['members'])}. A name "
        "that is not in the folder at all leaves no trace here: stocks chosen because they are "
        "known today carry survivor bias, which no backtest can remove."
    )
    if repaired:
        said += (
            f" Volumes that looked unadjusted for a split were repaired for the ranking, of "
            f"{', '.join(list(repaired)[:20])}{' and more' if len(repaired) > 20 else ''}."
        )
    heads = ["Year", "Alive", "Members", "Left out by kind", "Below the top", "Delisted"]
    rows = [
        [str(y["year"]), *(number(y[k]) for k in ("alive", "members", "excluded_by_kind",
                                                  "below_top", "delisted"))]
        for y in universe["years"]
    ]  # fmt: skip
    return ["<h3>Universe</h3>", paragraph(said), table(heads, rows)]


def _ledger(of: dict[str, Any]) -> list[str]:
    lost = {loss["series"]: loss for loss in of["losses"]}
    rows = [
        [s["symbol"], s["name"], s["known"], s["unit"], number(s["lag_hours"]),
         percent(lost[s["symbol"]]["share"])]
        for s in of["ledger"]
    ]  # fmt: skip
    said = (
        "A row is decided at the close of its session and sees only index values that were known "
        "by then: those dated d are known at the time below, plus the lag."
    )
    if of["join"] == "same-date":
        said = (
            "This run joins indices by date, known by then or not: it sees the future, and its "
            "figures mean nothing but the size of that mistake."
        )
    heads = ["Index", "Name", "Known at", "Unit", "Lag, hours", "Rows lost"]
    return ["<h3>Ledger</h3>", paragraph(said), table(heads, rows, texts=4)]


def _leak(leak: list[dict[str, Any]] | None) -> list[str]:
    if leak is None:
        return []
    rows = [[f["title"], *(_value(f["key"], f[k]) for k in ("honest", "leaked"))] for f in leak]
    return [
        "<h3>The leak avoided</h3>",
        paragraph(
            "The same run once more with every index joined by its date, as if a close in New York "
            "were known at the same day's close in Seoul. What the right column adds is fiction; "
            "where it adds nothing, the models made nothing of it, since by the open at which a "
            "buy fills most of such news is in the price."
        ),
        table(["Figure", "As known", "Same date"], rows),
    ]


def _value(key: str, value: float | None) -> Cell | str:
    if key in IN_PERCENT:
        return percent(value, 2)
    return number(value, 4 if key == "log_loss_gain" else 2)
