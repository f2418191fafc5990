"""What the report holds of every trade: its numbers, the price that it saw, and its map."""

import base64
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.directory.result import Result
from rollsight.signals.inputs.labels import bands

BEFORE, AFTER = 40, 5  # sessions of the price path before the decision and after the exit
MOST_MAPS = 2_000  # trades whose map is kept: a page has to stay under some megabytes
DRAWN = 4  # largest winners, and as many largest losers, whose maps stand open on the page
TRADED = [
    "trade", "code", "name", "window", "decided_at", "entry_at", "exit_at", "entry_price",
    "exit_price", "shares", "gross_return", "net_return", "profit", "commission", "tax", "slippage",
    "exit_reason", "outcome", "label_return",
]  # fmt: skip
SIGNALLED = ["p_down", "p_hold", "p_up", "score", "threshold", "volatility"]


def trade_facts(result: Result) -> dict[str, Any]:
    """Return the trades by column, with their price paths and maps as compact text.

    A path's close is ``top`` times its number over 65,535 (0: no price), two little-endian bytes a
    session from ``sessions[from]`` on. A map's contribution is ``scale`` times its signed byte,
    channel by channel, lag 0 first. Both are base64.
    """
    trades = result.trades
    signals = result.signals.loc[trades["signal"], SIGNALLED].reset_index(drop=True)
    label = result.spec.label
    table = pd.concat([trades[TRADED].reset_index(drop=True), signals], axis=1)
    down, up = bands(label, table.pop("volatility").to_numpy())
    table = table.assign(band_down=down, band_up=up)
    best = trades.sort_values("net_return", ascending=False, kind="stable")
    return {
        "columns": {name: table[name].tolist() for name in table},
        "horizon": label.horizon,
        "score": result.spec.threshold.score,
        "winners": best[best["net_return"] > 0].head(DRAWN)["trade"].tolist(),
        "losers": best[best["net_return"] <= 0].tail(DRAWN)["trade"][::-1].tolist(),
        "paths": _paths(trades, result.closes),
        "maps": _maps(result, mapped_trades(trades, MOST_MAPS)),
    }


def mapped_trades(trades: pd.DataFrame, most: int) -> list[int]:
    """Return which trades keep their map: all, or the extremes and an even sample of the rest."""
    best = trades.sort_values("net_return", ascending=False, kind="stable")["trade"].to_numpy()
    if len(best) > most:
        ends = most // 4
        rest = best[ends:-ends]
        even = rest[np.linspace(0, len(rest) - 1, most - 2 * ends).round().astype(int)]
        best = np.concatenate([best[:ends], even, best[-ends:]])
    return sorted(int(trade) for trade in best)


def decoded_map(maps: dict[str, Any], trade: int) -> npt.NDArray[np.float64]:
    """Return (channels, lags): a trade's contributions as the page shows them, lag 0 first."""
    at = maps["trade"].index(trade)
    cells = np.frombuffer(base64.b64decode(maps["contribution"][at]), dtype=np.int8)
    grid: npt.NDArray[np.float64] = cells.reshape(-1, maps["lags"]) * maps["scale"][at]
    return grid


def _paths(trades: pd.DataFrame, closes: pd.DataFrame) -> dict[str, Any]:
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
    return {
        "sessions": sessions.strftime("%Y-%m-%d").tolist(),
        "from": begin.tolist(),
        "top": tops,
        "close": texts,
    }


def _maps(result: Result, kept: list[int]) -> dict[str, Any]:
    table = result.attribution
    table = table[table["trade"].isin(kept)]
    channels = [c["name"] for c in result.manifest["channels"]]
    lags = int(table["lag"].max()) + 1 if len(table) else 1
    cube = np.zeros((len(kept), len(channels), lags))
    channel = pd.Index(channels).get_indexer(table["channel"].astype(str))
    cube[np.searchsorted(kept, table["trade"]), channel, table["lag"]] = table["contribution"]
    scale = np.abs(cube).max(axis=(1, 2)) / 127
    cells = cube / np.where(scale > 0, scale, 1)[:, None, None]
    return {
        "trade": kept,
        "channels": channels,
        "lags": lags,
        "scale": scale.tolist(),
        "contribution": [_text(grid.round().astype(np.int8)) for grid in cells],
    }


def _text(cells: npt.NDArray[Any]) -> str:
    return base64.b64encode(cells.tobytes()).decode("ascii")
