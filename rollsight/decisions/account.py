"""The account of a run as it stands at the close of any session, and what it will ask for."""

from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.account.standing import Standing, account_at
from rollsight.backtests.chain.basis import last_session
from rollsight.backtests.chain.signals import DECIDED, for_account
from rollsight.backtests.directory.result import read_table
from rollsight.base.errors import RollsightError
from rollsight.base.records import plain
from rollsight.decisions.decider import Decider

SCORED = ["decided_at", "code", "score", "buy"]


def standing_at(decider: Decider, decided: pd.DataFrame, first: int, day: int) -> Standing:
    """Return the account that the run's own rule makes of decisions, as it stands at a close.

    Parameters
    ----------
    decided
        with columns decided_at, code, score and buy
    first, day
        sessions of the market: where the account begins, and where it stands
    """
    market, spec = decider.ready.market, decider.spec
    return account_at(
        market,
        placed(decider, decided),
        first=first,
        last=day,
        horizon=spec.label.horizon,
        spec=spec.strategy,
        costs=decider.ready.costs,
    )


def placed(decider: Decider, decided: pd.DataFrame) -> pd.DataFrame:
    """Return decisions with their stocks' and sessions' positions in the market.

    Raises
    ------
    RollsightError
        If a stock is not there any more.
    """
    market = decider.ready.market
    stock = pd.Index(market.codes).get_indexer(pd.Index(decided["code"]))
    for code in decided["code"][stock < 0]:
        raise RollsightError(
            f"{decider.spec.market.folder} has no {code!r} any more, on which {decider.out} "
            f"decided: give it its rows again, or run into a new folder with rollsight run "
            f"{decider.out / 'run.toml'} --out FOLDER"
        )
    at = decided["decided_at"].to_numpy().astype("datetime64[D]")
    table = decided[SCORED].assign(stock=stock, day=np.searchsorted(market.sessions, at))
    return for_account(decider.ready, decider.spec.strategy, table.reset_index(drop=True))


def account_facts(decider: Decider, account: Standing, day: int) -> dict[str, Any]:
    """Return an account at the close of its last session, as JSON knows it.

    ``filled`` are the orders that met an open in that session, whatever came of them.
    """
    sessions = decider.ready.market.sessions[max(day - 1, 0) : day + 1]
    before, at = (pd.Timestamp(sessions[n]) for n in (0, -1))
    orders = account.orders.drop(columns="wanted", errors="ignore")
    # What found no open to fill at ended in the session after it was submitted.
    unfilled = orders["filled_at"].isna() & orders["submitted_at"].eq(before)
    ended = orders["status"].ne("waiting") & orders["shares"].gt(0)
    return {
        "equity": float(account.equity[-1]),
        "cash": float(account.cash[-1]),
        "filled": _records(orders[ended & (orders["filled_at"].eq(at) | unfilled)]),
        "planned": _records(account.planned),
        "refused": {why: list(codes) for why, codes in account.refused.items()},
        "positions": _records(account.positions),
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plain(table.to_dict("records"))
    return found


class RunDecisions:
    """All that a run has decided: its own table, and of later sessions what it decides now."""

    def __init__(self, decider: Decider) -> None:
        self.decider = decider
        self.scored = read_table(decider.out, "signals")[list(DECIDED)]
        sessions = decider.ready.market.sessions
        self.stored = int(np.searchsorted(sessions, last_session(decider.manifest), side="right"))
        self._later: dict[int, pd.DataFrame] = {}

    def until(self, day: int) -> pd.DataFrame:
        """Return every decision up to the close of a session, in order, as `decide` does."""
        at = pd.Timestamp(self.decider.ready.market.sessions[day])
        own = self.scored[self.scored["decided_at"] <= at]
        later = [self._at(day) for day in range(self.stored, day + 1)]
        return pd.concat([own, *later], ignore_index=True) if later else own

    def account(self, day: int) -> Standing:
        """Return the run's account at the close of a session, from its first test session on."""
        first = self.decider.ready.windows[0].test.start
        return standing_at(self.decider, self.until(day), first, day)

    def _at(self, day: int) -> pd.DataFrame:
        if day not in self._later:
            self._later[day] = self.decider.at(day)
        return self._later[day]
