"""What a live server says: messages about runs, in the order in which they are said."""

from dataclasses import dataclass
from typing import Any

VERSION = 1  # of the messages: raised when one of them means something else


@dataclass(frozen=True)
class Message:
    """One message, before it has a number.

    Attributes
    ----------
    run
        name of the run that it is about; None where it is about the server
    session, at, model
        of the decision: its day, the instant of its close (UTC) and the digest of its networks
    body
        its kind, then what it says, as JSON knows it
    """

    run: str | None
    session: str | None
    at: str | None
    model: str | None
    body: tuple[Any, ...]

    @property
    def kind(self) -> str:
        """What it tells."""
        return str(self.body[0])

    def envelope(self, number: int) -> dict[str, Any]:
        """Return it as it is sent, under its number."""
        return {
            "v": VERSION,
            "n": number,
            "run": self.run,
            "session": self.session,
            "at": self.at,
            "model": self.model,
            "m": list(self.body),
        }
