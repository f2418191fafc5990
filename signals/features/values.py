"""The channels of a market: each feature that is asked for, computed, checked and named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError
from rollsight.base.named import find, require_name
from rollsight.signals.features import (
    CHANGE,
    INDEX_FEATURES,
    INDEX_PARTS,
    STOCK_FEATURES,
    STOCK_PARTS,
    STOCK_SETS,
)
from rollsight.signals.features.channels import Channel
from rollsight.signals.features.feature import StockFeature
from rollsight.signals.features.panel import (
    columns_of,
    day_over_day,
    index_panel,
    stock_panel,
)
from rollsight.signals.known.indices import STOCK_CHANNEL
from rollsight.signals.known.ledger import Ledger
from rollsight.signals.prices.market import Market

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MAX_CHANGE = 1e5


@dataclass(frozen=True, eq=False)
class FeatureValues:
    """What a feature says of every stock, or of every index.

    Attributes
    ----------
    channels
        the stocks' one channel, or one of each index
    numbers
        (n_stocks, n_days), or (n_days, k) of indices; NaN where unknown: not warmed up, no number,
        or made of a value that was carried too long
    warm_up
        sessions before its own that a value uses
    begins
        (n_stocks,), or (k,) of indices: the first session that may have a value
    """

    channels: tuple[Channel, ...]
    numbers: Float32
    warm_up: int
    begins: Ints

    @property
    def values(self) -> Float32:
        """The numbers, 0 where unknown."""
        return np.where(self.known, self.numbers, np.float32(0))

    @property
    def known(self) -> Flags:
        """Where there is a number."""
        return ~np.isnan(self.numbers)


def stock_values(market: Market, name: str, max_staleness: int, change: Float64) -> FeatureValues:
    """Return a stock feature's values of a market.

    Parameters
    ----------
    change
        (n_days,) the market's own, see `market_change`

    Raises
    ------
    RollsightError
        If there is no such feature, the market lacks a column that it needs, or its values cannot
        be used.
    """
    require_name("feature", name, {**STOCK_SETS, **STOCK_FEATURES})
    feature = find("feature", name, STOCK_FEATURES, STOCK_PARTS)
    about = f"feature {name!r}"
    try:
        gains = getattr(feature, "gains", ())
        more = gains if {*gains} <= {*columns_of(market)} else ()
        panel = stock_panel(market, (*feature.needs, *more), change)
    except RollsightError as error:
        raise RollsightError(f"{about}: {error}") from error
    made = computed(about, lambda: feature(panel), market.has_bar.shape, "(n_stocks, n_days)")
    if name == CHANGE:
        refuse_leaps(day_over_day(panel["Close"]), market.codes, market)
        channel = Channel(STOCK_CHANNEL, feature.unit, "The stock's own close")
    else:
        channel = channel_of(name, feature)
    begins = first_session(market.has_bar, feature)
    warm = np.arange(made.shape[1]) >= begins[:, None]
    made = np.where(warm & fresh(market.has_bar, max_staleness), made, np.nan)
    return FeatureValues((channel,), as_inputs(about, made), feature.warm_up, begins)


def channel_of(name: str, feature: StockFeature) -> Channel:
    """Return the channel that a stock feature gives, with its title and group where it has them."""
    title, group = getattr(feature, "title", name), getattr(feature, "group", None)
    return Channel(name.rpartition(":")[2], feature.unit, title, group=group)


def fresh(has_bar: Flags, max_staleness: int) -> Flags:
    """Return where a stock's newest row is no older than so many sessions, (n_stocks, n_days)."""
    day = np.arange(has_bar.shape[1])
    age = day - np.maximum.accumulate(np.where(has_bar, day, -1), axis=1)
    return np.asarray(age <= max_staleness)


def first_session(has_bar: Flags, feature: StockFeature) -> Ints:
    """Return (n_stocks,) the first session that may have a value.

    A feature that says how few sessions of a stock it can be made of, ``fewest``, has values of
    stocks listed since, but none before its whole warm-up lies within the data: no value depends on
    where these begin.
    """
    first = has_bar.argmax(axis=1)
    least = getattr(feature, "fewest", feature.warm_up)
    return np.asarray(np.maximum(first + least, feature.warm_up))


def index_values(market: Market, ledger: Ledger, name: str, max_staleness: int) -> FeatureValues:
    """Return an index feature's values of a market.

    Raises
    ------
    RollsightError
        If there is no such feature, or its values cannot be used.
    """
    feature = find("index feature", name, INDEX_FEATURES, INDEX_PARTS)
    about = f"index feature {name!r}"
    panel = index_panel(market, ledger)
    made = computed(about, lambda: feature(panel), ledger.value.shape, "(n_days, k)")
    if name == CHANGE:
        refuse_leaps(made.T, ledger.symbols, market)
    suffix = "" if name == CHANGE else f" {name.rpartition(':')[2]}"
    channels = tuple(
        Channel(f"{s}{suffix}", feature.unit_of(kind), f"{market.publications[s].name}{suffix}", s)
        for s, kind in zip(panel.symbols, panel.kinds, strict=True)
    )
    first = np.isfinite(ledger.value).argmax(axis=0)
    warm = np.arange(len(made))[:, None] >= first + feature.warm_up
    made = np.where(warm & (ledger.age <= max_staleness), made, np.nan)
    begins = np.full(len(channels), feature.warm_up)
    return FeatureValues(channels, as_inputs(about, made), feature.warm_up, begins)


def require_names(channels: Sequence[Channel]) -> None:
    """Raise where two channels have the same name.

    Raises
    ------
    RollsightError
        Naming it, and what both are.
    """
    titles: dict[str, str] = {}
    for channel in channels:
        if channel.name in titles:
            raise RollsightError(
                f"two inputs are called {channel.name!r}, {titles[channel.name]} and "
                f"{channel.title}: name each feature once, and no feature as an index"
            )
        titles[channel.name] = channel.title


def computed(
    about: str, compute: Callable[[], object], shape: tuple[int, ...], named: str
) -> Float64:
    """Return what a feature computes, if it is an array of floats of the right shape.

    Parameters
    ----------
    about
        the feature, in messages
    named
        what the axes of ``shape`` are

    Raises
    ------
    RollsightError
        If it is something else, or the feature fails.
    """
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            made = compute()
    except RollsightError as error:
        raise RollsightError(f"{about}: {error}") from error
    except Exception as error:  # whatever a user's own code may raise
        text = " ".join(str(error).split())
        raise RollsightError(f"{about} failed with {type(error).__name__}: {text}") from error
    if not isinstance(made, np.ndarray) or made.dtype not in (np.float32, np.float64):
        kind = f"an array of {made.dtype}" if isinstance(made, np.ndarray) else type(made).__name__
        raise RollsightError(f"{about} returned {kind}: return a numpy array of float64")
    if made.shape != shape:
        raise RollsightError(f"{about} returned the shape {made.shape}: return {named}, {shape}")
    return made


def refuse_leaps(change: Float64, names: tuple[str, ...], market: Market) -> None:
    """Raise if a series of (rows of changes, days) multiplies beyond all belief in one session."""
    leaps = np.argwhere(np.abs(np.nan_to_num(change)) > MAX_CHANGE)
    if len(leaps):
        series, day = leaps[0]
        raise RollsightError(
            f"{names[series]!r} changes by {change[series, day]:.3g} (day over day, as a fraction "
            f"or in basis points) on {market.sessions[day]}, over the {MAX_CHANGE:g} that can be "
            "right: mend that value or the one before"
        )


def as_inputs(about: str, made: Float64) -> Float32:
    """Return a feature's values as networks are given them, NaN where unknown.

    Raises
    ------
    RollsightError
        If a value is infinite, or beyond what float32 holds.
    """
    with np.errstate(over="ignore"):
        values = made.astype(np.float32)
    beyond = np.argwhere(np.isinf(values))
    if len(beyond):
        at = tuple(map(int, beyond[0]))
        raise RollsightError(
            f"{about} is {made[at]} at {at}, which no network can be given: return numbers that "
            "float32 can hold, and NaN where a value is unknown"
        )
    return values
