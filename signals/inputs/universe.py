"""Which stocks each session may decide on, from what was known at its close."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError, counted
from rollsight.signals.inputs.kinds import BY_NAME, kind_of
from rollsight.signals.inputs.tradedvalue import trailing_mean
from rollsight.signals.prices.market import Market
from rollsight.signals.prices.splits import repaired_volume, reverse_suspects
from rollsight.signals.spec import UniverseSpec

Flags = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Universe:
    """The stocks that may be decided on.

    Attributes
    ----------
    member
        (n_stocks, n_days)
    excluded
        of each stock left out for what it is, its kind
    repaired
        of each stock whose volumes were repaired, the first such split's session
    notes
        one sentence on each thing that a reader must know of it
    value
        (n_stocks, n_days) traded value by which members were ranked, quote currency; None
        where none were
    """

    member: Flags
    excluded: Mapping[str, str]
    repaired: Mapping[str, int]
    value: Float64 | None
    notes: tuple[str, ...] = ()


def universe(
    market: Market, spec: UniverseSpec, *, fewest_rows: int = 1, sealed_days: int = 0
) -> Universe:
    """Return who is a member at each session's close.

    A member has a row, lies within its listing, is of a kind that is not excluded, and with
    ``spec.top`` is among so many of the largest trailing traded value (close by volume, or the
    folder's own Amount), of which nothing after the session is known. Volumes that ignore a split
    which prices are adjusted for are told in part alone: see `rollsight.signals.prices.splits`.

    Parameters
    ----------
    fewest_rows
        that a stock has had, its session's own included, to be a member
    sealed_days
        sessions before a holdout that is opened, see `repaired_volume`

    Raises
    ------
    RollsightError
        If a ranking is asked for and the folder has neither Volume nor Amount, or volumes that
        look unadjusted for splits are to be refused.
    """
    excluded = _excluded(market, spec)
    notes = (*_unnamed(market, spec), *_ranking_notes(market, spec))
    kept = np.array([code not in excluded for code in market.codes])
    member = market.has_bar & _listed(market) & kept[:, None]
    if not member.any():
        raise RollsightError(
            f"universe.exclude={list(spec.exclude)} leaves no stock of {len(market.codes)}: "
            "exclude fewer kinds"
        )
    member &= np.cumsum(market.has_bar, axis=1) >= fewest_rows
    repaired: dict[str, int] = {}
    value = None
    if spec.top is not None:
        value, repaired = _traded_value(market, spec, sealed_days)
        member &= _largest(trailing_mean(value, spec.value_days), member, spec.top)
    return Universe(member, excluded, repaired, value, notes)


def _excluded(market: Market, spec: UniverseSpec) -> dict[str, str]:
    if spec.exclude and market.exchange != "XKRX":
        raise RollsightError(
            f"universe.exclude={list(spec.exclude)} tells Korean securities by their codes, and "
            f"the calendar is {market.exchange}: leave it empty"
        )
    kinds = {code: kind_of(code, market.names.get(code, "")) for code in market.codes}
    return {code: kind for code, kind in kinds.items() if kind in spec.exclude}


def _unnamed(market: Market, spec: UniverseSpec) -> list[str]:
    asked = [kind for kind in BY_NAME if kind in spec.exclude]
    without = [code for code in market.codes if not market.names.get(code, "").strip()]
    if not asked or not without:
        return []
    kinds = f"{', '.join(asked[:-1])} and {asked[-1]}" if asked[1:] else asked[0]
    return [
        f"universe.exclude asks for {kinds}, which are told by name, and listings.csv has no Name "
        f"for {len(without)} of {counted(len(market.codes), 'code')}, such as {without[0]!r}: a "
        "code without one stays in, whatever it is"
    ]


def _listed(market: Market) -> Flags:
    day = market.sessions
    # Comparisons with NaT are false: an unknown date bounds nothing.
    early = day < market.listed_on[:, None]
    late = day >= market.delisted_on[:, None]
    # Without a date the delisting is known from the silence after the last trade.
    known = market.endings.session[:, None]
    gone = (known >= 0) & (np.arange(len(day)) >= known)
    return np.asarray(~early & ~late & ~gone)


def _largest(value: Float64, eligible: Flags, top: int) -> Flags:
    """Return the ``top`` of each session; of equal values the first codes."""
    ranked = np.where(eligible & (value > 0), -value, np.inf)
    rank = np.argsort(np.argsort(ranked, axis=0, kind="stable"), axis=0, kind="stable")
    return np.asarray((rank < top) & np.isfinite(ranked))


def _traded_value(
    market: Market, spec: UniverseSpec, sealed_days: int
) -> tuple[Float64, dict[str, int]]:
    given = market.amount if market.ranked_value is None else market.ranked_value
    if given is not None:
        return given, {}
    if market.volume is None:
        raise RollsightError(
            f"universe.top={spec.top} ranks by traded value, and the market folder has neither "
            "Volume nor Amount: add one of them, or unset universe.top"
        )
    volume, splits = repaired_volume(market, sealed_days)
    if splits and spec.splits == "refuse":
        named = ", ".join(
            f"{market.codes[s]!r} (x{found[0][1]:.0f} on {market.sessions[found[0][0]]})"
            for s, found in list(splits.items())[:3]
        )
        raise RollsightError(
            f"universe.top={spec.top}: the volumes of {counted(len(splits), 'stock')} jump after a "
            f"halt while prices go on, as where a split was adjusted in prices alone: {named}; add "
            "the exchange's own Amount column, or set universe.splits='repair'"
        )
    return volume * market.close, {market.codes[s]: found[0][0] for s, found in splits.items()}


def _ranking_notes(market: Market, spec: UniverseSpec) -> list[str]:
    """Return what a ranking by close and volume cannot see, and where that may be so."""
    if spec.top is None or market.amount is not None or market.volume is None:
        return []
    said = (
        "Members are ranked by close times volume; volumes that ignore a split are told only where "
        "they rise behind a halt: before a split without one a stock ranks too low, before a "
        "reverse split too high, unless the folder has an Amount column"
    )
    volumes = market.volume
    fallen = {
        s: days for s in range(len(volumes)) if (days := reverse_suspects(market, volumes[s], s))
    }
    if not fallen:
        return [said]
    first, days = next(iter(fallen.items()))
    return [
        said,
        f"After {counted(sum(map(len, fallen.values())), 'halt')} of "
        f"{counted(len(fallen), 'stock')}, such as "
        f"{market.codes[first]!r} until {market.sessions[days[0]]}, volumes are a third or less "
        "while the price goes on, as after a reverse split that volumes ignore: look at them",
    ]


def by_year(market: Market, found: Universe, first: int = 0) -> list[dict[str, int]]:
    """Return, for each year, how many names had a row, were members, were delisted, left out.

    Parameters
    ----------
    first
        session from whose year on years are counted
    """
    years = pd.DatetimeIndex(market.sessions).year.to_numpy()
    gone = pd.DatetimeIndex(market.delisted_on).year.to_numpy()
    out = np.array([code in found.excluded for code in market.codes])
    rows = []
    for year in np.unique(years[first:]):
        alive = market.has_bar[:, years == year].any(axis=1)
        member = found.member[:, years == year].any(axis=1)
        rows.append(
            {
                "year": int(year),
                "alive": int(alive.sum()),
                "members": int(member.sum()),
                "excluded_by_kind": int((alive & out).sum()),
                "below_top": int((alive & ~out & ~member).sum()),
                "delisted": int((gone == year).sum()),
            }
        )
    return rows
