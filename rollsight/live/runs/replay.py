"""Runs walked through session by session, as if each were today."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from rollsight.base.errors import RollsightError
from rollsight.live.desk import Health
from rollsight.live.messages import Message
from rollsight.live.runs.liverun import LiveRun

BUSY = 0.25  # seconds after which a poll tells what it has
FASTEST = 1000.0  # sessions a second
# What moves time, and the types of what is said with it.
MOVES: dict[str, list[tuple[type, ...]]] = {
    "play": [], "pause": [], "step": [(int,)], "seek": [(str,)], "speed": [(int, float)],
}  # fmt: skip


class Replay:
    """A desk on which time goes by as the user says."""

    def __init__(
        self,
        runs: Sequence[LiveRun],
        first: str,
        last: str,
        speed: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin on the first session of a span, playing.

        Parameters
        ----------
        first, last
            days; the sessions between them that every run can decide are walked through
        speed
            sessions a second

        Raises
        ------
        RollsightError
            If one is no date, or no session lies between them.
        """
        require_dates(first, last)
        self.runs, self.clock = list(runs), clock
        common = set.intersection(*(set(run.sessions) for run in runs))
        if not common:
            raise RollsightError(
                f"--replay {first}:{last} needs a session that every run decided, and these have "
                "none: replay each by itself"
            )
        self.sessions = sorted(s for s in common if first <= s <= last)
        if not self.sessions:
            raise RollsightError(
                f"--replay {first}:{last} holds no session that is decided: take days between "
                f"{min(common)} and {max(common)}"
            )
        self.at, self.playing, self.speed = 0, True, 1.0
        self._set_speed(speed)
        self._due = clock()
        self.decisions = 0
        for run in self.runs:
            run.replayed = True
        self._newest = self._decide()

    def state(self) -> list[Message]:
        """Return all there is to say."""
        return [self._status(), *(m for run in self.runs for m in run.told()), *self._newest]

    def poll(self) -> list[Message]:
        """Return the sessions whose time has come."""
        told: list[Message] = []
        until = self.clock() + BUSY
        while self.playing and self._due <= self.clock() < until:
            told += self._move(self.at + 1)
        return told

    def ask(self, run: str | None, body: Sequence[Any]) -> list[Message]:
        """Answer a client."""
        kind, *given = body
        if isinstance(kind, str) and _understood(given, MOVES.get(kind)):
            moved: list[Message] = getattr(self, f"_{kind}")(*given)
            return moved
        return answer(named(self.runs, run), body)

    def signals(self, run: str | None, session: str) -> dict[str, Any]:
        """Return the decision of a session."""
        return named(self.runs, run).signals(session)

    def health(self) -> Health:
        """Return how it is."""
        return Health("replay", self.sessions[self.at], self.decisions)

    def _play(self) -> list[Message]:
        again = self.at + 1 == len(self.sessions)
        told = self._move(0) if again else []
        self.playing, self._due = True, self.clock()
        return [*told, self._status()]

    def _pause(self) -> list[Message]:
        self.playing = False
        return [self._status()]

    def _step(self, sessions: int) -> list[Message]:
        self.playing = False
        return self._move(self.at + sessions)

    def _seek(self, session: str) -> list[Message]:
        """Go to a session, or the last one before a day."""
        require_dates(session)
        before = sum(s <= session for s in self.sessions)
        return self._move(max(before - 1, 0))

    def _speed(self, speed: float) -> list[Message]:
        self._set_speed(speed)
        return [self._status()]

    def _set_speed(self, speed: float) -> None:
        if not 0 < speed <= FASTEST:
            raise RollsightError(
                f"speed {speed:g} must lie above 0 and at most at {FASTEST:g} sessions a second"
            )
        self.speed = float(speed)

    def _move(self, to: int) -> list[Message]:
        """Go to a session and return what is new; at the end the replay stands still.

        Where that session cannot be decided, it stays where it is and stands still.
        """
        before, self.at = self.at, min(max(to, 0), len(self.sessions) - 1)
        plays, self.playing = self.playing and self.at + 1 < len(self.sessions), False
        try:
            self._newest = self._decide()
        except RollsightError:
            self.at = before
            raise
        self.playing = plays
        self._due = max(self._due + 1 / self.speed, self.clock() - BUSY)
        return [self._status(), *self._newest]

    def _decide(self) -> list[Message]:
        self.decisions += 1
        session = self.sessions[self.at]
        return [message for run in self.runs for message in run.decide(session)]

    def _status(self) -> Message:
        session = self.sessions[self.at]
        said = {
            "state": "replay",
            "text": "",
            "first": self.sessions[0],
            "last": self.sessions[-1],
            "playing": self.playing,
            "speed": self.speed,
        }
        return Message(None, session, None, None, ("status", said))


def require_dates(*days: str) -> None:
    """Raise unless texts are days as 2024-01-02."""
    for day in days:
        try:
            same = date.fromisoformat(day).isoformat() == day
        except ValueError:
            same = False
        if not same:
            raise RollsightError(f"{day!r:.20} is no date: write it as 2024-01-02")


def _understood(given: Sequence[Any], kinds: Sequence[tuple[type, ...]] | None) -> bool:
    """Return whether what was said with a move is of its types; a bool is no number here."""
    if kinds is None or len(given) != len(kinds):
        return False
    return all(type(value) in of for value, of in zip(given, kinds, strict=True))


def named(runs: Sequence[LiveRun], name: str | None) -> LiveRun:
    """Return a run by its name, or the first.

    Raises
    ------
    RollsightError
        If there is none of that name.
    """
    for run in runs:
        if name in (None, run.name):
            return run
    raise RollsightError(f"no run is named {name!r} here (have {[r.name for r in runs]})")


def answer(run: LiveRun, body: Sequence[Any]) -> list[Message]:
    """Return what a client asks of a run.

    Raises
    ------
    RollsightError
        If that is not understood.
    """
    kind, *given = body
    known = {"heatmap": run.heatmap, "detail": run.detail}
    asked = known.get(kind) if isinstance(kind, str) else None
    if asked is None or len(given) != 1 or not isinstance(given[0], str):
        raise RollsightError(f"{list(body)!r:.100} is not understood: see the list of messages")
    return [asked(given[0])]
