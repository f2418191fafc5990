"""A finished run opened to decide: its stored networks on what its market folder holds now."""

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.backtests.chain.basis import standing
from rollsight.backtests.chain.fold import Fold
from rollsight.backtests.chain.networks import lineage
from rollsight.backtests.chain.prepared import prepare_scoring
from rollsight.backtests.chain.signals import DECIDED, OUTLIERS, decision_table
from rollsight.backtests.changes import spec_at
from rollsight.backtests.directory.result import (
    of_one_run,
    read_model,
    read_own_spec,
    read_table,
    require_same_code,
)
from rollsight.backtests.owncode import require_same_sources
from rollsight.base.errors import RollsightError
from rollsight.signals.prices.sessions import session_at
from rollsight.training.deciding.inference import predict
from rollsight.training.fitting.rows import rows_of
from rollsight.training.fitting.windows import Window
from rollsight.training.gate.model import gate_of
from rollsight.training.models.model import FittedModel


class Decider:
    """A finished run and its market, read once, for any number of sessions.

    Attributes
    ----------
    out
        directory of the run
    manifest, spec, windows
        the run's own; ``windows`` is its table
    ready
        its market folder as it is now, which may have later sessions
    """

    def __init__(self, out: Path, manifest: dict[str, Any], market: str | None = None) -> None:
        require_same_code(manifest, out)
        self.out, self.manifest = out, manifest
        self.spec = spec_at(read_own_spec(out, manifest), market)
        require_same_sources(self.spec, manifest, out)
        self.ready = prepare_scoring(self.spec)
        self.windows = read_table(out, "windows")
        self._models: dict[int, FittedModel] = {}

    def day_of(self, session: date | str) -> int:
        """Return the position of a session in the market.

        Raises
        ------
        RollsightError
            If the day is no session of the market folder.
        """
        folder, unread = self.spec.market.folder, self.spec.holdout.unread_from
        if unread is not None and str(session)[:10] >= str(unread):
            raise RollsightError(
                f"session {session} is held out of {self.out} (holdout.start={unread}): rollsight "
                f"reveal {self.out} opens it, and counts the look"
            )
        return session_at(self.ready.market, session, folder=folder, name="session")

    def at(self, day: int) -> pd.DataFrame:
        """Return what is decided at the close of a session, as `decide` does."""
        ready, window = self.ready, self.window_of(day)
        rows = rows_of(ready.samples.usable[:, day : day + 1], day)
        model = self.model_of(window)
        gate = gate_of(model)
        fold = Fold(
            window=window,
            rows=rows,
            probability=predict(model, ready.samples, rows),
            score=self.spec.threshold.measure,
            threshold=float(self.windows["threshold"].iloc[window.number]),
            outlier=None if gate is None else gate.outlier(ready.samples, rows),
            gate=self.spec.gate,
        )
        codes = pd.array(ready.market.codes, dtype="str").take(rows.stock)
        found = decision_table(ready.market, [fold]).assign(code=codes)
        return found[[*DECIDED, *(name for name in OUTLIERS if name in found)]]

    def model_of(self, window: Window) -> FittedModel:
        """Return the networks of a window, with the weight that the run gave them.

        Raises
        ------
        RollsightError
            If they are not those of the run, or what the window was fitted on, tuned on or has
            decided on is no longer what the market folder holds.
        """
        number = window.number
        if number not in self._models:
            self._require_standing(window)
            weight = float(self.windows["model_weight"].iloc[number])
            model = read_model(self.out, self.manifest, number)
            self._models[number] = replace(model, weight=weight)
        return self._models[number]

    def window_of(self, day: int) -> Window:
        """Return the window whose networks are in force in a session.

        Raises
        ------
        RollsightError
            If the session comes before the first test session, or the window was not trained.
        """
        out, sessions, windows = self.out, self.ready.market.sessions, self.ready.windows
        if day < windows[0].test.start:
            first = sessions[windows[0].test.start]
            raise RollsightError(
                f"session {sessions[day]} comes before {first}, the first test session of {out}: "
                "name that or a later one"
            )
        # Sessions behind the last one with a row to decide are the last window's too.
        window = next((w for w in windows if day < w.test.stop), windows[-1])
        trained = len(self.manifest["model_digests"])
        if window.number >= trained:
            last = sessions[windows[trained - 1].test.stop - 1]
            raise RollsightError(
                f"session {sessions[day]} is of window {window.number}, and {out} has trained "
                f"{trained}, the last of which ends with {last}: call rollsight update {out}"
            )
        return window

    def _require_standing(self, window: Window) -> None:
        needed = lineage(self.ready.windows, window.number, self.spec.training)
        if not standing(self.ready, self.spec, self.manifest, needed)[-1]:
            raise RollsightError(
                f"{self.spec.market.folder} has changed since {self.out} was made (a correction, "
                f"a split, a value that came late): what window {window.number} was fitted, tuned "
                f"or used on is another; run into a new folder with rollsight run "
                f"{self.out / 'run.toml'} --out FOLDER"
            )


def open_run(run: str | Path, market: str | None = None) -> Decider:
    """Return a finished run, ready to decide.

    Parameters
    ----------
    market
        market folder that takes the place of the run's own

    Raises
    ------
    RollsightError
        If the folder holds no finished run of this version, or its market folder cannot be read.
    """
    out = Path(run)
    return of_one_run(out, partial(Decider, out, market=market))
