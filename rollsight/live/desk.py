"""What a live server serves: decisions, asked for and as they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rollsight.live.messages import Message


@dataclass(frozen=True)
class Health:
    """How a desk is.

    Attributes
    ----------
    state
        ``live``, ``replay`` or ``stale``: what it shows is not the newest, or not to be had
    session
        of the newest decision
    decisions
        made since the start
    """

    state: str
    session: str | None
    decisions: int


class Desk(Protocol):
    """Where decisions come from. Every call may take seconds and is made by one thread."""

    def state(self) -> Sequence[Message]:
        """Return messages that tell all there is, whoever has heard nothing before."""
        ...

    def poll(self) -> Sequence[Message]:
        """Return what is new; it is called several times a second."""
        ...

    def ask(self, run: str | None, body: Sequence[Any]) -> Sequence[Message]:
        """Return the answer to a client's message; a change of all clients' view is one too.

        Raises
        ------
        RollsightError
            If the message cannot be understood or answered.
        """
        ...

    def signals(self, run: str | None, session: str) -> dict[str, Any]:
        """Return the decision of a session as JSON knows it.

        Raises
        ------
        RollsightError
            If there is no such run, or it did not decide then.
        """
        ...

    def health(self) -> Health:
        """Return how it is, at once."""
        ...
