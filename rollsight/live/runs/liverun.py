"""One run on a live server: what it decides in a session, its account, and a stock's details."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.directory.result import read_table
from rollsight.base.errors import RollsightError
from rollsight.base.records import plain
from rollsight.decisions.account import RunDecisions, account_facts
from rollsight.decisions.beside import Opinions
from rollsight.decisions.decider import Decider, open_run
from rollsight.decisions.decision import PRICES, Decision, decision_at
from rollsight.decisions.maps import heatmap
from rollsight.decisions.signals import Signals, numbers_of, signal_facts
from rollsight.live.messages import Message
from rollsight.live.paper.account import PaperAccount
from rollsight.live.paper.journal import Entry
from rollsight.live.paper.promise import promise
from rollsight.live.runs.told import (
    decision_bodies,
    heatmap_body,
    message,
    run_body,
    verdict_body,
)

SHOWN = 120  # sessions of a stock's details
CURVE = 260  # sessions of an account's curve


class LiveRun:
    """A finished run, open, and where it stands.

    Attributes
    ----------
    name
        of its directory
    decider
        the run and its market
    decision
        the newest one that was told
    paper
        its paper account, where one is kept
    """

    def __init__(self, out: Path, market: str | None = None) -> None:
        """Open a run.

        Raises
        ------
        RollsightError
            If it is no finished run of this version, or its market folder cannot be read.
        """
        self.name = out.resolve().name
        self.decider: Decider = open_run(out, market)
        self.numbers = numbers_of(self.decider)
        self.opinions = Opinions(self.decider)
        self.decisions = RunDecisions(self.decider)
        self.trades = read_table(out, "trades")
        self.decision: Decision | None = None
        self.paper: PaperAccount | None = None
        self.replayed = False

    @property
    def sessions(self) -> list[str]:
        """The sessions of its market, from the first that it can decide."""
        first = self.decider.ready.windows[0].test.start
        return [str(day) for day in self.decider.ready.market.sessions[first:]]

    def decide(self, session: str) -> list[Message]:
        """Decide a session and return all that there is to say of it.

        Raises
        ------
        RollsightError
            If it cannot be decided, or the paper account cannot go on; then all is as it was.
        """
        day = self.decider.day_of(session)
        decision = decision_at(self.decider, day)
        bodies = [
            *decision_bodies(self.decider, decision, self.opinions.at(day)),
            ("account", self._account(day)),
        ]
        self.decision = decision
        return [message(self.name, decision, body) for body in bodies]

    def told(self) -> list[Message]:
        """Return what the run is, and the verdict on it."""
        bodies = (run_body(self.decider, self.opinions), verdict_body(self.numbers))
        return [message(self.name, self.decision, body) for body in bodies]

    def heatmap(self, code: str) -> Message:
        """Return the saliency map of a stock's newest decision."""
        decision = self._decided()
        found = heatmap(self.decider, self.decider.day_of(decision.session), code)
        return message(self.name, decision, heatmap_body(found))

    def detail(self, code: str) -> Message:
        """Return a stock's prices, decisions and trades up to the newest decision."""
        decision, market = self._decided(), self.decider.ready.market
        if code not in market.codes:
            raise RollsightError(f"{code!r:.20} is no code of {self.name}: take one of its table")
        day = self.decider.day_of(decision.session)
        days = np.arange(max(day + 1 - SHOWN, 0), day + 1)
        body = {
            "bars": list(self._bars(market.codes.index(code), days)),
            "decisions": list(self._past(code, days)),
            "trades": list(self._trades(code, decision.session)),
        }
        return message(self.name, decision, ("detail", code, body))

    def signals(self, session: str) -> dict[str, Any]:
        """Return the decision of a session, as ``rollsight signals --format json`` writes it."""
        day = self.decider.day_of(session)
        decision = decision_at(self.decider, day)
        opinions, account = self.opinions.at(day), self.decisions.account(day)
        return signal_facts(Signals(self.decider, self.numbers, decision, opinions, account))

    def _decided(self) -> Decision:
        if self.decision is None:
            raise RollsightError(f"{self.name} has decided nothing yet: wait for its next session")
        return self.decision

    def _bars(self, stock: int, days: np.ndarray) -> Iterator[list[Any]]:
        market = self.decider.ready.market
        columns = [getattr(market, name) for name in PRICES]
        for day in days[market.has_bar[stock, days]]:
            values = [None if column is None else column[stock, day] for column in columns]
            yield [str(market.sessions[day]), *plain(values)]

    def _past(self, code: str, days: np.ndarray) -> Iterator[list[Any]]:
        own = self.decisions.until(int(days[-1]))
        since = pd.Timestamp(self.decider.ready.market.sessions[days[0]])
        own = own[(own["code"] == code) & (own["decided_at"] >= since)]
        told = own[["decided_at", "p_down", "p_hold", "p_up", "threshold", "buy"]]
        return iter(plain(told.to_numpy(dtype=object).tolist()))

    def _trades(self, code: str, session: str) -> Iterator[list[Any]]:
        """Return the run's trades that had begun by a session; what came later is not told."""
        now = pd.Timestamp(session)
        own = self.trades[(self.trades["code"] == code) & (self.trades["entry_at"] <= now)]
        for trade in own.to_dict("records"):
            over = trade["exit_at"] <= now and trade["exit_reason"] != "end"
            left = [trade["exit_at"], trade["exit_price"], trade["net_return"]]
            out, price, net = left if over else (None, None, None)
            yield plain([trade["entry_at"], out, trade["entry_price"], price, net])

    def _account(self, day: int) -> dict[str, Any]:
        if self.paper is not None:
            return self._of_paper(self.paper.upto(self.decider, day, replayed=self.replayed))
        ready = self.decider.ready
        first, account = ready.windows[0].test.start, self.decisions.account(day)
        cash = self.decider.spec.strategy.cash
        sessions = [str(s) for s in ready.market.sessions[first : day + 1]]
        return {
            "kind": "run",
            "since": sessions[0],
            "return": float(account.equity[-1] / cash - 1),
            "curve": [list(at) for at in zip(sessions, account.equity.tolist(), strict=True)][
                -CURVE:
            ],
            **account_facts(self.decider, account, day),
        }

    def _of_paper(self, lived: list[Entry]) -> dict[str, Any]:
        """Return the paper account, from its journal alone."""
        if not lived:
            raise RollsightError(
                f"the paper account of {self.name} begins with {self._first()}: name that session "
                "or a later one"
            )
        cash = self.decider.spec.strategy.cash
        earned = lived[-1]["equity"] / cash - 1
        returns = np.array(self.numbers.equity.return_, dtype="float64")
        facts = ("equity", "cash", "filled", "planned", "refused", "positions")
        return {
            "kind": "paper",
            "since": self._first(),
            "return": earned,
            "curve": [[entry["session"], entry["equity"]] for entry in lived][-CURVE:],
            **{name: lived[-1][name] for name in facts},
            "promise": plain(promise(returns, len(lived) - 1, earned)),
            "late": sum(entry["late"] for entry in lived),
        }

    def _first(self) -> str:
        assert self.paper is not None
        return self.paper.first
