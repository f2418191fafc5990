"""The account beside those of random buyers, whom the same rule traded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape

import numpy as np
from matplotlib.ticker import PercentFormatter

from rollsight.backtests.directory.result import Result
from rollsight.reports.page.drawing import OURS, THEIRS, drawing, svg
from rollsight.reports.page.html import Cell, figure, number, paragraph, percent, table
from rollsight.reports.page.language import Say
from rollsight.reports.run.headfacts import Performance
from rollsight.reports.statistics.randombuys import BAND

SAME = 1e-12  # by which the products of the same returns may differ
BINS = 40


@dataclass(frozen=True)
class BesideAccounts:
    """A figure of the run's account beside the same one of random buyers' accounts.

    Attributes
    ----------
    median, low, high
        of the random ones, and their band of 5 % to 95 %
    accounts
        how many of them have the figure
    as_well
        how many of these did as well or better
    """

    value: float
    median: float
    low: float
    high: float
    accounts: int
    as_well: int


@dataclass(frozen=True)
class RandomAccounts:
    """The run's account beside those of random buyers; returns are fractions.

    Attributes
    ----------
    renewed
        chance a date with which a stock's draw is made anew
    totals
        total return of each random account, ascending
    sharpe
        None where the run's account, or each random one, never moved
    """

    renewed: float
    totals: tuple[float, ...]
    total_return: BesideAccounts
    annual_return: BesideAccounts
    sharpe: BesideAccounts | None


def random_accounts_data(result: Result, own: Performance) -> RandomAccounts | None:
    """Return what the manifest says of random buyers; None of a run that had none.

    Parameters
    ----------
    own
        figures of the run's account
    """
    found = result.manifest.get("random_accounts")
    if found is None:
        return None

    def beside(figure: str) -> BesideAccounts | None:
        return _beside(getattr(own, figure), [one[figure] for one in found["accounts"]])

    total, annual = beside("total_return"), beside("annual_return")
    if total is None or annual is None:
        return None
    totals = tuple(sorted(one["total_return"] for one in found["accounts"]))
    return RandomAccounts(found["renewed"], totals, total, annual, beside("sharpe"))


def _beside(value: float | None, drawn: Sequence[float | None]) -> BesideAccounts | None:
    known = np.array([one for one in drawn if one is not None])
    if value is None or not len(known):
        return None
    low, high = np.quantile(known, BAND)
    return BesideAccounts(
        value=value,
        median=float(np.median(known)),
        low=float(low),
        high=float(high),
        accounts=len(known),
        as_well=int((known >= value - SAME).sum()),
    )


def random_accounts_said(found: RandomAccounts, say: Say) -> str:
    """Return how often random buyers made as much, in one sentence."""
    total, signed = found.total_return, partial(percent, sign=True)
    return say(
        "Of {accounts} accounts of random buyers, traded by the same rule at the same costs, "
        "{as_well} made as much or more; their median is {median}, 5 % to 95 % of them {low} to "
        "{high}.",
        accounts=number(total.accounts),
        as_well=number(total.as_well),
        median=signed(total.median),
        low=signed(total.low),
        high=signed(total.high),
    )


def beside_random_accounts(found: RandomAccounts | None, say: Say) -> list[str]:
    """Return the account beside random buyers', nothing of a run that had none."""
    if found is None:
        return []
    signed = partial(percent, sign=True)
    rows = [
        _row(say("Return"), found.total_return, signed, say),
        _row(say("A year"), found.annual_return, signed, say),
    ]
    if found.sharpe is not None:
        rows.append(_row(say("Sharpe"), found.sharpe, partial(number, digits=2), say))
    heads = ["", say("This run"), say("Random buyers, median"), say("Random buyers, 5 % to 95 %"),
             say("Random buyers"), say("Of them as good or better")]  # fmt: skip
    return [
        f"<h3>{escape(say('Beside random buyers'))}</h3>",
        paragraph(
            say(
                "Each of {accounts} random buyers has the scores of this run, dealt out anew among "
                "the stocks as volatile of each date, and kept in a stock about as long as the "
                "real ones. So he buys as often on the same dates, nothing that this run could not "
                "have bought, by the same rule, with the same cash, costs, halts and limits, and "
                "knows nothing of which stock is which.",
                accounts=number(len(found.totals)),
            )
        ),
        figure(
            _figure(found, say),
            escape(say("The total returns of random buyers: what this rule makes of luck alone.")),
        ),
        table(heads, rows),
    ]


def _row(
    name: str, beside: BesideAccounts, shown: Callable[[float | None], str], say: Say
) -> list[Cell | str]:
    return [
        name,
        shown(beside.value),
        shown(beside.median),
        say("{low} to {high}", low=shown(beside.low), high=shown(beside.high)),
        number(beside.accounts),
        number(beside.as_well),
    ]


def _figure(found: RandomAccounts, say: Say) -> str:
    total = found.total_return
    with drawing(9.6, 2.4) as drawn:
        axes = drawn.subplots()
        axes.hist(found.totals, BINS, color=THEIRS, alpha=0.6, label=say("Random buyers"))
        for at in (total.low, total.high):
            axes.axvline(at, color="#5c6670", lw=0.9, ls="--")
        axes.axvline(total.median, color="#5c6670", lw=0.9, label=say("Their median, 5 % and 95 %"))
        axes.axvline(total.value, color=OURS, lw=1.8, label=say("This run"))
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_xlabel(say("Total return, net"))
        axes.set_ylabel(say("Accounts"))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
        return svg(drawn)
