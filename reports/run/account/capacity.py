"""What the buys are of what is traded, and up to which account that can go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rollsight.base.records import record
from rollsight.reports.page.html import money, number, percent
from rollsight.reports.page.language import Say


@dataclass(frozen=True)
class Capacity:
    """Buys beside the mean traded value of their stocks, as `capacity_facts` returns it.

    Attributes
    ----------
    days
        sessions of that mean, the decision's own the last of them
    buys
        ordered, of a stock with a traded value
    median, high
        of a buy's money over that value, and its 95th percentile
    share
        of that value at which ``account`` and ``tenth`` stand
    account, tenth
        equity, quote currency, with which the median buy is that share, and one tenth of the buys
        are more than that
    capacity
        of the account; None where nothing is cut
    cut
        how many buys were cut to it
    idle
        mean share of the equity that lay idle for it
    """

    days: int
    buys: int
    median: float
    high: float
    share: float
    account: float
    tenth: float
    capacity: float | None
    cut: int
    idle: float


def capacity_data(facts: Mapping[str, Any] | None) -> Capacity | None:
    """Return what a run wrote down, None for one without volumes or of before."""
    return None if facts is None else record(Capacity, facts)


def capacity_sentence(found: Capacity, currency: str, say: Say) -> str:
    """Return what the buys are of what is traded, and what the capacity cut."""
    told = say(
        "The money of the median buy is {median} of the mean traded value of its stock in {days} "
        "sessions, that of the 95th percentile {high}. At {share} of it the median buy allows an "
        "account of {account}, a tenth of the buys less than {tenth}.",
        median=percent(found.median, 3),
        days=number(found.days),
        high=percent(found.high, 3),
        share=percent(found.share, 0),
        account=money(found.account, currency, digits=0),
        tenth=money(found.tenth, currency, digits=0),
    )
    if found.capacity is None:
        return told
    cut = say(
        "strategy.capacity={capacity} cut {cut} of {buys} buys, for which {idle} of the equity lay "
        "idle on average.",
        capacity=f"{found.capacity:g}",
        cut=number(found.cut),
        buys=number(found.buys),
        idle=percent(found.idle, 1),
    )
    return f"{told} {cut}"
