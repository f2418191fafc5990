"""A run on answers that are given: where they are, and from where on its windows are laid."""

from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tablefiles import read_table
from rollsight.signals.given.placed import placed, with_answers
from rollsight.signals.given.table import NAMES, checked_signals
from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.prices.market import Market
from rollsight.training.given.family import NOT_HERE, GivenSpec

# Columns of text, also in a CSV.
CODES = tuple(
    spelt(name)
    for name in ("code", *(other for other, meant in NAMES.items() if meant == "code"))
    for spelt in (str.lower, str.title, str.upper)
)


def given_signals(spec: RunSpec) -> pd.DataFrame | None:
    """Return the answers that a spec names a file of; None where its model learns.

    Raises
    ------
    RollsightError
        If there is no such file, it cannot be right, or the answers were given in memory.
    """
    if not isinstance(spec.model, GivenSpec):
        return None
    if spec.model.source is None:
        raise RollsightError(NOT_HERE)
    path = Path(spec.model.source)
    if not path.is_file() or path.suffix not in {".parquet", ".csv"}:
        raise RollsightError(
            f"model.source={spec.model.source!r} is no parquet or csv file: name one of date, "
            "code, and p_down, p_hold and p_up, or p_up, or score"
        )
    found = checked_signals(read_table(path, way_out="write a row a decision", text=CODES), path)
    if ("score" in found) != spec.model.scores:
        have = "scores" if "score" in found else "probabilities"
        raise RollsightError(
            f"{path} holds {have}, and model.scores={spec.model.scores}: set "
            f"model.scores={str('score' in found).lower()}"
        )
    return found


def with_signals(
    samples: SampleSet, market: Market, signals: pd.DataFrame, spec: RunSpec
) -> tuple[SampleSet, int]:
    """Return samples with answers, and the first session of the first window.

    Where a threshold is tuned, the first validation span begins with the first answer; where it is
    given, the first test span does. The sessions before tell how often each class was.

    Raises
    ------
    RollsightError
        If none of the answers can be used.
    """
    answers = placed(signals, market)
    found = with_answers(samples, answers)
    days = np.flatnonzero(np.isfinite(answers[..., 2]).any(axis=0))
    lead = spec.windows.train_days
    if not spec.threshold.tuned:
        lead += spec.windows.validation_days
    return found, max(int(days[0]) - lead, 0)


def untraded_notes(samples: SampleSet, market: Market, begin: int) -> tuple[str, ...]:
    """Return what is to be said of answers that lie before all that is tuned or traded."""
    if samples.given is None:
        return ()
    given = samples.usable & np.isfinite(samples.given[..., 2])
    early = int(given[:, :begin].sum())
    if not early:
        return ()
    return (
        f"{early:,} signals of sessions before {market.sessions[begin]} are not traded: those tell "
        "how often each class was; earlier prices, or a smaller windows.train_days and "
        "windows.validation_days, let them be traded",
    )
