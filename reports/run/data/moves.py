"""Prices that cannot be right: what a run's trades made of them, and a table of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rollsight.backtests.directory.result import Result
from rollsight.base.records import plain, record
from rollsight.reports.page.html import (
    Cell,
    folded,
    money,
    number,
    paragraph,
    percent,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import word
from rollsight.reports.run.headfacts import Headline

KINDS = ("step", "spike", "resumption", "halt", "bar")


@dataclass(frozen=True)
class Move:
    """A price that cannot be right.

    Attributes
    ----------
    price
        its column, as Open
    move
        from the close of the session before, a fraction
    allowed
        the most that the exchange's band allowed; None without a band
    kind
        one of `KINDS`
    """

    code: str
    day: str
    price: str
    move: float
    allowed: float | None
    kind: str


@dataclass(frozen=True)
class MetBy:
    """The trade that met such a price and made or lost the most; its return is after costs."""

    code: str
    impossible_at: str
    net_return: float


@dataclass(frozen=True)
class Met:
    """The trades that met such a price.

    Attributes
    ----------
    profit
        after costs, in quote currency
    share
        of the net profit of all trades, where both are gains
    without
        the run's return less their profit
    largest
        at most one
    """

    trades: int
    profit: float
    share: float | None
    without: float
    largest: tuple[MetBy, ...]


@dataclass(frozen=True)
class Moves:
    """The prices of a run's market that cannot be right.

    Attributes
    ----------
    prices, stocks
        how many there are
    labels
        left out, since their trade would meet one
    years
        of each year the number of each kind that there is
    named
        those furthest off
    """

    prices: int
    stocks: int
    labels: int
    years: tuple[dict[str, int], ...]
    named: tuple[Move, ...]
    trades: Met


def moves_data(result: Result) -> Moves:
    """Return the prices of a run's market that cannot be right, and what trades met them."""
    return record(Moves, {**result.manifest["impossible"], "trades": plain(_met(result))})


def _met(result: Result) -> Met:
    met = result.trades[result.trades["impossible_at"].notna()]
    profit, net = float(met["profit"].sum()), float(result.trades["profit"].sum())
    cash, final = result.spec.strategy.cash, float(result.equity["equity"].iloc[-1])
    largest = met.loc[met["profit"].abs().sort_values(ascending=False, kind="stable").index[:1]]
    return Met(
        trades=len(met),
        profit=profit,
        share=profit / net if profit > 0 and net > 0 else None,
        without=(final - profit) / cash - 1,
        largest=tuple(
            MetBy(code, f"{at:%Y-%m-%d}", made)
            for code, at, made in zip(
                largest["code"], largest["impossible_at"], largest["net_return"], strict=True
            )
        ),
    )


def met_by_trades(met: Met, head: Headline, say: Say) -> list[tuple[str, str]]:
    """Return the sentence that a reader needs first, where a trade met such a price."""
    if not met.trades:
        return []
    (largest,) = met.largest
    said = say(
        "{n} of {all} trades met a price that cannot be right, the largest {code} on {day} "
        "({made}): together they made {profit}; less that, the return is {without} and not {own}.",
        n=number(met.trades),
        all=number(head.trades),
        code=largest.code,
        day=largest.impossible_at,
        made=percent(largest.net_return, sign=True),
        profit=money(met.profit, head.currency),
        without=percent(met.without, sign=True),
        own=percent(head.strategy.total_return, sign=True),
    )
    if met.share is not None:
        share = say("That is {share} of the net profit.", share=percent(met.share, 0))
        said = f"{said} {share}"
    return [("bad", said)]


def moves(found: Moves, say: Say) -> list[str]:
    """Return the table of such prices; nothing where there is none."""
    if not found.prices:
        return []
    said = say(
        "{prices} prices of {stocks} stocks went beyond what the close of the session before "
        "allows, or against their own bar. Some are right: liquidation trading before a "
        "delisting has no daily band. A step stays, a spike is back by the next close, a "
        "resumption comes after sessions without trade and is three times the price before, or "
        "more. A halt is a close without trade beyond three times the one before or below a third, "
        "and that one stands in for it. {labels} labels whose trade would meet one of the others "
        "are left out, and the account keeps these.",
        prices=number(found.prices),
        stocks=number(found.stocks),
        labels=number(found.labels),
    )
    return [
        f"<h3>{escape(say('Prices that cannot be right'))}</h3>",
        paragraph(said),
        _years(found.years, say),
        folded(
            say("Furthest off, {n} prices", n=number(len(found.named))),
            _named(found.named, say),
        ),
    ]


def _years(years: Sequence[dict[str, int]], say: Say) -> str:
    rows: list[list[Cell | str]] = [
        [words(y["year"]), *(number(y.get(kind, 0)) for kind in KINDS)] for y in years
    ]
    return table([say("Year"), *(word(kind, say) for kind in KINDS)], rows)


def _named(named: Sequence[Move], say: Say) -> str:
    heads = [say("Code"), say("Day"), say("Price"), say("Kind"), say("From the close before"),
             say("Allowed")]  # fmt: skip
    rows: list[list[Cell | str]] = [
        [m.code, m.day, word(m.price, say), word(m.kind, say),
         percent(m.move, sign=True), percent(m.allowed, 0)]
        for m in named
    ]  # fmt: skip
    return table(heads, rows, texts=4)
