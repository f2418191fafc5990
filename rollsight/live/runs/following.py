"""Runs whose market folders are watched: whenever one gains a session, it is decided."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from rollsight.base.errors import RollsightError
from rollsight.live.desk import Health
from rollsight.live.messages import Message
from rollsight.live.paper.account import PaperAccount
from rollsight.live.runs.liverun import LiveRun
from rollsight.live.runs.replay import MOVES, answer, named
from rollsight.signals.folder.reading import EMBEDDED
from rollsight.signals.rules.venue import venue_at
from rollsight.signals.vendors import fetch

LOOK = 1.0  # seconds between two looks at a folder; it must look alike twice
AGAIN = 60.0  # seconds after which what failed is tried again
FETCH_AT = timedelta(minutes=30)  # after midnight in Seoul, when the day before is over
SEOUL = ZoneInfo("Asia/Seoul")

Signature = tuple[tuple[str, int, int], ...]


@dataclass
class Followed:
    """A run that is followed: what is open of it, and what is wrong with it now.

    Attributes
    ----------
    run
        the last state that could be read; None before the first
    fault
        why it is not newer, one line; empty where it is
    told
        what was said of the newest decision
    """

    out: Path
    run: LiveRun | None = None
    fault: str = ""
    told: list[Message] = field(default_factory=list)
    read: Signature | None = None
    seen: Signature | None = None
    tried: float = 0.0


class Following:
    """A desk that follows market folders."""

    def __init__(
        self,
        runs: Sequence[Path],
        *,
        market: str | None = None,
        paper: bool = False,
        watch: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open runs and decide their newest sessions.

        Parameters
        ----------
        market
            folder in place of the runs' own
        paper
            keep a paper account of each run, in a journal beside its directory
        watch
            fetch each folder's new sessions once a day

        Raises
        ------
        RollsightError
            If a run cannot be opened.
        """
        self.market, self.paper, self.clock = market, paper, clock
        self.decisions, self._looked = 0, clock()
        self.followed = [Followed(Path(out)) for out in runs]
        for one in self.followed:
            one.read = one.seen = self._signature(one)
            self._open(one)
        self.fetching = Fetching(self._folders(), clock) if watch else None

    def state(self) -> list[Message]:
        """Return all there is to say."""
        return [self._status(), *(m for one in self.followed for m in one.told)]

    def poll(self) -> list[Message]:
        """Return what is new since the last call."""
        now = self.clock()
        if now - self._looked < LOOK:
            return []
        self._looked = now
        before = self._status()
        if self.fetching is not None:
            self.fetching.look(datetime.now(SEOUL))
        told = [message for one in self.followed for message in self._look(one, now)]
        after = self._status()
        return [after, *told] if told or after != before else []

    def ask(self, run: str | None, body: Sequence[Any]) -> list[Message]:
        """Answer a client."""
        if body[0] in MOVES:
            raise RollsightError(
                f"{body[0]!r} moves a replay, and here the newest decisions are served: start the "
                "server with --replay FROM:TO"
            )
        return answer(named(self._runs(), run), body)

    def signals(self, run: str | None, session: str) -> dict[str, Any]:
        """Return the decision of a session."""
        return named(self._runs(), run).signals(session)

    def health(self) -> Health:
        """Return how it is."""
        decided = [run.decision for run in self._runs() if run.decision is not None]
        stale = any(one.fault for one in self.followed)
        session = max((decision.session for decision in decided), default=None)
        return Health("stale" if stale else "live", session, self.decisions)

    def _runs(self) -> list[LiveRun]:
        return [one.run for one in self.followed if one.run is not None]

    def _folders(self) -> list[Path]:
        return sorted({Path(run.decider.spec.market.folder) for run in self._runs()})

    def _look(self, one: Followed, now: float) -> list[Message]:
        """Read a run anew where its files have changed and stand still."""
        found = self._signature(one)
        still, one.seen = found == one.seen, found
        again = bool(one.fault) and now - one.tried >= AGAIN
        if not still or (found == one.read and not again):
            return []
        one.read, one.tried = found, now
        before = one.told
        try:
            self._open(one)
        except RollsightError as error:
            one.fault = str(error)
        return one.told if one.told != before else []

    def _open(self, one: Followed) -> None:
        """Open a run and decide; where that fails, the last state stays.

        Raises
        ------
        RollsightError
            If it cannot be opened, or no session of it can be decided.
        """
        run = LiveRun(one.out, self.market)
        session, fault = newest(run)
        kept = one.run.paper if one.run is not None else None
        if self.paper:
            run.paper = kept or PaperAccount(journal_of(one.out), run.decider, session)
        decided = run.decide(session)
        told = [*run.told(), *decided]
        self.decisions += 1
        one.run, one.told, one.fault = run, told, fault

    def _signature(self, one: Followed) -> Signature:
        """Return names, sizes and times of what a run is read from."""
        own = [one.out / "manifest.json", one.out / "run.toml"]
        folder = self.market or (one.run.decider.spec.market.folder if one.run else None)
        inside = [] if folder in (None, *EMBEDDED) else _files(Path(str(folder)))
        return tuple(_stamp(path) for path in [*own, *inside])

    def _status(self) -> Message:
        faults = [f"{one.out.name}: {one.fault}" for one in self.followed if one.fault]
        health = self.health()
        fetched = [] if self.fetching is None else self.fetching.log[-20:]
        said = {"state": health.state, "text": "; ".join(faults), "log": fetched}
        return Message(None, health.session, None, None, ("status", said))


def newest(run: LiveRun) -> tuple[str, str]:
    """Return the newest session that a run can decide, and why that is not the market's newest.

    Raises
    ------
    RollsightError
        If there is none.
    """
    decider, fault = run.decider, ""
    sessions, windows = decider.ready.market.sessions, decider.ready.windows
    day = len(sessions) - 1
    try:
        decider.window_of(day)
    except RollsightError as error:
        fault = str(error)
        day = windows[len(decider.manifest["model_digests"]) - 1].test.stop - 1
    if not decider.ready.samples.usable[:, day].any():
        decided = int(np.flatnonzero(decider.ready.samples.usable[:, :day].any(axis=0))[-1])
        fault = fault or (
            f"nothing could be decided on {sessions[day]}: no stock has a full, fresh input since "
            f"{sessions[decided]}"
        )
        day = decided
    return str(sessions[day]), fault


def journal_of(out: Path) -> Path:
    """Return where the paper account of a run is kept: beside its directory."""
    return out.resolve().with_name(f"{out.resolve().name}.paper.jsonl")


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return path.name, -1, -1
    return path.name, found.st_size, found.st_mtime_ns


class Fetching:
    """Market folders, fetched once a day beside whatever else goes on.

    Attributes
    ----------
    log
        a line of each fetch, whatever came of it
    """

    def __init__(self, folders: Sequence[Path], clock: Callable[[], float]) -> None:
        self.folders, self.clock, self.log = list(folders), clock, list[str]()
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._running: Future[None] | None = None
        self._done: date | None = None
        self._again = -math.inf

    def look(self, now: datetime) -> None:
        """Begin to fetch where a day is over whose sessions have not been asked for."""
        if self._running is not None and not self._running.done():
            return
        wanted = (now - FETCH_AT).date() - timedelta(days=1)
        # The clock on the wall may jump; what has been fetched is not asked for again.
        done = self._done is not None and wanted <= self._done
        if done or self.clock() < self._again:
            return
        self._again = self.clock() + 10 * AGAIN
        self._running = self._thread.submit(self._fetch, wanted, now)

    def _fetch(self, wanted: date, now: datetime) -> None:
        for folder in self.folders:
            until = wanted
            try:
                # In New York the day may not be over yet.
                until = min(wanted, venue_at(folder).yesterday(now))
                done = fetch.update(folder, until)
            except RollsightError as error:
                self.log.append(f"{until}: {error}")
                return
            if done.missing:
                self.log.append(f"{until}: {folder} lacks {done.missing[0]}; it is asked for again")
                return
            self.log.append(f"{until}: {folder} is up to date")
        self._done = wanted
