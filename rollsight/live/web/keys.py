"""Who may come in: whoever has the token, or a session that was begun with it."""

import hashlib
import hmac
import secrets
import time
from collections import deque

SHORTEST = 16  # characters of a token
MOST_SESSIONS = 1000
FAILURES, FAILURE_SECONDS = 10, 60.0  # of one address, within so many seconds
MOST_ADDRESSES = 10_000


class Keys:
    """The token of a server, the sessions begun with it, and who tried others."""

    def __init__(self, token: str | None) -> None:
        self.asked = token is not None  # a server without a token lets everyone in
        self._token = _digest(token or "")
        self._sessions: dict[bytes, None] = {}
        self._failures: dict[str, deque[float]] = {}

    def fits(self, token: str) -> bool:
        """Return whether a text is the token, in a time that does not depend on the text."""
        return hmac.compare_digest(_digest(token), self._token)

    def begin(self) -> str:
        """Return the name of a new session, which nobody can guess and which tells no token."""
        while len(self._sessions) >= MOST_SESSIONS:
            self._sessions.pop(next(iter(self._sessions)))
        name = secrets.token_urlsafe(32)
        self._sessions[_digest(name)] = None
        return name

    def knows(self, session: str) -> bool:
        """Return whether a session was begun here."""
        return _digest(session) in self._sessions

    def failed(self, address: str) -> None:
        """Note that an address gave a wrong token."""
        while len(self._failures) >= MOST_ADDRESSES and address not in self._failures:
            self._failures.pop(next(iter(self._failures)))
        self._failures.setdefault(address, deque(maxlen=FAILURES)).append(time.monotonic())

    def refuses(self, address: str) -> bool:
        """Return whether an address gave too many wrong tokens lately."""
        tried = self._failures.get(address, deque())
        return len(tried) == FAILURES and time.monotonic() - tried[0] < FAILURE_SECONDS


def _digest(text: str) -> bytes:
    # Of digests a comparison tells nothing, neither by its time nor by its length.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
