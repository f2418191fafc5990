"""From which day on the sessions of a market are held out."""

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
        examples=[date(2024, 1, 2)],
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


def refuse_opening(was: HoldoutSpec, now: HoldoutSpec) -> None:
    """Raise where a change of a file's holdout would have sessions read that the file holds out.

    Raises
    ------
    RollsightError
        Saying how they are opened.
    """
    if was.start is not None and (now.start is None or now.start > was.start):
        raise RollsightError(
            f"holdout.start={now.start or 'none'} would read sessions that the file holds out from "
            f"{was.start} on: rollsight reveal opens them, once a run is made"
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
