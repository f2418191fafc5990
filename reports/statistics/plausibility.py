"""Checks that look at results: what no honest run would show."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from rollsight.backtests.audit.causality import Subject
from rollsight.backtests.chain.fold import FittedFold, run_fold
from rollsight.backtests.chain.signals import net_returns, signal_table, trade_signals
from rollsight.backtests.workers.executors import Executor
from rollsight.backtests.workers.results import SERIAL, results
from rollsight.base.resampling import mean_estimate
from rollsight.reports.statistics.baserates import with_base_rates
from rollsight.signals.inputs.labels import NO_LABEL, Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.store import NOWHERE
from rollsight.training.fitting.windows import Window, known_rows

LEVEL = 0.99
PLACEBO_WINDOWS = 10
DELAYS = (0, 1, 2, 3)


@dataclass(frozen=True)
class Edge:
    """What buys showed beyond chance.

    Attributes
    ----------
    value
        mean, a share or nats
    low, high
        bounds of the 99 % interval, None where too few dates give one
    """

    value: float
    low: float | None
    high: float | None

    @property
    def real(self) -> bool:
        """The whole interval lies above zero."""
        return self.low is not None and self.low > 0


def placebo(subject: Subject, seed: int, running: Executor = SERIAL) -> tuple[Edge, Edge]:
    """Return log-loss gain and precision edge of models that learnt shuffled labels.

    The labels of train and validation are shuffled by date, and within each date by stock; those
    of the test spans are not. Each window is trained from scratch: a network before it would have
    learnt the true labels.
    """
    every = subject.folds
    chosen = [every[i] for i in np.unique(
        np.linspace(0, len(every) - 1, min(PLACEBO_WINDOWS, len(every))).round().astype(int)
    )]  # fmt: skip
    tasks = (
        partial(_placebo_fold, subject, fold.window, seed + n) for n, fold in enumerate(chosen)
    )
    folds = list(results(running, tasks))
    signals = with_base_rates(signal_table(subject.ready, folds))
    frequencies = {f.window.number: f.model.frequencies for f in folds}
    span = subject.spec.label.horizon + 1
    return (
        _edge(signals, _gain(signals, frequencies), span),
        _edge(signals, _lift(signals), span),
    )


def shuffled(
    samples: SampleSet, net_return: np.ndarray, window: Window, rng: np.random.Generator
) -> tuple[SampleSet, np.ndarray]:
    """Return samples and net returns whose known train and validation labels changed rows.

    All labels of a date go to another date together, so that they agree as much as before. There
    each goes to another stock: a stock is as volatile on one date as on another, and would hold as
    often.
    """
    labels = samples.labels
    label, known, net = labels.label.copy(), labels.settled_at.copy(), net_return.copy()
    for span, before in (
        (window.train, window.validation.start),
        (window.validation, window.test.start),
    ):
        days = slice(span.start, span.stop)
        order = rng.permutation(len(span))
        own = known_rows(samples, span, before)
        both = own & own[:, order]
        for day, came in zip(range(span.start, span.stop), order, strict=True):
            rows = np.flatnonzero(both[:, day - span.start])
            of = rng.permutation(rows), came + span.start
            for new, old in ((label, labels.label), (net, net_return)):
                new[rows, day] = old[of]
        label[:, days] = np.where(both, label[:, days], NO_LABEL)
        net[:, days] = np.where(both, net[:, days], np.nan)
        known[:, days] = np.where(both, known[:, days], -1)
    return replace(samples, labels=replace(labels, label=label, settled_at=known)), net


def delayed_buys(subject: Subject) -> tuple[list[float], Edge | None]:
    """Return the mean gross return of the buys when filled 0 to 3 sessions later, and the loss.

    Every trade keeps its length. The second is what the first session of delay costs a buy.
    """
    returns, signals = subject.ready.samples.labels.label_return, subject.signals
    bought = signals[signals["buy"]]
    stock, day = bought["stock"].to_numpy(), bought["day"].to_numpy()
    late = np.stack([_shifted(returns, stock, day, delay) for delay in DELAYS])
    whole = np.isfinite(late).all(axis=0)
    if not whole.any():
        return [], None
    lost = pd.Series(late[0] - late[1], bought.index)[whole]
    return (
        [float(one[whole].mean()) for one in late],
        _edge(signals, lost, subject.spec.label.horizon + 1),
    )


def delayed_money(subject: Subject) -> list[float]:
    """Return what the strategy makes after costs when every fill is 0 to 3 sessions later."""
    ready, signals, made = subject.ready, subject.signals, []
    ends = ready.market.endings.session[signals["stock"]]
    stop = np.where(ends < 0, len(ready.market.sessions), ends)  # a stock that has ended is gone
    for delay in DELAYS:
        late = signals.assign(day=signals["day"] + delay)[signals["day"] + delay < stop]
        equity = trade_signals(ready, subject.spec, late).equity["equity"]
        made.append(float(equity.iloc[-1] / equity.iloc[0] - 1))
    return made


def fills(subject: Subject) -> list[str]:
    """Return each filled order or trade that is not the one that its label stands for."""
    market, traded = subject.ready.market, subject.traded
    orders = traded.orders[traded.orders["filled_at"].notna()]
    sessions = market.sessions.astype("datetime64[ms]")
    place = {code: i for i, code in enumerate(market.codes)}
    stock = orders["code"].map(place).to_numpy(dtype=np.int64)
    day = sessions.searchsorted(orders["filled_at"].to_numpy().astype("datetime64[ms]"))
    decided = sessions.searchsorted(orders["submitted_at"].to_numpy().astype("datetime64[ms]"))
    buy = (orders["side"] == "buy").to_numpy()
    ends = day == market.endings.session[stock]
    open_or_end = np.where(ends, market.endings.value[stock], market.open[stock, day])
    # A delisting is sold in the session in which it is known.
    wrong = np.where(buy, day != decided + 1, day < np.where(ends, decided, decided + 1))
    wrong |= ~np.where(buy, market.buyable[stock, day], market.sellable[stock, day] | ends)
    wrong |= orders["price"].to_numpy() != open_or_end
    said = [
        f"{o['code']} on {o['filled_at']:%Y-%m-%d}: the {o['side']} did not fill at the open after "
        "its decision"
        for o in orders[wrong].to_dict("records")
    ]
    trades = traded.trades
    plan = subject.spec.strategy
    # Another rule may hold on until a delisting of which the label knows nothing.
    ended = ["horizon", "delisted"] if plan.rule == "hold" else ["horizon"]
    held = trades[trades["exit_reason"].isin(ended) & trades["label_return"].notna()]
    # An extended holding is longer than its label's trade; one sold in parts has several prices.
    if not plan.extend and plan.participation is None:
        off = held[held["gross_return"] != held["label_return"]]
        said += [
            f"{t['code']} on {t['entry_at']:%Y-%m-%d}: held to its end it made "
            f"{t['gross_return']:.6f}, its label {t['label_return']:.6f}"
            for t in off.to_dict("records")
        ]
    return said


def _placebo_fold(subject: Subject, window: Window, seed: int) -> FittedFold:
    rng = np.random.default_rng(seed)
    net = net_returns(subject.ready)
    samples, net = shuffled(subject.ready.samples, net, window, rng)
    return run_fold(samples, net, window, subject.spec, NOWHERE)


def _gain(signals: pd.DataFrame, frequencies: dict[int, tuple[float, float, float]]) -> pd.Series:
    known = signals[signals["plain_label"] >= 0]
    label = known["plain_label"].to_numpy()
    each = np.arange(len(known))
    own = known[["p_down", "p_hold", "p_up"]].to_numpy()[each, label]
    constant = np.array([frequencies[w] for w in known["window"]])[each, label]
    return pd.Series(np.log(np.maximum(own, 1e-12)) - np.log(np.maximum(constant, 1e-12)),
                     known.index)  # fmt: skip


def _lift(signals: pd.DataFrame) -> pd.Series:
    bought = signals[signals["buy"] & (signals["plain_label"] >= 0)]
    return ((bought["plain_label"] == Label.UP) - bought["up_of_alike"]).dropna()


def _edge(signals: pd.DataFrame, values: pd.Series, span: int) -> Edge:
    at = pd.Series(pd.factorize(signals["decided_at"], sort=True)[0], signals.index)
    found = mean_estimate(
        values.to_numpy(float), at[values.index].to_numpy(), span=span, level=LEVEL
    )
    return Edge(found.value or 0.0, found.low, found.high)


def _shifted(returns: np.ndarray, stock: np.ndarray, day: np.ndarray, delay: int) -> np.ndarray:
    inside = day + delay < returns.shape[1]
    at = np.minimum(day + delay, returns.shape[1] - 1)
    return np.where(inside, returns[stock, at], np.nan)
