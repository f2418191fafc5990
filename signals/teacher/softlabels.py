"""Soft labels on the stocks and sessions of a market."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.digests import content_digest
from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market
from rollsight.signals.teacher.table import CLASSES

Float32 = npt.NDArray[np.float32]
Targets = Literal["teacher", "smoothing", "random"]
SHOWN = 3  # codes that a note names


@dataclass(frozen=True)
class Said:
    """What a teacher's table holds, and what of it is of no use.

    Attributes
    ----------
    digest
        of the table
    rows, codes
        in all
    late
        rows that were not known by their decision
    outside
        rows whose decision lies before the first or behind the last session that is read
    unknown
        codes that the market has not
    """

    path: str
    digest: str
    rows: int
    codes: int
    late: int
    outside: int
    unknown: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence on each thing that a reader must know."""
        found = []
        if self.late:
            found.append(
                f"{self.late:,} of {self.rows:,} rows of the teacher {self.path} were known after "
                "their decision, and are not used"
            )
        if self.outside:
            found.append(
                f"{self.outside:,} of {self.rows:,} rows of the teacher {self.path} lie outside "
                "the sessions that are read"
            )
        if self.unknown:
            named = ", ".join(self.unknown[:SHOWN]) + (" ..." if len(self.unknown) > SHOWN else "")
            found.append(
                f"{len(self.unknown):,} of {self.codes:,} codes of the teacher {self.path} are not "
                f"in the market ({named})"
            )
        return tuple(found)


@dataclass(frozen=True, eq=False)
class SoftLabels:
    """Soft labels of rows, and how a network learns them.

    Attributes
    ----------
    probability
        (n_stocks, n_days, 3) of down, hold, up, by decision; NaN where the teacher said nothing in
        time. None where there is no teacher, and every row has soft labels
    said
        what it was read from
    targets
        what is learnt of these rows: the teacher's own, or in their place the smoothed label or
        random probabilities of the same mean entropy
    entropy
        of these, nats, where there is no teacher
    alpha, temperature, seed
        as `TeacherSpec` has them
    """

    probability: Float32 | None
    said: Said | None
    targets: Targets
    entropy: float
    alpha: float
    temperature: float
    seed: int


def laid_out(table: pd.DataFrame, market: Market, path: Path) -> tuple[Float32, Said]:
    """Return a checked table's probabilities (n_stocks, n_days, 3), and what of it was used.

    Raises
    ------
    RollsightError
        If a decision lies between two sessions of the market.
    """
    decided = table["decided_at"].to_numpy().astype("datetime64[D]")
    sessions, codes = market.sessions, {code: at for at, code in enumerate(market.codes)}
    day = np.minimum(np.searchsorted(sessions, decided), len(sessions) - 1)
    within = (decided >= sessions[0]) & (decided <= sessions[-1])
    between = within & (sessions[day] != decided)
    if between.any():
        row = int(np.flatnonzero(between)[0])
        raise RollsightError(
            f"{path}: decided_at={decided[row]} (row {row}) is no session of {market.exchange}: "
            "date each row by the session at whose close it is decided"
        )
    stock = table["code"].map(codes).fillna(-1).to_numpy(np.int64)
    late = (table["known_at"] > table["decided_at"]).to_numpy()
    used = within & (stock >= 0) & ~late
    probability = np.full((len(market.codes), len(sessions), 3), np.nan, dtype=np.float32)
    given = table[list(CLASSES)].to_numpy(np.float64)[used]
    probability[stock[used], day[used]] = given / given.sum(axis=1, keepdims=True)
    unknown = sorted(set(table["code"]) - set(codes))
    return probability, Said(
        path=str(path),
        digest=content_digest(table),
        rows=len(table),
        codes=table["code"].nunique(),
        late=int(late.sum()),
        outside=int((~within).sum()),
        unknown=tuple(unknown),
    )


def require_met(said: Said) -> None:
    """Raise where no row of a table can be one of the market's.

    Raises
    ------
    RollsightError
        Naming what differs.
    """
    if len(said.unknown) == said.codes:
        raise RollsightError(
            f"{said.path}: none of its {said.codes:,} codes is in the market ({said.unknown[0]!r} "
            "is the first): write codes as the market's prices have them"
        )
    if said.outside == said.rows:
        raise RollsightError(
            f"{said.path}: none of its {said.rows:,} rows is decided in a session that is read: "
            "give soft labels of this market's dates"
        )
