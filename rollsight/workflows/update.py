"""A finished run, extended with the sessions that arrived since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.backtests.account.backtest import Traded
from rollsight.backtests.chain.fold import decided
from rollsight.backtests.chain.forecasts import forecast
from rollsight.backtests.chain.networks import keys
from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.chain.signals import net_returns, signal_table, trade_signals
from rollsight.backtests.directory.claims import claim
from rollsight.backtests.directory.result import (
    Result,
    read_manifest,
    read_result,
    require_same_code,
)
from rollsight.base.errors import RollsightError
from rollsight.base.progress import Progress, Stopwatch, silent
from rollsight.reports.page.language import Lang
from rollsight.signals.vendors import fetch as fetching
from rollsight.training.fitting.paths import network_path
from rollsight.training.fitting.store import load_model
from rollsight.training.models.model import FittedModel, joined
from rollsight.workflows.run import Run, run_prepared

ROW = ["decided_at", "code"]
DECIDED = ["window", "p_down", "p_hold", "p_up", "score", "threshold", "buy"]
SETTLED = ["label", "label_return"]  # may come, but not change
ASKED = ["code", "submitted_at", "side", "shares"]  # of an order
FILLED = ["filled", "status", "filled_at", "price"]


@dataclass(frozen=True, eq=False)
class Updated:
    """What an update added.

    Attributes
    ----------
    run : the extended run; None where there was nothing new, and nothing was written
    since : the last session before
    sessions : those that were added
    trained : numbers of the windows that were added
    signals : code, name, p_up, threshold, and whether the stock is held, of the newest session's
        buys, the best first; None where nothing could be decided in that session
    positions : holdings at its close
    remarks : a line for each series whose history the vendor rewrote
    """

    run: Run | None
    since: str
    sessions: tuple[str, ...]
    trained: tuple[int, ...]
    signals: pd.DataFrame | None
    positions: int
    remarks: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(update_lines(self))


def update(
    out: str | Path,
    *,
    fetch_until: date | None = None,
    jobs: int = 1,
    page: bool = True,
    lang: Lang = "en",
    progress: Progress = silent,
) -> Updated:
    """Extend a finished run with the sessions that arrived since in its market folder.

    Windows that are due are trained as the run's ``training.mode`` says, the other networks are
    read from its directory. What was decided up to its last session stands; labels settle, the last
    day's buys fill, and open trades go on.

    Parameters
    ----------
    out : directory of a finished run
    fetch_until : session up to which the market folder is fetched first; None fetches nothing
    jobs : networks trained at the same time; results do not depend on it
    page : draw the page, with QuantStats' sheet and figures; ``rollsight report`` draws it later
    lang : language of the page
    progress : called with stage, steps done and steps in all

    Raises
    ------
    RollsightError
        If the run has not finished or has an end, or what it decided would be decided otherwise
        now; the run stays as it is then.
    """
    out = Path(out)
    before = read_result(out)
    _require_open(before, out)
    folder, since = Path(before.spec.market.folder), before.manifest["market"]["last_session"]
    remarks = () if fetch_until is None else _fetched(folder, fetch_until, progress)
    watch = Stopwatch(progress)
    watch("read the market", 0, 1)
    ready = prepare(before.spec)
    watch("read the market", 1, 1)
    sessions = tuple(str(s) for s in ready.market.sessions if str(s) > since)
    if not sessions:
        return Updated(None, since, (), (), *_newest(before, ready), remarks)
    with claim(out, before.spec) as claimed:
        if read_manifest(out) != before.manifest:
            raise RollsightError(f"{out} was written by another run meanwhile: call again")
        _require_unchanged(before, ready, out)
        finished = run_prepared(before.spec, ready, claimed, watch, jobs=jobs, page=page, lang=lang)
    trained = tuple(w.number for w in ready.windows[len(before.windows) :])
    return Updated(finished, since, sessions, trained, *_newest(finished, ready), remarks)


def update_lines(updated: Updated) -> list[str]:
    """Return what an update added as lines of text."""
    if updated.run is None:
        return [f"nothing new since {updated.since}"]
    first, last = updated.sessions[0], updated.sessions[-1]
    lines = [
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
            f"  {b['code']}  p_up {b['p_up']:.4f}  threshold {b['threshold']:.4f}  {b['name']}"
            f"{'  (held)' if b['held'] else ''}"
            for b in updated.signals.to_dict("records")
        ),
    ]


def _trained(numbers: Sequence[int]) -> str:
    if not numbers:
        return "none was due"
    named = "number" if len(numbers) == 1 else "numbers"
    return f"{len(numbers)} ({named} {', '.join(map(str, numbers))})"


def first_change(before: pd.DataFrame, after: pd.DataFrame) -> str | None:
    """Return the first row that was decided otherwise before, by date and code, or None.

    Parameters
    ----------
    before, after : signals of the same sessions; a label that is null before may be anything after
    """
    both = before.merge(
        after, on=ROW, how="outer", suffixes=("_before", "_after"), indicator="there"
    ).sort_values(ROW, ignore_index=True)
    settled = both["label_before"].notna()
    differs = pd.DataFrame(
        {c: _differs(both, c) & (settled if c in SETTLED else True) for c in DECIDED + SETTLED}
    )
    wrong = differs.any(axis=1) | (both["there"] != "both")
    if not wrong.any():
        return None
    row = both.iloc[int(wrong.argmax())]
    named = f"{row['code']} on {row['decided_at']:%Y-%m-%d}"
    if row["there"] != "both":
        gone = row["there"] == "left_only"
        return f"{named} {'is not decided on any more' if gone else 'was not decided on before'}"
    column = str(differs.columns[int(differs.iloc[int(wrong.argmax())].argmax())])
    return f"{named}: {column} was {row[f'{column}_before']}, it is {row[f'{column}_after']} now"


def _require_open(before: Result, out: Path) -> None:
    end = before.spec.market.end
    if end is not None:
        raise RollsightError(
            f"{out} ends with market.end={end}: run its spec without an end into a new folder"
        )
    require_same_code(before.manifest, out)


def _fetched(folder: Path, end: date, progress: Progress) -> tuple[str, ...]:
    done = fetching.update(folder, end, progress=progress)
    if done.missing:
        raise RollsightError(
            f"{folder}: {done.missing[0]} ({len(done.missing)} missing in all): what is decided "
            "without them would stand; call again to ask for them, or leave --fetch out"
        )
    return done.remarks


def _require_unchanged(before: Result, ready: Prepared, out: Path) -> None:
    """Raise where what was decided, trained or traded before would be otherwise now."""
    again = _decided_again(before, ready, out)
    change = (
        first_change(_decided(before.signals), _decided(again))
        or _first_network(before, ready)
        or _first_traded(before, trade_signals(ready, before.spec, again))
    )
    if change is not None:
        raise RollsightError(
            f"{out} cannot be extended, its past was rewritten in {before.spec.market.folder} (a "
            f"correction, a split, a value that came late): "
            f"{change}; run into a new folder with rollsight run {out / 'run.toml'} --out FOLDER"
        )


def _decided_again(before: Result, ready: Prepared, out: Path) -> pd.DataFrame:
    """Return what the stored networks decide on the sessions that stand, on the data of now."""
    net = net_returns(ready)
    folds = [
        decided(
            forecast(_stored(before, out, w.number), ready.samples, w),
            ready.samples,
            net,
            w,
            before.spec,
        )
        for w in ready.windows[: len(before.windows)]
    ]
    signals = signal_table(ready, folds)
    signals["code"] = np.array(ready.market.codes, dtype=object)[signals["stock"]]
    stands = signals["decided_at"] <= pd.Timestamp(before.manifest["market"]["last_session"])
    return signals[stands]


def _first_traded(before: Result, again: Traded) -> str | None:
    """Return where orders or the account up to the last session before would be others now."""
    order, other = before.orders, again.orders.reindex(before.orders.index)
    ended = (order["status"] != "waiting").to_numpy()
    for columns, rows in ((ASKED, np.ones_like(ended)), (FILLED, ended)):
        one, two = order[columns][rows], other[columns][rows]
        differs = ~((one == two) | (one.isna() & two.isna())).all(axis=1)
        if differs.any():
            row = order[rows].iloc[int(differs.argmax())]
            return (
                f"the {row['side']} of {row['code']} submitted on {row['submitted_at']:%Y-%m-%d} "
                "would be another"
            )
    money = ["equity", "cash"]
    account, now = before.equity, again.equity[: len(before.equity)]
    differs = (account[money] != now[money]).any(axis=1)
    if not differs.any():
        return None
    at = int(differs.argmax())
    return (
        f"the account was worth {account['equity'].iloc[at]:,.2f} on "
        f"{account['date'].iloc[at]:%Y-%m-%d}, it is worth {now['equity'].iloc[at]:,.2f} now"
    )


def _first_network(before: Result, ready: Prepared) -> str | None:
    """Return which stored network would be another on the data of now."""
    windows = ready.windows[: len(before.windows)]
    now = [keys(ready.samples, windows, before.spec, seed) for seed in before.manifest["seeds"]]
    for number, stored in enumerate(before.manifest["model_keys"]):
        if stored != [of[number] for of in now]:
            spans = before.windows.iloc[number]
            return (
                f"what window {number} was fitted on, {spans['train_start']:%Y-%m-%d} to "
                f"{spans['test_start']:%Y-%m-%d}, has changed: its key was {stored[0][:12]}, it "
                f"is {now[0][number][:12]} now"
            )
    return None


def _stored(before: Result, out: Path, number: int) -> FittedModel:
    seeds = before.manifest["seeds"]
    return joined([load_model(network_path(out / "models", number, seed)) for seed in seeds])


def _decided(signals: pd.DataFrame) -> pd.DataFrame:
    return signals[[*ROW, *DECIDED, *SETTLED]]


def _differs(both: pd.DataFrame, column: str) -> pd.Series:
    one, other = (
        both[f"{column}_{side}"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        for side in ("before", "after")
    )
    return pd.Series(~((one == other) | (np.isnan(one) & np.isnan(other))))


def _newest(result: Result, ready: Prepared) -> tuple[pd.DataFrame | None, int]:
    """Return the buy signals of the newest session, and how many positions are held at its end."""
    held = set(result.trades.loc[result.trades["exit_reason"] == "end", "code"])
    now = result.signals[result.signals["decided_at"] == pd.Timestamp(ready.market.sessions[-1])]
    if now.empty:
        return None, len(held)
    buys = now[now["buy"]].sort_values(["score", "code"], ascending=[False, True])
    names = [ready.market.names.get(c, c) for c in buys["code"]]
    named = buys.assign(name=names, held=buys["code"].isin(held)).reset_index(drop=True)
    return named[["code", "name", "p_up", "threshold", "held"]], len(held)
