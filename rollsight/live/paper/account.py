"""A paper account: the run's own rule on what was decided since a day, kept in a journal."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.backtests.account.standing import Standing
from rollsight.base.errors import RollsightError
from rollsight.decisions.account import SCORED, account_facts, standing_at
from rollsight.decisions.decider import Decider
from rollsight.decisions.decision import CONFIDENCES, Decision, decision_at
from rollsight.live.paper.journal import Entry, Journal
from rollsight.strategies.spec import StrategySpec

VERSION = 1
Clock = Callable[[], str | None]


def wall_clock() -> str:
    """Return the instant of now, UTC."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


class PaperAccount:
    """An account that begins on a session and lives by what is decided from then on.

    Each session is decided, the account is worked out on everything decided so far and the prices
    that have come, and both are written down. Whatever is shown of it is read from the journal.
    """

    def __init__(self, path: Path, decider: Decider, first: str, clock: Clock = wall_clock) -> None:
        """Open the account of a journal, or begin one.

        Parameters
        ----------
        first
            session on which an account begins that has no journal yet
        clock
            what is written down as the instant of each entry; None writes none

        Raises
        ------
        RollsightError
            If the journal cannot be kept, or is another run's.
        """
        self.journal, self.clock = Journal(path), clock
        strategy = decider.spec.strategy.model_dump(mode="json")
        rule = {"horizon": decider.spec.label.horizon, "strategy": strategy}
        begins = {"version": VERSION, "spec": decider.manifest["spec_digest"], **rule}
        if not self.journal.entries:
            self.journal.append({**begins, "first": first})
        kept = self.journal.entries[0]
        # A key that came after the journal began is as by default there.
        known = StrategySpec().model_dump(mode="json") | kept.get("strategy", {})
        if {key: kept.get(key) for key in begins} | {"strategy": known} != begins:
            self.journal.close()
            raise RollsightError(
                f"{path} is the paper account of another run or version: move it away to begin "
                "another"
            )

        self._known = [_decided(entry) for entry in self.sessions]

    @property
    def first(self) -> str:
        """The session on which it began."""
        return str(self.journal.entries[0]["first"])

    @property
    def sessions(self) -> list[Entry]:
        """The entries of its sessions, in order."""
        return self.journal.entries[1:]

    def upto(self, decider: Decider, day: int, *, replayed: bool = False) -> list[Entry]:
        """Decide and write down each session that is missing, up to one; return all up to it.

        Parameters
        ----------
        day
            session of the decider's market
        replayed
            the market has later sessions that nobody had then

        Raises
        ------
        RollsightError
            If a session cannot be decided, the prices of sessions that were written down have
            changed, or the journal cannot be written; what was written down stays.
        """
        sessions = decider.ready.market.sessions
        last = self.sessions[-1]["session"] if self.sessions else None
        begin = decider.day_of(self.first) if last is None else decider.day_of(last) + 1
        for at in range(begin, day + 1):
            late = not replayed and at + 1 < len(sessions)
            self._live(decider, at, late=late)
        return [entry for entry in self.sessions if entry["session"] <= str(sessions[day])]

    def _live(self, decider: Decider, day: int, *, late: bool) -> None:
        decision = decision_at(decider, day)
        known = pd.concat([*self._known, decision.decided[SCORED]])
        account = standing_at(decider, known, decider.day_of(self.first), day)
        self._require_same_past(account, decider)
        written = self.clock()
        self.journal.append(
            {
                "session": decision.session,
                "next_session": decision.next_session,
                "decided_at": decision.decided_at,
                **({} if written is None else {"written_at": written}),
                "late": late,
                "window": decision.window,
                "model": decision.model,
                "threshold": decision.threshold,
                "decided": _columns(decision),
                **account_facts(decider, account, day),
            }
        )
        self._known.append(decision.decided[SCORED])

    def _require_same_past(self, account: Standing, decider: Decider) -> None:
        """Raise where what was written down would be otherwise with the prices of now."""
        for entry, equity in zip(self.sessions, account.equity, strict=False):
            if entry["equity"] != equity:
                raise RollsightError(
                    f"{decider.spec.market.folder} has changed since {self.journal.path} was "
                    f"written: the equity of {entry['session']} was {entry['equity']:,.2f} and is "
                    f"{equity:,.2f} with the prices of now (a split, a correction); move the "
                    "journal away to begin another account"
                )


def _columns(decision: Decision) -> dict[str, Any]:
    decided = decision.decided
    return {
        "code": decided["code"].tolist(),
        **{name: decided[name].tolist() for name in (*CONFIDENCES, "score")},
        "buy": decided["code"][decided["buy"]].tolist(),
    }


def _decided(entry: Entry) -> pd.DataFrame:
    own = entry["decided"]
    table = pd.DataFrame({"code": pd.array(own["code"], dtype="str"), "score": own["score"]})
    return table.assign(
        decided_at=pd.Timestamp(entry["session"]), buy=table["code"].isin(own["buy"])
    )[SCORED]
