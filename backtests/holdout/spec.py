"""From which day on the sessions of a market are held out."""

from collections.abc import Mapping
from datetime import date

from pydantic import Field, PrivateAttr

from rollsight.base.errors import RollsightError
from rollsight.signals.spec import MarketSpec, Spec


class HoldoutSpec(Spec):
    """Which sessions are left unread until rollsight reveal opens them."""

    start: date | None = Field(
        None,
        description="first session that is held out: neither it nor a later one is read; unset: "
        "none",
    )
    # No key of a file, so that nothing but a reveal, and the run that it made, reads behind start.
    _opened: bool = PrivateAttr(False)

    @property
    def opened(self) -> bool:
        """The sessions behind the start are read."""
        return self.start is not None and self._opened

    @property
    def unread_from(self) -> date | None:
        """First day that is not read; None where all are."""
        return None if self._opened else self.start

    def open(self) -> "HoldoutSpec":
        """Return the same holdout, read."""
        found = self.model_copy()
        found._opened = True
        return found

    def seal(self) -> "HoldoutSpec":
        """Return the same holdout, unread."""
        found = self.model_copy()
        found._opened = False
        return found


def refuse_opening(before: object, after: object) -> None:
    """Raise where a change of a file's ``[holdout]`` would have sessions read that it holds out.

    Raises
    ------
    RollsightError
        Saying how they are opened.
    """
    was, now = (one.get("start") if isinstance(one, Mapping) else None for one in (before, after))
    if isinstance(was, date) and not (isinstance(now, date) and now <= was):
        raise RollsightError(
            f"holdout.start={now or 'none'} would read sessions that the file holds out from {was} "
            "on: rollsight reveal opens them, once a run is made"
        )


def fault_between(market: MarketSpec, holdout: HoldoutSpec) -> str | None:
    """Return why a market's own dates and its holdout do not go together, or None."""
    start = holdout.start
    if start is None:
        return None
    if market.start is not None and market.start >= start:
        return (
            f"holdout.start={start} must lie behind market.start={market.start}, or nothing is left"
        )
    if market.end is not None and market.end < start:
        return f"holdout.start={start} lies behind market.end={market.end}, so nothing is held out"
    return None
