"""What a finished run decides in one session, from its stored networks."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.backtests.directory.result import of_one_run
from rollsight.decisions.decider import Decider
from rollsight.workflows.display.calls import called


@called
def decide(run: str | Path, session: date | str) -> pd.DataFrame:
    """Return what a finished run decides at the close of a session, one row a stock.

    The window decides whose test span holds the session, with the networks and the threshold that
    the run stored: in a session that the run has scored the rows are those of its
    ``signals.parquet``, to the last bit. A session that its market folder has got since is decided
    by the last window as long as that window's test span of ``windows.test_days`` sessions lasts;
    a session behind it needs a window that `update` trains first. Nothing is trained or written.

    Parameters
    ----------
    run
        directory of a finished run
    session
        day of a session, or its text as in ``2024-01-02``

    Returns
    -------
    DataFrame with the columns decided_at, code, window, p_down, p_hold, p_up, score, threshold and
    buy of ``signals.parquet``; no row where no stock could be decided on

    Raises
    ------
    RollsightError
        If the folder holds no finished run of this version, the day is no session, or one before
        the first test session or of a window that was not trained, or what its window was fitted
        on, tuned on or has decided on is no longer what the market folder holds.
    """
    out = Path(run)
    return of_one_run(out, partial(_decided, out, session))


def _decided(out: Path, session: date | str, manifest: dict[str, Any]) -> pd.DataFrame:
    opened = Decider(out, manifest)
    return opened.at(opened.day_of(session))
