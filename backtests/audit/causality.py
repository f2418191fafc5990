"""Nothing that a run uses may depend on what comes later: the checks that try to prove it wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from rollsight.backtests.account.backtest import Traded
from rollsight.backtests.account.standing import Standing, account_at
from rollsight.backtests.audit.differences import Fault, differences, offset
from rollsight.backtests.audit.parts import part_of
from rollsight.backtests.chain.fold import FittedFold, Fold, decided
from rollsight.backtests.chain.forecasts import forecast
from rollsight.backtests.chain.networks import keys, lineage, networks
from rollsight.backtests.chain.prepared import Prepared, prepare_samples
from rollsight.backtests.chain.signals import (
    FORECASTS,
    OUTLIERS,
    for_account,
    net_returns,
    signal_table,
)
from rollsight.backtests.spec import RunSpec
from rollsight.base.progress import silent
from rollsight.signals.folder.reading import Folder
from rollsight.signals.prices.edits import another_future, begun, ended, unbroken
from rollsight.signals.prices.market import align
from rollsight.training.deciding.inference import predict
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.store import NOWHERE, model_digest
from rollsight.training.fitting.windows import Span

PROBED = 64  # rows whose probabilities are compared in one trial
SIGNAL_COLUMNS = ("window", "p_down", "p_hold", "p_up", "score", "threshold", "buy", "volatility")
PLANNED = ("submitted_at", "code", "side", "shares")


@dataclass(frozen=True, eq=False)
class Subject:
    """A run under audit.

    Attributes
    ----------
    folder
        the market's tables as they were read
    ready, folds, signals, traded
        what the run made of them
    """

    spec: RunSpec
    folder: Folder
    ready: Prepared
    folds: Sequence[FittedFold]
    signals: pd.DataFrame
    traded: Traded


def future_edit(subject: Subject, seed: int) -> list[Fault]:
    """Return what changes at or before a random test session when only the later is edited."""
    rng = np.random.default_rng(seed)
    fold = subject.folds[int(rng.integers(len(subject.folds)))]
    return _edited(subject, fold, fold.model.keys[0], rng)


def future_edits(subject: Subject, seed: int, times: int) -> list[Fault]:
    """Return what `future_edit` finds on a part of a market, in so many futures.

    The part is some of the stocks that a random window decides on, from before what it is fitted on
    until a while after it.
    """
    rng = np.random.default_rng(seed)
    fold = subject.folds[int(rng.integers(len(subject.folds)))]
    windows = lineage(subject.ready.windows, fold.window.number, subject.spec.training)
    began = max(windows[0].train.start - _lead(subject), 0)
    folder = part_of(subject.folder, subject.ready, fold.window, rng, first=began)
    moved = tuple(window.earlier(began) for window in subject.ready.windows)
    base = replace(_again(subject, folder), windows=moved)
    part = replace(subject, folder=folder, ready=base)
    fold = replace(fold, window=fold.window.earlier(began))
    key = _key(part, base, fold)
    return [fault for _ in range(times) for fault in _edited(part, fold, key, rng)]


def retrained(subject: Subject, number: int, seed: int, another: bool) -> list[Fault]:
    """Return whether a window trained anew is another model, on another future or else on none.

    Where networks start from those before, all windows up to it are trained anew.
    """
    fold = subject.folds[number]
    before, market, spec = fold.window.test.start - 1, subject.ready.market, subject.spec
    windows = lineage(subject.ready.windows, fold.window.number, subject.spec.training)
    if another:
        future = another_future(subject.folder, market, before, np.random.default_rng(seed))
    elif market.has_bar[:, before].any():
        future = ended(subject.folder, market, before)
    else:  # the data would end before their last session
        return []
    samples = _again(subject, future).samples
    *_, (model, _) = networks(samples, windows, spec, store=NOWHERE, progress=silent)
    if model_digest(model) == model_digest(fold.model):
        return []
    what = f"with {'another future' if another else 'none'} its model differs"
    return [_fault(subject, f"window {number}", before, what)]


def truncated(subject: Subject, day: int) -> list[Fault]:
    """Return what differs up to a session when the data ends with it.

    That is inputs, signals, the account's orders, those for the next open among them, and equity.
    """
    other = _again(subject, ended(subject.folder, subject.ready.market, day))
    found = list(differences(subject.ready, other, 0, day + 1))
    if found:
        return found
    other = replace(other, windows=subject.ready.windows)
    signals = signal_table(other, _scored(subject, other, day))
    found = _signals(subject, other, signals, day)
    if found:
        return found
    account = _account(subject.spec, other, signals, day)
    return _orders(subject, account, day) or _equity(subject, account, day)


def warmed_up(subject: Subject, day: int) -> list[Fault]:
    """Return which inputs and outputs a history before a session changes, once it has warmed up.

    A row that only the longer history allows, such as the first after a long halt, is no fault.
    Stocks that are silent at the beginning are left out of both histories: others are ranked among
    them in the longer one alone.
    """
    spec, market = subject.spec, subject.ready.market
    folder = unbroken(subject.folder, market, day, day + spec.features.max_staleness + 1)
    if folder is not subject.folder:
        subject = replace(subject, ready=_again(subject, folder))
    other = _again(subject, begun(folder, market, day))
    first, stop = day + _lead(subject), len(market.sessions)
    found = list(differences(subject.ready, other, first, stop, longer=True))
    last = subject.folds[-1]
    if not found and last.window.test.start >= first:
        rng = np.random.default_rng(day)
        found = _outputs(subject, other, last, last.window.test.stop - 1, rng)
    return found


def _edited(subject: Subject, fold: FittedFold, key: str, rng: np.random.Generator) -> list[Fault]:
    """Return what another future changes; ``key`` is that of what the window was fitted on."""
    day = int(rng.integers(fold.window.test.start - 1, fold.window.test.stop))
    other = _again(subject, another_future(subject.folder, subject.ready.market, day, rng))
    found = list(differences(subject.ready, other, 0, day + 1))
    if found or _key(subject, other, fold) == key:
        return found or _outputs(subject, other, fold, day, rng)
    return [_fault(subject, f"window {fold.window.number}", day, "its key changes")]


def _key(subject: Subject, ready: Prepared, fold: FittedFold) -> str:
    windows = lineage(subject.ready.windows, fold.window.number, subject.spec.training)
    return keys(ready.samples, windows, subject.spec, subject.spec.training.network_seeds[0])[-1]


def _lead(subject: Subject) -> int:
    """Return how many sessions a history needs before its rows are those of a longer one."""
    features, universe = subject.spec.features, subject.spec.universe
    lead = features.lookback + features.max_staleness + subject.ready.samples.warm_up
    return max(lead, universe.value_days + 1)


def _again(subject: Subject, folder: Folder) -> Prepared:
    spec = subject.spec
    # A stock may have too few rows left, and an edit leap, which says nothing against the data.
    asked = spec.market.model_copy(update={"short_stocks": "drop", "impossible": "note"})
    return prepare_samples(spec, align(folder, asked, fewest_rows=spec.features.lookback + 1))


def _scored(subject: Subject, other: Prepared, day: int) -> Iterator[Fold]:
    """Yield the windows that were in use by a session, their thresholds tuned anew."""
    net = net_returns(other)
    for fold in subject.folds:
        test = fold.window.test
        if test.start <= day:
            cut = replace(fold.window, test=Span(test.start, min(test.stop, day + 1)))
            shrink = subject.spec.training.shrink
            found = forecast(fold.model, other.samples, cut, shrink=shrink)
            yield decided(found, other.samples, net, cut, subject.spec)


def _signals(subject: Subject, other: Prepared, signals: pd.DataFrame, day: int) -> list[Fault]:
    """Return where the signals decided up to a session differ."""
    before = subject.signals[subject.signals["day"] <= day]
    one = before.assign(code=np.array(subject.ready.market.codes)[before["stock"]])
    two = signals.assign(code=np.array(other.market.codes)[signals["stock"]])
    if len(one) != len(two) or (one[["day", "code"]].values != two[["day", "code"]].values).any():
        return [_fault(subject, "the signals", day, "others are decided")]
    for column in (*SIGNAL_COLUMNS, *(name for name in (*FORECASTS, *OUTLIERS) if name in one)):
        a, b = (t[column].to_numpy(dtype=np.float64) for t in (one, two))
        differs = ~((a == b) | (np.isnan(a) & np.isnan(b)))
        if differs.any():
            row = one.iloc[int(differs.argmax())]
            return [_fault(subject, str(row["code"]), int(row["day"]), f"its {column} changes")]
    return []


def _account(spec: RunSpec, other: Prepared, signals: pd.DataFrame, day: int) -> Standing:
    """Return the account of a history that ends with a session, as it stands at its close."""
    return account_at(
        other.market,
        for_account(other, spec.strategy, signals),
        first=other.windows[0].test.start,
        last=day,
        horizon=spec.label.horizon,
        spec=spec.strategy,
        costs=other.costs,
    )


def _orders(subject: Subject, account: Standing, day: int) -> list[Fault]:
    """Return the first order planned up to a session that differs, or why none was."""
    sessions = subject.ready.market.sessions
    until = sessions[min(day, len(sessions) - 2)]  # in its last session a backtest orders nothing
    one, two = (
        orders.loc[orders["submitted_at"] <= until, list(PLANNED)]
        # What becomes of an order that is placed is known only later.
        .assign(reason=orders["reason"].where(orders["shares"] == 0, ""))
        for orders in (subject.traded.orders, account.orders)
    )
    both = one.merge(two, how="outer", on=list(one), indicator="of")
    differs = both[both["of"] != "both"]  # in order of session and code
    if differs.empty:
        return []
    first = differs.iloc[0]
    what = f"its order to {first['side']} changes"
    return [Fault(str(first["code"]), f"{first['submitted_at']:%Y-%m-%d}", what)]


def _equity(subject: Subject, account: Standing, day: int) -> list[Fault]:
    """Return the first session up to a given one at whose close the equity differs."""
    until = subject.ready.market.sessions[day]
    equity = subject.traded.equity
    one = equity.loc[equity["date"] <= until, ["equity", "cash"]].to_numpy()
    two = np.column_stack([account.equity, account.cash])
    # Positions are summed in the order of the feeds, of which there are fewer.
    differs = ~np.isclose(one, two, rtol=1e-9, atol=0).all(axis=1)
    if not differs.any():
        return []
    first = subject.ready.windows[0].test.start
    return [_fault(subject, "the equity", first + int(differs.argmax()), "it changes")]


def _outputs(
    subject: Subject,
    other: Prepared,
    fold: FittedFold,
    day: int,
    rng: np.random.Generator,
) -> list[Fault]:
    """Return whether what a window's stored model says differs."""
    base = subject.ready
    began = offset(base, other)
    place = {code: i for i, code in enumerate(other.market.codes)}
    span = slice(max(day - fold.window.test.stop + fold.window.test.start, 0), day + 1)
    stock, at = np.nonzero(base.samples.usable[:, span])
    kept = np.array([base.market.codes[s] in place for s in stock], dtype=bool)
    stock, at = stock[kept], at[kept] + span.start
    chosen = rng.permutation(len(stock))[:PROBED]
    stock, at = stock[chosen], at[chosen]
    moved = np.array([place[base.market.codes[s]] for s in stock], dtype=np.int64)
    there = other.samples.usable[moved, at - began]
    one = predict(fold.model, base.samples, Rows(stock, at))
    two = predict(fold.model, other.samples, Rows(moved, at - began))
    differs = (one != two).any(axis=1) & there
    return [
        _fault(subject, base.market.codes[s], d, "its probabilities change")
        for s, d in zip(stock[differs], at[differs], strict=True)
    ]


def _fault(subject: Subject, series: str, day: int, what: str) -> Fault:
    return Fault(series, str(subject.ready.market.sessions[day]), what)
