"""Attribution by period and outcome, and which channel told winners from losers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.resampling import Estimate, benjamini_hochberg, difference_estimate
from rollsight.training.models.ensemble import NAME as ENSEMBLE
from rollsight.training.spec import TargetName

Float64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

METHOD = "gradient"
SHAPLEY = "shapley"  # of trees, in the gradient's place
MEMBERS = "members"  # of an ensemble: the mean of its members' gradients and Shapley values
BY_GROUP = " by group"  # after a method's name, where channels are summed by group
UNGROUPED: Mapping[str, str] = MappingProxyType({})
OUTCOMES = ("all", "profit", "loss", "success", "soso", "crucial")
RIVALS = {"profit": "loss", "success": "crucial"}  # whose contribution is taken off
# Only these are in units of what is explained: the others' maps have no sum to compare.
ADDITIVE = (METHOD, SHAPLEY, MEMBERS, "integrated_gradients", "occlusion")
FEW_DATES = "too few dates for a test"
MANY_CLASSES = "each map explains the class of its own row (attribution.target): no test"
TYPES = {
    "method": "str", "period": "str", "outcome": "str", "channel": "str", "share": "float64",
    "contribution": "float64", "trades": "int64", "difference": "float64", "low": "float64",
    "high": "float64", "p_value": "float64", "q_value": "float64", "passed": "boolean",
    "reason": "str",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Sums:
    """A method's maps by trade: (n_trades, channels), in the trades' order.

    Attributes
    ----------
    looked
        sum of absolute values over the lags
    contributed
        signed sum over the lags
    centred
        the same less its mean over the trades of its window
    """

    looked: Float64
    contributed: Float64
    centred: Float64


def summarise(
    attribution: pd.DataFrame,
    trades: pd.DataFrame,
    windows: pd.DataFrame,
    dates: pd.Series,
    *,
    span: int,
    target: TargetName = "log_odds",
    groups: Mapping[str, str] = UNGROUPED,
    family: str = "",
) -> pd.DataFrame:
    """Return each channel's share and mean contribution by method, period and outcome.

    Periods are the whole, calendar quarters and years of the decision, and test windows; outcomes
    are all, profit and loss (by net return), and success, soso and crucial (by class). A window
    that failed its gate is in no sum, and its own rows say so. The difference of a ``profit`` row
    is to the losers, that of a ``success`` row to the crucial failures: means of contributions
    less their window's mean, since each window's model has a level of its own. It has an interval
    and a p-value from 20 blocks of dates on, and a q-value over the channels of its period. Maps of
    the predicted class have no difference: what speaks for UP and what speaks for DOWN are two
    quantities.

    Parameters
    ----------
    windows
        with columns number, gate_passed and gate_reason
    dates
        of every decision, traded or not: what a block of dates is cut from
    span
        dates that a label spans
    target
        what the maps explain
    groups
        of channels by name; where there are, a method that is called ``... by group`` has their
        sums, a row a group, and a q-value over the groups of its period
    family
        of the models, which names contributions without a gradient
    """
    if attribution.empty:  # no trade, or no gradient that could tell of one
        return pd.DataFrame(columns=list(TYPES)).astype(TYPES)
    at = np.searchsorted(np.unique(dates), trades["decided_at"])
    outcomes = _outcomes(trades)
    rows = []
    for method, channels, sums in _levels(attribution, trades, groups, family):
        for period, inside, reason in _periods(trades, windows):
            for outcome, chosen in outcomes.items():
                some = inside & chosen
                if not some.any():
                    continue
                told: list[Estimate | None] = [None] * len(channels)
                comparable = outcome in RIVALS and method.removesuffix(BY_GROUP) in ADDITIVE
                if comparable and target != "predicted":
                    other = inside & outcomes[RIVALS[outcome]]
                    told = _differences(sums.centred, some, other, at, span)
                untested = MANY_CLASSES if comparable and target == "predicted" else None
                about = {"method": method, "period": period, "outcome": outcome,
                         "reason": reason, "untested": untested}  # fmt: skip
                rows += _rows(about, channels, sums, some, told)
    return pd.DataFrame(rows, columns=list(TYPES)).astype(TYPES)


def lag_profile(
    attribution: pd.DataFrame, trades: pd.DataFrame, windows: pd.DataFrame
) -> dict[str, Float64]:
    """Return by outcome each lag's share (lookback,) of the summed |gradient| of passing windows.

    Outcomes without a trade are left out; lag 0, the decision's own session, comes first. Without
    a gradient nothing is known of lags.
    """
    if METHOD not in attribution:
        return {}
    passed = _passed(trades, windows)
    lookback = int(attribution["lag"].max()) + 1 if len(attribution) else 1
    at = trades["trade"].searchsorted(attribution["trade"])
    looked = np.zeros((len(trades), lookback))
    np.add.at(looked, (at, attribution["lag"].to_numpy()), attribution["gradient"].abs())
    profile = {
        outcome: looked[passed & chosen].sum(axis=0)
        for outcome, chosen in _outcomes(trades).items()
    }
    return {outcome: p / p.sum() for outcome, p in profile.items() if p.sum() > 0}


def _levels(
    attribution: pd.DataFrame, trades: pd.DataFrame, groups: Mapping[str, str], family: str
) -> Iterator[tuple[str, list[str], _Sums]]:
    """Yield each method's name, its channels and their sums, then those of groups of channels."""
    channels = list(attribution["channel"].cat.categories)
    names = list(dict.fromkeys(groups.get(channel, channel) for channel in channels))
    member = np.array([[groups.get(c, c) == name for name in names] for c in channels])
    for method, sums in _methods(attribution, trades, family):
        yield method, channels, sums
        if groups:
            of_group = {name: each @ member for name, each in vars(sums).items()}
            yield f"{method}{BY_GROUP}", names, _Sums(**of_group)


def first_method(attribution: pd.DataFrame, family: str) -> str:
    """Return what a family's trades are explained by before all else."""
    if METHOD in attribution:
        return METHOD
    return MEMBERS if family == ENSEMBLE else SHAPLEY


def _methods(
    attribution: pd.DataFrame, trades: pd.DataFrame, family: str
) -> Iterator[tuple[str, _Sums]]:
    others = [c for c in attribution.columns if c not in {"trade", "channel", "lag", "gradient",
                                                          "contribution"}]  # fmt: skip
    cell = (
        np.searchsorted(trades["trade"], attribution["trade"]).astype(np.int64),
        attribution["channel"].cat.codes.to_numpy(np.int64).astype(np.int64),
    )
    shape = (len(trades), len(attribution["channel"].cat.categories))
    window = trades["window"].to_numpy()
    first = METHOD if METHOD in attribution else "contribution"
    for looked, signed in ((first, "contribution"), *((name, name) for name in others)):
        contributed = _by_cell(cell, attribution[signed], shape)
        yield (
            first_method(attribution, family) if looked == first else looked,
            _Sums(
                looked=_by_cell(cell, attribution[looked].abs(), shape),
                contributed=contributed,
                centred=contributed
                - pd.DataFrame(contributed).groupby(window).transform("mean").to_numpy(),
            ),
        )


def _by_cell(
    cell: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    values: pd.Series,
    shape: tuple[int, int],
) -> Float64:
    flat = np.ravel_multi_index(cell, shape)
    total = np.bincount(flat, values.to_numpy(np.float64), minlength=shape[0] * shape[1])
    return np.asarray(total.reshape(shape))


def _periods(
    trades: pd.DataFrame, windows: pd.DataFrame
) -> Iterator[tuple[str, Flags, str | None]]:
    """Yield name, its trades, and why they are in no sum: None where they are."""
    passed = _passed(trades, windows)
    decided = pd.DatetimeIndex(trades["decided_at"])
    yield "all", passed, None
    for kind, name in (("year", decided.year.astype(str)),
                       ("quarter", decided.to_period("Q").astype(str))):  # fmt: skip
        for one in sorted(set(name[passed])):
            yield f"{kind} {one}", passed & np.asarray(name == one), None
    for window in windows.sort_values("number").itertuples():
        own = (trades["window"] == window.number).to_numpy()
        yield (
            f"window {window.number:03d}",
            own,
            (None if window.gate_passed else str(window.gate_reason)),
        )


def _passed(trades: pd.DataFrame, windows: pd.DataFrame) -> Flags:
    return trades["window"].isin(windows.loc[windows["gate_passed"], "number"]).to_numpy()


def _outcomes(trades: pd.DataFrame) -> dict[str, Flags]:
    won = trades["net_return"].to_numpy() > 0
    found = {"all": np.ones(len(trades), dtype=bool), "profit": won, "loss": ~won}
    for name in ("success", "soso", "crucial"):
        found[name] = (trades["outcome"] == name).to_numpy(dtype=bool)
    return found


def _differences(
    centred: Float64, some: Flags, other: Flags, at: npt.NDArray[np.intp], span: int
) -> list[Estimate | None]:
    if not other.any():
        return [None] * centred.shape[1]
    both = some | other
    return [
        difference_estimate(values[both], some[both], at[both], span=span) for values in centred.T
    ]


def _rows(
    about: dict[str, str | None],
    channels: list[str],
    sums: _Sums,
    chosen: Flags,
    told: list[Estimate | None],
) -> list[dict[str, object]]:
    looked = sums.looked[chosen].sum(axis=0)
    share = looked / looked.sum() if looked.sum() > 0 else looked
    contribution = sums.contributed[chosen].mean(axis=0)
    q = benjamini_hochberg([None if e is None else e.p_value for e in told])
    reason, why = about.pop("reason"), about.pop("untested")
    few = [FEW_DATES if e is not None and e.p_value is None else "" for e in told]
    return [
        {
            **about,
            "channel": channel,
            "share": share[c],
            "contribution": contribution[c],
            "trades": int(chosen.sum()),
            **_told(told[c]),
            "q_value": q[c],
            "passed": reason is None,
            "reason": reason or why or few[c],
        }
        for c, channel in enumerate(channels)
    ]


def _told(estimate: Estimate | None) -> dict[str, float | None]:
    if estimate is None:
        return {"difference": None, "low": None, "high": None, "p_value": None}
    return {
        "difference": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "p_value": estimate.p_value,
    }
