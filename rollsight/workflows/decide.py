"""What a finished run decides in one session, from its stored networks."""

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.backtests.chain.basis import standing
from rollsight.backtests.chain.fold import Fold
from rollsight.backtests.chain.networks import lineage
from rollsight.backtests.chain.prepared import Prepared, prepare_scoring
from rollsight.backtests.chain.signals import DECIDED, decision_table
from rollsight.backtests.directory.result import (
    of_one_run,
    read_model,
    read_own_spec,
    read_table,
    require_same_code,
)
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.signals.prices.sessions import session_at
from rollsight.training.deciding.inference import predict
from rollsight.training.fitting.rows import rows_of
from rollsight.training.fitting.windows import Window


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
    require_same_code(manifest, out)
    spec = read_own_spec(out, manifest)
    ready = prepare_scoring(spec)
    day = session_at(ready.market, session, folder=spec.market.folder, name="session")
    window = _window_of(ready, day, manifest, out)
    _require_standing(ready, spec, window, manifest, out)
    chosen = read_table(out, "windows").iloc[window.number]
    model = read_model(out, manifest, window.number)
    rows = rows_of(ready.samples.usable[:, day : day + 1], day)
    fold = Fold(
        window=window,
        rows=rows,
        probability=predict(
            replace(model, weight=float(chosen["model_weight"])), ready.samples, rows
        ),
        score=spec.threshold.measure,
        threshold=float(chosen["threshold"]),
    )
    codes = pd.array(ready.market.codes, dtype="str").take(rows.stock)
    return decision_table(ready.market, [fold]).assign(code=codes)[list(DECIDED)]


def _window_of(ready: Prepared, day: int, manifest: dict[str, Any], out: Path) -> Window:
    """Return the window whose networks are in force in a session."""
    sessions, windows = ready.market.sessions, ready.windows
    if day < windows[0].test.start:
        raise RollsightError(
            f"session {sessions[day]} comes before {sessions[windows[0].test.start]}, the first "
            f"test session of {out}: name that or a later one"
        )
    # Sessions behind the last one with a row to decide are the last window's too.
    window = next((w for w in windows if day < w.test.stop), windows[-1])
    trained = len(manifest["model_digests"])
    if window.number >= trained:
        raise RollsightError(
            f"session {sessions[day]} is of window {window.number}, and {out} has trained "
            f"{trained}, the last of which ends with {sessions[windows[trained - 1].test.stop - 1]}"
            f": call rollsight update {out}"
        )
    return window


def _require_standing(
    ready: Prepared, spec: RunSpec, window: Window, manifest: dict[str, Any], out: Path
) -> None:
    needed = lineage(ready.windows, window.number, spec.training)
    if not standing(ready, spec, manifest, needed)[-1]:
        raise RollsightError(
            f"{spec.market.folder} has changed since {out} was made (a correction, a split, a "
            f"value that came late): what window {window.number} was fitted, tuned or used on is "
            f"another; run into a new folder with rollsight run {out / 'run.toml'} --out FOLDER"
        )
