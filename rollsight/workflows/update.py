"""A finished run, extended with the sessions that arrived since."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.backtests.chain.basis import standing
from rollsight.backtests.chain.fold import FittedFold, fitted_fold
from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.chain.signals import net_returns
from rollsight.backtests.chain.storedfold import stored_fold
from rollsight.backtests.directory.claims import claim
from rollsight.backtests.directory.result import (
    Result,
    read_manifest,
    read_model,
    read_result,
    require_same_code,
)
from rollsight.backtests.owncode import require_same_sources, run_digest
from rollsight.base.errors import RollsightError
from rollsight.base.progress import Progress, Stopwatch, silent
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.run.scores.judgement import judged
from rollsight.signals.vendors import fetch as fetching
from rollsight.workflows.display.calls import automatic, called
from rollsight.workflows.rewritten import first_rewritten
from rollsight.workflows.run import Run, run_prepared


@dataclass(frozen=True, eq=False)
class Updated:
    """What an update added.

    Attributes
    ----------
    run
        the extended run; None where there was nothing new, and nothing was written
    since
        the last session before
    sessions
        those that were added
    trained
        numbers of the windows that were added
    signals
        code, name, p_up, score, threshold, and whether the stock is held, of the newest session's
        buys, the best first; None where nothing could be decided in that session
    positions
        holdings at its close
    remarks
        a line for each series whose history the vendor rewrote
    unread
        first session that the run holds out, and that no update reads; None where it reads all
    """

    run: Run | None
    since: str
    sessions: tuple[str, ...]
    trained: tuple[int, ...]
    signals: pd.DataFrame | None
    positions: int
    remarks: tuple[str, ...]
    unread: str | None

    def __repr__(self) -> str:
        return "\n".join(update_lines(self))


@called
def update(
    out: str | Path,
    *,
    fetch_until: date | None = None,
    jobs: int = 1,
    page: bool = True,
    lang: Lang = "en",
    progress: Progress | None = automatic,
) -> Updated:
    """Extend a finished run with the sessions that arrived since in its market folder.

    Windows that are due are trained as the run's ``training.mode`` says, the other networks are
    read from its directory. What was decided up to its last session stands; labels settle, the last
    day's buys fill, and open trades go on.

    Parameters
    ----------
    out
        directory of a finished run
    fetch_until
        session up to which the market folder is fetched first; None fetches nothing
    jobs
        networks trained at the same time; results do not depend on it
    page
        draw the page, with QuantStats' sheet and figures; ``rollsight report`` draws it later
    lang
        language of the page
    progress
        called with stage, steps done and steps in all; shown by itself, None shows nothing

    Raises
    ------
    RollsightError
        If the run has not finished or has an end, its market folder ends before it, or what it
        decided would be decided otherwise now; the run stays as it is then.
    """
    out, progress = Path(out), progress or silent
    before = read_result(out)
    _require_open(before, out)
    closed = before.spec.holdout.unread_from
    unread = None if closed is None else str(closed)
    folder, since = Path(before.spec.market.folder), before.manifest["market"]["last_session"]
    remarks = () if fetch_until is None else _fetched(folder, fetch_until, progress)
    watch = Stopwatch(progress)
    watch("read the market", 0, 1)
    ready = prepare(before.spec)
    watch("read the market", 1, 1)
    sessions = tuple(str(s) for s in ready.market.sessions if str(s) > since)
    if not sessions:
        _require_reached(before, ready, out)
        return Updated(None, since, (), (), *_newest(before, ready), remarks, unread)
    with claim(out, before.spec) as claimed:
        if read_manifest(out) != before.manifest:
            raise RollsightError(f"{out} was written by another run meanwhile: call again")
        folds = _folds_of(before, ready, out)
        _require_unchanged(before, ready, folds, out)
        known = {fold.window.number: fold for fold in folds}
        finished = run_prepared(
            before.spec, ready, claimed, watch, known=known, jobs=jobs, page=page, lang=lang
        )
    trained = tuple(w.number for w in ready.windows[len(before.windows) :])
    return Updated(finished, since, sessions, trained, *_newest(finished, ready), remarks, unread)


def update_lines(updated: Updated) -> list[str]:
    """Return what an update added as lines of text, the verdict on the extended run first."""
    if updated.run is None:
        held_out = f": sessions from {updated.unread} on are held out" if updated.unread else ""
        return [f"nothing new since {updated.since}{held_out}"]
    first, last = updated.sessions[0], updated.sessions[-1]
    lines = [
        judged(updated.run.numbers, speak("en")),
        f"Sessions added: {len(updated.sessions)}, {first} to {last}",
        f"Windows trained: {_trained(updated.trained)}",
    ]
    if updated.signals is None:
        return [*lines, f"Nothing was decided on {last}: no stock has a full, fresh input"]
    if updated.signals.empty:
        return [*lines, f"No buy signal on {last}"]
    most = updated.run.spec.strategy.max_positions
    return [
        *lines,
        f"Buy signals of {last}, with {updated.positions} of at most {most} positions held:",
        *(
            f"  {b['code']}  p_up {b['p_up']:.4f}{_reached(b)}  {b['name']}"
            f"{'  (held)' if b['held'] else ''}"
            for b in updated.signals.to_dict("records")
        ),
    ]


def _reached(buy: Mapping[Hashable, Any]) -> str:
    """Return the threshold, and what reached it where that is not the probability itself."""
    if buy["threshold"] <= 0 and float(buy["score"]).is_integer():  # see `date_place`
        return f"  place {1 - buy['score']:.0f} of {1 - buy['threshold']:.0f}"
    score = "" if buy["score"] == buy["p_up"] else f"  score {buy['score']:.4f}"
    return f"{score}  threshold {buy['threshold']:.4f}"


def _trained(numbers: Sequence[int]) -> str:
    if not numbers:
        return "none was due"
    named = "number" if len(numbers) == 1 else "numbers"
    return f"{len(numbers)} ({named} {', '.join(map(str, numbers))})"


def _require_reached(before: Result, ready: Prepared, out: Path) -> None:
    """Raise where a market folder has lost the run's last sessions."""
    last, since = str(ready.market.sessions[-1]), before.manifest["market"]["last_session"]
    if last < since:
        raise RollsightError(
            f"{before.spec.market.folder} ends on {last}, and {out} on {since}: an update goes on "
            "from where a run ends; bring the folder's later sessions back, or run into a new "
            f"folder with rollsight run {out / 'run.toml'} --out FOLDER"
        )


def _require_open(before: Result, out: Path) -> None:
    end = before.spec.market.end
    if end is not None:
        raise RollsightError(
            f"{out} ends with market.end={end}: run its spec without an end into a new folder"
        )
    require_same_code(before.manifest, out)
    require_same_sources(before.spec, before.manifest, out)


def _fetched(folder: Path, end: date, progress: Progress) -> tuple[str, ...]:
    done = fetching.update(folder, end, progress=progress)
    if done.missing:
        raise RollsightError(
            f"{folder}: {done.missing[0]} ({len(done.missing)} missing in all): what is decided "
            "without them would stand; call again to ask for them, or leave --fetch out"
        )
    return done.remarks


def _folds_of(before: Result, ready: Prepared, out: Path) -> list[FittedFold]:
    """Return the run's windows on the data of now; only what does not stand is scored again."""
    windows = ready.windows[: len(before.windows)]
    unchanged = standing(ready, before.spec, before.manifest, windows)
    net, found = net_returns(ready), []
    for window, stands in zip(windows, unchanged, strict=True):
        model = read_model(out, before.manifest, window.number)
        if stands:
            row = before.windows.iloc[window.number]
            signals, seeds = (
                table[table["window"] == window.number] for table in (before.signals, before.seeds)
            )
            found.append(stored_fold(row, signals, seeds, model, ready, window, before.spec))
        else:
            found.append(fitted_fold(model, ready.samples, net, window, before.spec))
    return found


def _require_unchanged(
    before: Result, ready: Prepared, folds: Sequence[FittedFold], out: Path
) -> None:
    """Raise where what was decided, trained or traded before would be otherwise now."""
    change = first_rewritten(before, ready, folds)
    if change is not None:
        here = before.manifest.get("chain_digest") == run_digest(before.spec)
        other = "" if here else ", or by another version of rollsight or of your own code"
        raise RollsightError(
            f"{out} cannot be extended, its past was rewritten in {before.spec.market.folder} (a "
            f"correction, a split, a value that came late){other}: "
            f"{change}; run into a new folder with rollsight run {out / 'run.toml'} --out FOLDER"
        )


def _newest(result: Result, ready: Prepared) -> tuple[pd.DataFrame | None, int]:
    """Return the buy signals of the newest session, and how many positions are held at its end."""
    held = set(result.trades.loc[result.trades["exit_reason"] == "end", "code"])
    now = result.signals[result.signals["decided_at"] == pd.Timestamp(ready.market.sessions[-1])]
    if now.empty:
        return None, len(held)
    buys = now[now["buy"]].sort_values(["score", "code"], ascending=[False, True])
    names = [ready.market.names.get(c, c) for c in buys["code"]]
    named = buys.assign(name=names, held=buys["code"].isin(held)).reset_index(drop=True)
    return named[["code", "name", "p_up", "score", "threshold", "held"]], len(held)
