"""The line that precision less crucial-fail has to cross before a buy pays its costs."""

from dataclasses import dataclass

import pandas as pd

from rollsight.reports.statistics.baserates import CLASSES


@dataclass(frozen=True)
class BreakEven:
    """The line that the lead of labelled buys must cross; fractions, None without such buys.

    Attributes
    ----------
    lead
        share of the buys that went UP less the share that went DOWN
    cost
        gross less net label return of a buy
    payoff
        half the distance of the label's bands, mean of the buys
    needed
        the plain line: UP earns the label's band, DOWN loses as much, HOLD makes nothing
    made_up, made_hold, made_down
        mean label return of the buys of each class
    needed_made
        takes what the buys of each class in truth made on the mean, so that the lead is above it
        exactly where the buys earned more than their costs
    """

    lead: float | None
    cost: float | None
    payoff: float | None
    needed: float | None
    made_up: float | None
    made_hold: float | None
    made_down: float | None
    needed_made: float | None


def break_even(buys: pd.DataFrame) -> BreakEven:
    """Return the lead, precision less crucial-fail, that the costs of labelled buys demanded."""
    made = {
        n: _mean(buys.loc[buys["plain_label"] == c, "label_return"]) for n, c in CLASSES.items()
    }
    share = {n: _mean(buys["plain_label"] == c) for n, c in CLASSES.items()}
    cost, payoff = _mean(buys["label_return"] - buys["net_label_return"]), _mean(buys["band"])
    return BreakEven(
        lead=None if cost is None else (share["up"] or 0) - (share["down"] or 0),
        cost=cost,
        payoff=payoff,
        needed=None if cost is None or payoff is None else cost / payoff,
        made_up=made["up"],
        made_hold=made["hold"],
        made_down=made["down"],
        needed_made=None if cost is None else _needed(made, share["hold"] or 0.0, cost),
    )


def _needed(made: dict[str, float | None], hold: float, cost: float) -> float | None:
    """Return the lead at which buys of these returns, so many of them HOLD, just pay the cost."""
    up, down = made["up"], made["down"]
    if up is None or down is None:
        return None
    # (1 - hold + lead) / 2 go UP, (1 - hold - lead) / 2 DOWN.
    middle = hold * (made["hold"] or 0.0) + (1 - hold) * (up + down) / 2
    return 2 * (cost - middle) / (up - down)


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None
