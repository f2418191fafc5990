"""The section on the trades: a list to search, and what lies behind each."""

from html import escape
from typing import Any

from rollsight.base.records import plain
from rollsight.reports.page.html import (
    NONE,
    Cell,
    embedded,
    figure,
    money,
    number,
    packed,
    paragraph,
    percent,
    section,
    signed,
    table,
)
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import score_name, word
from rollsight.reports.run.account.tradefacts import (
    AFTER,
    BEFORE,
    TradeColumns,
    TradeFacts,
    decoded_map,
)
from rollsight.reports.run.figures import map_figure
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.saliency.explained import explained_name

WORDS = ("text", "date", "word")  # kinds of columns that are read from the left
STILL = 300  # rows of the table that is printed, and seen without JavaScript


def trades(numbers: RunNumbers, say: Say) -> str:
    """Return the largest winners' and losers' maps, and the list of all trades."""
    facts = numbers.trades
    title, target = say("Every trade"), explained_name(numbers.attribution, say)
    if not facts.columns.trade:
        return section("trades", title, paragraph(say("There was no trade.")))
    return section(
        "trades",
        title,
        paragraph(
            say(
                "Click a trade, or press Enter on it, for its price, its probabilities and what "
                "every input added to or took from {target}. Prices are before slippage, net "
                "returns after all costs.",
                target=target,
            )
        ),
        *_list(numbers, say),
        *_maps(facts, target, say),
    )


def _list(numbers: RunNumbers, say: Say) -> list[str]:
    columns, currency = numbers.trades.columns, numbers.headline.currency
    n = len(columns.trade)
    heads = _heads(say)
    rows = [
        [_cell(getattr(columns, key)[at], kind, currency, say) for key, _, kind in heads]
        for at in range(min(n, STILL))
    ]
    listed = table([Cell(head, text=kind in WORDS) for _, head, kind in heads], rows)
    title = say("All {n} trades", n=number(n))
    note = say("The first {shown} of {n} trades.", shown=number(min(n, STILL)), n=number(n))
    return [
        f"<h3>{escape(title)}</h3>",
        f'<div id="tradelist" class="tradelist" data-label="{escape(title)}"></div>',
        f'<div class="still">{listed}{paragraph(note) if n > STILL else ""}</div>',
        packed("trades-data", plain(numbers.trades)),
        embedded("trades-words", _words(numbers, say)),
    ]


def _words(numbers: RunNumbers, say: Say) -> dict[str, Any]:
    """Return what the list's script says and shows beside the trades' own numbers."""
    facts = numbers.trades
    columns = facts.columns
    written = {w for w in (*columns.exit_reason, *columns.outcome) if w is not None}
    return {
        "currency": numbers.headline.currency,
        "heads": [{"key": key, "head": head, "kind": kind} for key, head, kind in _heads(say)],
        "words": {text: word(text, say) for text in sorted(written)},
        "channels": {c.name: word(c.title, say) for c in numbers.data.channels},
        "say": {
            "search": say("Search code or name"),
            "outcome": say("Outcome"),
            "result": say("Profit or loss"),
            "year": say("Year"),
            "all": say("all"),
            "profit": say("profit"),
            "loss": say("loss"),
            "clear": say("Clear"),
            "count": say("{shown} of {all} trades", shown="{shown}", all="{all}"),
            "sum": say("net profit {profit}", profit="{profit}"),
            "close": say("Close the panel"),
            "earlier": say("Previous trade"),
            "later": say("Next trade"),
            "decided": say("Decided"),
            "entry": say("Entry"),
            "exit": say("Exit"),
            "price": say("Close"),
            "score": score_name(facts.score, say),
            "threshold": say("Threshold"),
            "band": say("Label band"),
            "label": say("Return of the label"),
            "gross": say("Gross"),
            "net": say("Net"),
            "shares": say("Shares"),
            "gain": say("Profit"),
            "commission": say("Commission"),
            "tax": say("Sell tax"),
            "slippage": say("Slippage"),
            "window": say("Window"),
            "reason": say("Exit reason"),
            "probability": say("Probabilities at the decision"),
            "path": say("Closes from {before} sessions before the decision to {after} after the "
                        "exit", before=BEFORE, after=AFTER),
            "map": say("Contribution of each input to {target}",
                       target=explained_name(numbers.attribution, say)),
            "lag": say("Sessions before the decision"),
            "value": say("Contribution"),
            "nomap": say("This trade has no map: the page keeps those of {n} trades, the largest "
                         "winners and losers and an even sample of the rest.",
                         n=number(len(facts.maps.trade))),
            "nopath": say("There is no price around this trade."),
        },
    }  # fmt: skip


def _heads(say: Say) -> list[tuple[str, str, str]]:
    """Return key, heading and kind of every column of the list, what matters first."""
    return [
        ("trade", say("Trade"), "whole"), ("code", say("Code"), "text"),
        ("name", say("Name"), "text"), ("decided_at", say("Decided"), "date"),
        ("net_return", say("Net"), "return"), ("profit", say("Profit"), "money"),
        ("outcome", say("Outcome"), "word"), ("exit_reason", say("Exit reason"), "word"),
        ("p_up", say("p(UP)"), "share"), ("entry_at", say("Entry"), "date"),
        ("exit_at", say("Exit"), "date"), ("entry_price", say("Entry price"), "money"),
        ("exit_price", say("Exit price"), "money"), ("shares", say("Shares"), "whole"),
        ("gross_return", say("Gross"), "return"), ("window", say("Window"), "whole"),
    ]  # fmt: skip


def _cell(value: Any, kind: str, currency: str, say: Say) -> Cell:
    if kind == "return":
        return Cell(signed(value))
    if kind in WORDS:
        shown = NONE if value is None else value
        return Cell(word(shown, say) if kind == "word" else shown, text=True)
    if kind == "money":
        return Cell(money(value, currency))
    return Cell(percent(value) if kind == "share" else number(value))


def _maps(facts: TradeFacts, target: str, say: Say) -> list[str]:
    place = {trade: at for at, trade in enumerate(facts.columns.trade)}
    parts = []
    for title, drawn in ((say("Largest winners"), facts.winners),
                         (say("Largest losers"), facts.losers)):  # fmt: skip
        maps = "".join(
            figure(
                map_figure(decoded_map(facts.maps, n), facts.maps.channels, say),
                _caption(facts.columns, place[n], say),
            )
            for n in drawn
        )
        if maps:
            parts.append(f'<h3>{escape(title)}</h3><div class="maps">{maps}</div>')
    said = say(
        "Each map shows what every input of the trade's row added to (green) or took from (brown) "
        "{target}.",
        target=target,
    )
    return [paragraph(said), *parts]


def _caption(trades: TradeColumns, at: int, say: Say) -> str:
    name, net = trades.name[at], trades.net_return[at]
    code = "" if name == trades.code[at] else f" ({escape(trades.code[at])})"
    decided = escape(say("decided {date}", date=trades.decided_at[at]))
    return f"<b>{escape(name)}</b>{code}, {decided}: <b>{percent(net, sign=True)}</b>"
