"""Indices that tell of the session to come: a wrong time, or one that leads."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rollsight.backtests.audit.leadlag import LeadLag, lead_lags
from rollsight.backtests.chain.prepared import Prepared
from rollsight.base.toml import toml_key
from rollsight.reports.page.html import number
from rollsight.reports.page.language import Say
from rollsight.reports.run.checks import Check
from rollsight.reports.run.data.datafacts import Leading
from rollsight.signals.known.ledger import known_at
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.market import Market


def ledger_check(ready: Prepared, join: str) -> Check:
    """Return which indices go with the session after the decision more than with the one before.

    Prices cannot tell a wrong time from an index that leads, so one whose time is verified is only
    named, unless it is not joined when it is known.

    Parameters
    ----------
    join
        how the ledger is joined, as ``features.join`` says
    """
    found = list(lead_lags(ready.market, ready.samples))
    early = [f for f in found if f.early]
    verified = [f for f in early if f.verified is not None and join == "as-of"]
    return Check(
        "ledger against prices",
        len(found),
        tuple(_fault(f) for f in early if f not in verified),
        "no index may go with the session after the decision more than with the one before"
        + "".join(_remark(f) for f in verified)
        + _unseen(found, declared_early(ready.market)),
    )


def _fault(found: LeadLag) -> str:
    return (
        f"{found.symbol} on {found.session}: declared known by the close, it goes with the stocks' "
        f"next session ({found.after:+.2f}, t {found.t:+.0f}) more than with the last "
        f"({found.before:+.2f}); prices cannot tell a time that is wrong from an index that leads: "
        "look up at its source when it is published, and correct the time in market.toml, or state "
        f'there, under [indices.{toml_key(found.symbol)}], verified = "where that time is '
        'documented"'
    )


def _remark(found: LeadLag) -> str:
    return (
        f"; {found.symbol} does ({found.after:+.2f}, t {found.t:+.0f}, against {found.before:+.2f})"
        f", and market.toml has its time as verified: {found.verified}"
    )


def _unseen(found: Sequence[LeadLag], early: dict[str, float]) -> str:
    """Return what prices cannot show, and what was declared against the symbol table."""
    quiet = ", ".join(f.symbol for f in found if f.silent)
    said = f"; a wrong time of {quiet} could not be seen" if quiet else ""
    hours = ", ".join(f"{symbol} ({h:g} h)" for symbol, h in early.items())
    return said + (f"; declared earlier than the symbol table has it: {hours}" if hours else "")


def declared_early(market: Market) -> dict[str, float]:
    """Return, of each index declared known earlier than the symbol table says, by how many hours.

    That is right where the folder's vendor dates values late, and else a leak.
    """
    found = {}
    for symbol, publication in market.publications.items():
        dates = market.indices[symbol].dropna().index.to_numpy().astype("datetime64[D]")
        if symbol in SYMBOLS:
            usual = known_at(
                dates,
                replace(SYMBOLS[symbol].publication, corrections=publication.corrections),
            )
            early = (usual - known_at(dates, publication)) / np.timedelta64(1, "h")
            if early.max(initial=0) > 0:
                found[symbol] = float(early.max())
    return found


def leading_said(leading: Sequence[Leading], say: Say) -> list[str]:
    """Return a sentence on each index that leads, and whose time is taken as verified."""
    return [
        say(
            "{symbol} goes with the stocks' next session ({after}, t {t}) more than with the last "
            "({before}): it leads, or its time is wrong. market.toml has its time as verified: "
            "{verified}.",
            symbol=f.symbol,
            after=f"{f.after:+.2f}",
            before=f"{f.before:+.2f}",
            t=number(f.t),
            verified=f.verified.rstrip("."),
        )
        for f in leading
    ]
