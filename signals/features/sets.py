"""Sets of features, each named by one word, and what of a set a market can be asked for."""

from collections.abc import Mapping, Sequence

from rollsight.signals.features.change import CloseChange
from rollsight.signals.features.daily import DAILY, OF_VALUE
from rollsight.signals.features.daily.bars import BARS
from rollsight.signals.features.feature import StockFeature
from rollsight.signals.features.panel import columns_of
from rollsight.signals.prices.market import Market

STOCK_SETS: Mapping[str, tuple[str, ...]] = {
    "daily": tuple(DAILY),
    "bars": ("open", "change", "high", "low", "volume", "vwap", "ticker"),
}
_FEATURES: Mapping[str, StockFeature] = {"change": CloseChange(), **DAILY, **BARS}


def expanded(names: Sequence[str], market: Market) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the stock features that names stand for, and notes on the columns they are made of.

    A set stands for its features in order, but for those whose columns the market lacks and those
    that are named by themselves as well.
    """
    have, out, notes = columns_of(market), list[str](), list[str]()
    for name in names:
        if name not in STOCK_SETS:
            out.append(name)
            continue
        others = [other for other in STOCK_SETS[name] if other not in names]
        without = [other for other in others if set(_FEATURES[other].needs) - set(have)]
        out += [other for other in others if other not in without]
        if without:
            needed = sorted({need for other in without for need in _FEATURES[other].needs})
            absent = [need for need in needed if need not in have]
            notes.append(
                f"prices has no {', '.join(absent)} beside its closes: {len(without)} features of "
                f"{name!r} left out, {', '.join(without)}"
            )
    of_value = [name for name in out if name in OF_VALUE]
    if of_value and "Amount" in have:
        notes.append(
            "Features of traded value are made of the folder's column Amount, not of close times "
            f"volume: {', '.join(of_value)}"
        )
    if "vwap" in out and not {*BARS["vwap"].gains} <= {*have}:
        notes.append(
            "prices has no Amount beside Volume: vwap is a proxy, (high + low + close) / 3"
        )
    return tuple(out), tuple(notes)
