"""What the report holds of every trade: its numbers, the price that it saw, and its map."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.directory.result import Result
from rollsight.signals.inputs.datebands import by_date
from rollsight.signals.inputs.labels import bands
from rollsight.signals.spec import LabelSpec
from rollsight.training.spec import Measure

BEFORE, AFTER = 40, 5  # sessions of the price path before the decision and after the exit
MOST_MAPS = 2_000  # trades whose map is kept: a page has to stay under some megabytes
DRAWN = 4  # largest winners, and as many largest losers, whose maps stand open on the page
TRADED = [
    "trade", "code", "name", "window", "decided_at", "entry_at", "exit_at", "entry_price",
    "exit_price", "shares", "gross_return", "net_return", "profit", "commission", "tax", "slippage",
    "exit_reason", "outcome", "label_return",
]  # fmt: skip
SIGNALLED = ["p_down", "p_hold", "p_up", "score", "threshold"]
DAYS = ["decided_at", "entry_at", "exit_at"]
Numbers = tuple[float | None, ...]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TradeColumns:
    """The trades by column; prices and money in quote currency, returns and bands fractions.

    Attributes
    ----------
    decided_at, entry_at, exit_at
        days
    gross_return, net_return
        before costs, and after them
    profit
        after the costs beside it
    outcome, label_return
        None where the label is not known
    score, threshold
        of the window's rule, in the unit of the score
    """

    trade: tuple[int, ...]
    code: tuple[str, ...]
    name: tuple[str, ...]
    window: tuple[int, ...]
    decided_at: tuple[str, ...]
    entry_at: tuple[str, ...]
    exit_at: tuple[str, ...]
    entry_price: Numbers
    exit_price: Numbers
    shares: tuple[int, ...]
    gross_return: Numbers
    net_return: tuple[float, ...]
    profit: Numbers
    commission: Numbers
    tax: Numbers
    slippage: Numbers
    exit_reason: tuple[str, ...]
    outcome: tuple[str | None, ...]
    label_return: Numbers
    p_down: Numbers
    p_hold: Numbers
    p_up: Numbers
    score: Numbers
    threshold: Numbers
    band_down: Numbers
    band_up: Numbers


@dataclass(frozen=True)
class TradePaths:
    """Closes around each trade: ``top`` times a number over 65,535, where 0 is no price.

    Attributes
    ----------
    sessions
        all days of the run's closes
    from_
        of each trade the first of its sessions, by number
    top
        of each trade its highest close, quote currency
    close
        of each trade the numbers, two little-endian bytes a session, base64
    """

    sessions: tuple[str, ...]
    from_: tuple[int, ...]
    top: tuple[float, ...]
    close: tuple[str, ...]


@dataclass(frozen=True)
class TradeMaps:
    """Contributions of each input to a trade: ``scale`` times a signed byte.

    Attributes
    ----------
    trade
        those whose map is kept
    channels
        names of the inputs
    contribution
        of each the bytes, channel by channel, lag 0 first, base64
    """

    trade: tuple[int, ...]
    channels: tuple[str, ...]
    lags: int
    scale: tuple[float, ...]
    contribution: tuple[str, ...]


@dataclass(frozen=True)
class TradeFacts:
    """What the report holds of every trade.

    Attributes
    ----------
    horizon
        of the label, sessions
    score
        what is held against the threshold
    winners, losers
        trades whose maps stand open on the page, the largest first
    """

    columns: TradeColumns
    horizon: int
    score: Measure
    winners: tuple[int, ...]
    losers: tuple[int, ...]
    paths: TradePaths
    maps: TradeMaps


def trade_facts(result: Result) -> TradeFacts:
    """Return the trades by column, with their price paths and maps as compact text."""
    trades = result.trades
    signals = result.signals.loc[trades["signal"]].reset_index(drop=True)
    label = result.spec.label
    table = pd.concat([trades[TRADED].reset_index(drop=True), signals[SIGNALLED]], axis=1)
    down, up = _bands(signals, label)
    table = table.assign(band_down=down, band_up=up)
    for day in DAYS:
        table[day] = [f"{own:%Y-%m-%d}" for own in table[day]]
    best = trades.sort_values("net_return", ascending=False, kind="stable")
    return TradeFacts(
        columns=TradeColumns(**{str(name): tuple(table[name].tolist()) for name in table}),
        horizon=label.horizon,
        score=result.spec.threshold.measure,
        winners=tuple(best[best["net_return"] > 0].head(DRAWN)["trade"].tolist()),
        losers=tuple(best[best["net_return"] <= 0].tail(DRAWN)["trade"][::-1].tolist()),
        paths=_paths(trades, result.closes),
        maps=_maps(result, mapped_trades(trades, MOST_MAPS)),
    )


def _bands(signals: pd.DataFrame, label: LabelSpec) -> tuple[Float64, Float64]:
    if by_date(label):
        return signals["band_down"].to_numpy(), signals["band_up"].to_numpy()
    return bands(label, signals["volatility"].to_numpy())


def mapped_trades(trades: pd.DataFrame, most: int) -> list[int]:
    """Return which trades keep their map: all, or the extremes and an even sample of the rest."""
    best = trades.sort_values("net_return", ascending=False, kind="stable")["trade"].to_numpy()
    if len(best) > most:
        ends = most // 4
        rest = best[ends:-ends]
        even = rest[np.linspace(0, len(rest) - 1, most - 2 * ends).round().astype(int)]
        best = np.concatenate([best[:ends], even, best[-ends:]])
    return sorted(int(trade) for trade in best)


def decoded_map(maps: TradeMaps, trade: int) -> npt.NDArray[np.float64]:
    """Return (channels, lags): a trade's contributions as the page shows them, lag 0 first."""
    at = maps.trade.index(trade)
    cells = np.frombuffer(base64.b64decode(maps.contribution[at]), dtype=np.int8)
    return cells.reshape(-1, maps.lags).astype(np.float64) * maps.scale[at]


def _paths(trades: pd.DataFrame, closes: pd.DataFrame) -> TradePaths:
    stock, codes = pd.factorize(closes["code"])
    day, days = pd.factorize(closes["date"], sort=True)
    wide = np.zeros((len(codes), len(days)))
    wide[stock, day] = np.nan_to_num(closes["close"].to_numpy())
    sessions = pd.DatetimeIndex(days)
    begin = np.maximum(sessions.searchsorted(trades["decided_at"]) - BEFORE, 0)
    end = sessions.searchsorted(trades["exit_at"]) + 1 + AFTER
    tops, texts = [], []
    for own, start, stop in zip(
        codes.get_indexer(pd.Index(trades["code"])), begin, end, strict=True
    ):
        path = wide[own, start:stop]
        top = float(path.max(initial=0.0))
        tops.append(top)
        texts.append(_text((path / (top or 1.0) * 65_535).round().astype("<u2")))
    return TradePaths(
        sessions=tuple(sessions.strftime("%Y-%m-%d")),
        from_=tuple(begin.tolist()),
        top=tuple(tops),
        close=tuple(texts),
    )


def _maps(result: Result, kept: list[int]) -> TradeMaps:
    table = result.attribution
    table = table[table["trade"].isin(kept)]
    channels = [c["name"] for c in result.manifest["channels"]]
    lags = int(table["lag"].max()) + 1 if len(table) else 1
    cube = np.zeros((len(kept), len(channels), lags))
    channel = pd.Index(channels).get_indexer(table["channel"].astype(str))
    cube[np.searchsorted(kept, table["trade"]), channel, table["lag"]] = table["contribution"]
    scale = np.abs(cube).max(axis=(1, 2)) / 127
    cells = cube / np.where(scale > 0, scale, 1)[:, None, None]
    return TradeMaps(
        trade=tuple(kept),
        channels=tuple(channels),
        lags=lags,
        scale=tuple(scale.tolist()),
        contribution=tuple(_text(grid.round().astype(np.int8)) for grid in cells),
    )


def _text(cells: npt.NDArray[Any]) -> str:
    return base64.b64encode(cells.tobytes()).decode("ascii")
