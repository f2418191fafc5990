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
    often = [one for one in found if one.share >= MISSING and not one.late]
    said = [
        f"Feature {one.name!r} has no value for {_percent(one.share)} of the members' rows: there "
        "it stands in the middle of its date"
        for one in often[:1]
    ]
    if len(often) > 1:
        shares = ", ".join(f"{one.name} {_percent(one.share)}" for one in often)
        said = [
            "Features have no value in many of the members' rows, and stand in the middle of their "
            f"date there: {shares}"
        ]
    late = ", ".join(f"{one.name} before {one.since}" for one in found if one.late)
    if late:
        said.append(
            "In over a tenth of the members' rows features have no value yet, and stand in the "
            f"middle of their date: {late}"
        )
    return said


def _percent(share: float) -> str:
    """Return a share of rows, never all of them where some are left.

    >>> _percent(0.5), _percent(0.996), _percent(1.0)
    ('50%', '99%', '100%')
    """
    return f"{min(round(100 * share), 99) if share < 1 else 100}%"


def alike_notes(names: Sequence[str]) -> list[str]:
    """Return a note on ranked features that are the same for all members of every date.

    >>> alike_notes(["a", "b"])
    ['Features are the same for all members of every date, so that their ranks say nothing: a, b']
    """
    if len(names) > 1:
        return [
            "Features are the same for all members of every date, so that their ranks say nothing: "
            + ", ".join(names)
        ]
    same = "is the same for all members of every date: its rank says nothing"
    return [f"Feature {name!r} {same}" for name in names]


def same_notes(made: FeatureValues, rows: Flags) -> list[str]:
    """Return a note on a feature that is one number in the rows in which it is taken, or none.

    Parameters
    ----------
    rows
        (n_stocks, n_days) these rows
    """
    seen = made.known & rows
    least = np.min(made.numbers, where=seen, initial=np.inf)
    most = np.max(made.numbers, where=seen, initial=-np.inf)
    name = made.channels[0].name
    return [f"Feature {name!r} is {least:g} in every row: it says nothing"] if least == most else []


def refuse_sameness(names: Sequence[str], silent: int) -> None:
    """Raise where no feature, all of them ranked, tells one member of a date from another."""
    if silent == len(names):
        raise RollsightError(
            f"features.stock={list(names)} tells no stock from another: on every date all members "
            "have the same rank, by equal or missing values; add a feature that differs among them"
        )
