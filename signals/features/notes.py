"""What a reader must know of stocks' features: where they have no value, and which say nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError
from rollsight.signals.features.values import FeatureValues
from rollsight.signals.known.calendar import Days

Flags = npt.NDArray[np.bool_]

MISSING = 0.5  # share of the members' rows without a value from which a ranked feature is named
LATE = 0.1  # share of these rows before the first value from which its day is named


@dataclass(frozen=True)
class Missing:
    """Of the members' rows, in which share a ranked feature has no value, and since when it has.

    Attributes
    ----------
    share, early
        fractions: without a value, and before the first
    since
        session of the first
    """

    name: str
    share: float
    early: float
    since: str

    @property
    def late(self) -> bool:
        """It has values but for its beginning, which is long."""
        return LATE <= self.early < 1 and 2 * self.early > self.share


def missing(made: FeatureValues, member: Flags, sessions: Days) -> Missing:
    """Return where a ranked feature has no value.

    Parameters
    ----------
    member
        (n_stocks, n_days) among whom a date's values are ranked
    sessions
        (n_days,)
    """
    rows, known = member.sum(axis=0), (made.known & member).sum(axis=0)
    first = int((known > 0).argmax()) if known.any() else len(known)
    share, early = 1 - known.sum() / rows.sum(), rows[:first].sum() / rows.sum()
    return Missing(made.channels[0].name, share, early, str(sessions[min(first, len(rows) - 1)]))


def missing_notes(found: Sequence[Missing]) -> list[str]:
    """Return a note on each ranked feature that is often missing, and one on all that begin late.

    >>> missing_notes([Missing("a", 0.2, 0.2, "2002-01-02"), Missing("b", 0.3, 0.3, "2003-01-02")])
    ["In over a tenth of the members' rows features have no value yet, and stand in the middle of their date: a before 2002-01-02, b before 2003-01-02"]
    """  # noqa: E501 - one line is printed
    said = [
        f"Feature {one.name!r} has no value for {one.share:.0%} of the members' rows: there it "
        "stands in the middle of its date"
        for one in found
        if one.share >= MISSING and not one.late
    ]
    late = ", ".join(f"{one.name} before {one.since}" for one in found if one.late)
    if late:
        said.append(
            "In over a tenth of the members' rows features have no value yet, and stand in the "
            f"middle of their date: {late}"
        )
    return said


def same_notes(made: FeatureValues, *, of_date: Flags | None) -> list[str]:
    """Return a note on a feature that tells no row from another, or none.

    Parameters
    ----------
    of_date
        (n_stocks, n_days) the rows in which it is taken; None: it is ranked, and is the same for
        all members of every date
    """
    name = f"Feature {made.channels[0].name!r}"
    if of_date is None:
        return [f"{name} is the same for all members of every date: its rank says nothing"]
    seen = made.known & of_date
    least = np.min(made.numbers, where=seen, initial=np.inf)
    most = np.max(made.numbers, where=seen, initial=-np.inf)
    return [f"{name} is {least:g} in every row: it says nothing"] if least == most else []


def refuse_sameness(names: Sequence[str], silent: int) -> None:
    """Raise where no feature, all of them ranked, tells one member of a date from another."""
    if silent == len(names):
        raise RollsightError(
            f"features.stock={list(names)} tells no stock from another: on every date all members "
            "have the same rank, by equal or missing values; add a feature that differs among them"
        )
