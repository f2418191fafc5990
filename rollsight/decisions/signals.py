"""The decision of one session as a table, as CSV, and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rollsight.backtests.account.standing import Standing
from rollsight.base.errors import RollsightError, counted
from rollsight.base.records import plain, record
from rollsight.decisions.account import RunDecisions, account_facts
from rollsight.decisions.beside import Opinions
from rollsight.decisions.decider import Decider, open_run
from rollsight.decisions.decision import CONFIDENCES, Decision, decision_at
from rollsight.reports.page.language import speak
from rollsight.reports.run.holdout.facts import holdout_of
from rollsight.reports.run.holdout.sentence import holdout_said, with_holdout
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.judgement import judged

SHOWN = 20  # stocks that a terminal shows beside the buys
WIDE = 200  # letters of a line
TEXTS = ("code", "name")


@dataclass(frozen=True, eq=False)
class Signals:
    """What a run decides in a session, beside its baselines, and what its account does about it."""

    decider: Decider
    numbers: RunNumbers
    decision: Decision
    opinions: pd.DataFrame
    account: Standing

    @property
    def table(self) -> pd.DataFrame:
        """One row a stock that was decided on, the most likely to rise first.

        Columns are code, name, close, p_down, p_hold, p_up, score, threshold and buy, and of each
        baseline its p_up and buy, as ``logistic_p_up`` and ``logistic_buy``; of a run with a gate
        outlier, beyond 1 where it is one.
        """
        rows = self.decision.rows
        rows = rows[rows["p_up"].notna()]
        found = rows[["code", "name", "close", *CONFIDENCES, "score"]].assign(
            threshold=self.decision.threshold, buy=rows["buy"]
        )
        decided = self.decision.decided.set_index("code")
        if "outlier" in decided:
            found["outlier"] = decided["outlier"].reindex(found["code"]).to_numpy()
        for name, own in self.opinions.groupby("baseline", sort=False):
            said = own.set_index("code").reindex(found["code"])
            for column in ("p_up", "buy"):
                found[f"{name}_{column}"] = said[column].to_numpy()
        return found.sort_values(
            ["buy", "score", "code"], ascending=[False, False, True], ignore_index=True
        )


def signals(run: str | Path, session: date | str | None = None) -> Signals:
    """Return what a finished run decides in one session.

    Parameters
    ----------
    session
        None: the newest session of its market folder

    Raises
    ------
    RollsightError
        If it cannot be decided, as `decide` says.
    """
    decider = open_run(run)
    newest = len(decider.ready.market.sessions) - 1
    day = newest if session is None else decider.day_of(session)
    return Signals(
        decider=decider,
        numbers=numbers_of(decider),
        decision=decision_at(decider, day),
        opinions=Opinions(decider).at(day),
        account=RunDecisions(decider).account(day),
    )


def numbers_of(decider: Decider) -> RunNumbers:
    """Return the numbers of a run's report.

    Raises
    ------
    RollsightError
        If it has none, or not this version's.
    """
    path = decider.out / "metrics.json"
    try:
        found = record(RunNumbers, json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RollsightError(
            f"{path} cannot be read: make it again with rollsight report {decider.out}"
        ) from error
    return with_holdout(found, holdout_of(decider.spec, decider.manifest))


def signal_facts(found: Signals) -> dict[str, Any]:
    """Return signals as JSON knows them."""
    decision = found.decision
    day = found.decider.day_of(decision.session)
    return {
        "run": str(found.decider.out),
        "verdict": judged(found.numbers, speak("en")),
        "session": decision.session,
        "decided_at": decision.decided_at,
        "next_session": decision.next_session,
        "window": decision.window,
        "model": decision.model,
        "threshold": decision.threshold,
        "signals": plain(found.table.drop(columns="threshold").to_dict("records")),
        "account": account_facts(found.decider, found.account, day),
    }


def signals_json(found: Signals) -> str:
    """Return signals as JSON."""
    return json.dumps(signal_facts(found), ensure_ascii=False, indent=1)


def signals_csv(found: Signals) -> str:
    """Return the table of signals as CSV, floats to the last bit."""
    table = found.table.assign(session=found.decision.session)
    columns = ["session", *(c for c in table if c != "session")]
    text: str = table[columns].to_csv(index=False, lineterminator="\n")
    return text


def signals_text(found: Signals) -> str:
    """Return signals as a terminal shows them: the verdict first, then what to do, then why."""
    return "\n".join(_lines(found))


def _lines(found: Signals) -> Iterator[str]:
    decision, table = found.decision, found.table
    yield judged(found.numbers, speak("en"))
    yield from holdout_said(found.numbers.holdout, speak("en"))
    yield ""
    closed = decision.threshold is None
    held = "which does not trade" if closed else f"threshold {decision.threshold:.4f}"
    yield (
        f"Decided at the close of {decision.session}, window {decision.window} "
        f"({decision.model[:12]}), {held}"
    )
    if table.empty:
        yield f"Nothing was decided: no stock has a full, fresh input{_newest(found)}"
    else:
        shown = table[table["buy"] | (table.index < SHOWN)]
        yield ""
        yield from _table(shown).splitlines()
        if len(shown) < len(table):
            yield f"and {len(table) - len(shown)} more: --format csv has all"
    yield ""
    yield from _orders(found)


def _newest(found: Signals) -> str:
    """Return which session before was decided, where there is one."""
    ready = found.decider.ready
    usable = ready.samples.usable[:, : found.decider.day_of(found.decision.session)].any(axis=0)
    if not usable.any():
        return ""
    newest = ready.market.sessions[int(np.flatnonzero(usable)[-1])]
    return f"; the newest decision before is that of {newest}"


def _table(table: pd.DataFrame) -> str:
    """Return rows as a terminal shows them, whatever the width of its letters."""
    table = table.drop(columns="threshold")
    if table["score"].equals(table["p_up"]):
        table = table.drop(columns="score")
    drawn = Table(box=None, pad_edge=False, header_style="")
    for column in table:
        left = column in TEXTS or str(column).endswith("buy")
        drawn.add_column(str(column), justify="left" if left else "right", no_wrap=True)
    for row in table.to_dict("records"):
        drawn.add_row(*(_cell(str(column), value) for column, value in row.items()))
    out = StringIO()
    Console(file=out, width=WIDE, color_system=None).print(drawn)
    return out.getvalue()


def _cell(column: str, value: Any) -> Text:
    if column in TEXTS:
        return Text(str(value))
    if column.endswith("buy"):
        return Text("buy" if value is True else "")
    if pd.isna(value):
        return Text("")
    return Text(f"{value:,.6g}" if column == "close" else f"{value:.4f}")


def _orders(found: Signals) -> Iterator[str]:
    account, decision = found.account, found.decision
    names = found.decider.ready.market.names
    yield (
        f"The run's account: equity {account.equity[-1]:,.0f}, cash {account.cash[-1]:,.0f}, "
        f"{counted(len(account.positions), 'position')}"
    )
    if account.planned.empty:
        yield f"No order for the open of {decision.next_session}"
    else:
        yield f"Orders for the open of {decision.next_session}:"
    for order in account.planned.to_dict("records"):
        yield (
            f"  {order['side']:<4} {order['code']}  {order['shares']:,} shares at some "
            f"{order['close']:,.2f}  {names.get(order['code'], '')}".rstrip()
        )
    for why, codes in account.refused.items():
        yield f"Not ordered, {why}: {', '.join(codes[:10])}{_more(len(codes) - 10)}"


def _more(rest: int) -> str:
    return f" and {rest} more" if rest > 0 else ""
