"""The desk that a command asks for."""

from collections.abc import Sequence
from pathlib import Path

from rollsight.base.errors import RollsightError
from rollsight.live.desk import Desk
from rollsight.live.paper.account import PaperAccount
from rollsight.live.runs.following import Following
from rollsight.live.runs.liverun import LiveRun
from rollsight.live.runs.replay import Replay


def open_desk(
    runs: Sequence[Path],
    *,
    market: str | None = None,
    watch: bool = False,
    paper: bool = False,
    replay: tuple[str, str] | None = None,
    speed: float = 1.0,
) -> Desk:
    """Return a desk on finished runs.

    Parameters
    ----------
    market
        market folder that takes the place of the runs' own
    watch
        fetch the folder's new sessions once a day
    paper
        keep a paper account of each run
    replay
        first and last day of a walk through what was decided; None follows the newest session
    speed
        of a replay, sessions a second

    Raises
    ------
    RollsightError
        If a run cannot be opened, two have one name, or the span holds no session.
    """
    names = [path.resolve().name for path in runs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise RollsightError(f"two runs are named {twice[0]!r}: give one directory another name")
    if replay is None:
        return Following(runs, market=market, watch=watch, paper=paper)
    if watch:
        raise RollsightError("--watch fetches what is new, and --replay shows what was: leave one")
    opened = [LiveRun(path, market) for path in runs]
    if paper:
        for run, path in zip(opened, runs, strict=True):
            first = next((s for s in run.sessions if s >= replay[0]), run.sessions[-1])
            run.paper = PaperAccount(replay_journal(path), run.decider, first, clock=lambda: None)
    return Replay(opened, *replay, speed)


def replay_journal(out: Path) -> Path:
    """Return where the paper account of a replay is kept: beside the run's directory."""
    whole = out.resolve()
    return whole.with_name(f"{whole.name}.replay.jsonl")
