"""What the decisions of a session know of each index."""

from datetime import date
from pathlib import Path

from rollsight.backtests.audit.ledgerday import LedgerDay, ledger_day
from rollsight.backtests.changes import spec_at
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.specs.keys import Changes
from rollsight.workflows.display.calls import called


@called
def ledger(
    spec: RunSpec | str | Path,
    changes: Changes = (),
    *,
    day: date | str | None = None,
    market: str | Path | None = None,
) -> LedgerDay:
    """Return which value of each index a session's decisions use, and when it became known.

    Parameters
    ----------
    spec
        a spec, a preset's name (``sample``, ``krx``), or the path of a TOML file
    changes
        values by ``section.key``, or ``section.key=value`` strings
    day
        a session, or its text as in ``2024-01-02``; None: the market's last one
    market
        market folder that takes the place of the spec's

    Returns
    -------
    The ledger; shown as the text that ``rollsight ledger`` prints, with ``entries`` as its table

    Raises
    ------
    RollsightError
        If the market cannot be read or no index of it is in use, or the day is no session of it.
    """
    return ledger_day(spec_at(spec, market, changes), day)
