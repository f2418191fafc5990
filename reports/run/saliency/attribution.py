"""What the maps say, window by window and summed: the numbers of the page's saliency section."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from rollsight.backtests.chain import attributed
from rollsight.backtests.chain.attributed import BY_GROUP, METHOD, lag_profile
from rollsight.backtests.directory.result import Result
from rollsight.reports.run.saliency.attention import Attention, attention_data
from rollsight.reports.statistics.correlation import rank_correlation
from rollsight.training.spec import TargetName

FALSE_DISCOVERIES = 0.05  # q below which a difference is shown as one
ByChannel = dict[str, float | None]


@dataclass(frozen=True)
class Saliency:
    """What the maps of a method say of the trades of a period and outcome, by channel.

    Attributes
    ----------
    passed, reason
        whether the maps can be believed, and why not
    share
        of |gradient|, or of |contribution| of trees
    contribution
        mean, in natural-log units
    difference
        of contributions, winners less losers within windows; None where nothing was
        compared
    low, high, p_value, q_value
        of the difference; None where dates are too few for a test
    """

    method: str
    period: str
    outcome: str
    trades: int
    passed: bool
    reason: str
    share: ByChannel
    contribution: ByChannel
    difference: ByChannel | None
    low: ByChannel | None
    high: ByChannel | None
    p_value: ByChannel | None
    q_value: ByChannel | None


@dataclass(frozen=True)
class LeftOut:
    """The windows, those whose maps cannot be believed, and how many for which gravest reason."""

    windows: int
    failed: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class Pair:
    """Rank correlation of the channels' shares from one period to the next."""

    from_: str
    to: str
    correlation: float | None


@dataclass(frozen=True)
class Stability:
    """Rank correlations of a kind of period, and their mean; None where none is known."""

    mean: float | None
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Importance:
    """Permutation importance over the windows that passed, beside the shares of saliency.

    Attributes
    ----------
    nats
        by channel; None where no window passed
    agreement, agreement_by_window
        rank correlation with the shares
    """

    nats: ByChannel | None
    agreement: float | None
    agreement_by_window: ByChannel


@dataclass(frozen=True)
class Attribution:
    """What else is known of the maps.

    Attributes
    ----------
    target
        what is explained
    lags
        by outcome each lag's share; empty for trees
    stability
        by year, quarter and window
    groups
        of each channel its group; empty where no two of the stocks' own share one
    attention
        None of families that have none, or where no window passed
    """

    target: TargetName
    methods: tuple[str, ...]
    left_out: LeftOut
    lags: dict[str, tuple[float, ...]]
    stability: dict[str, Stability]
    importance: Importance
    groups: dict[str, str]
    attention: Attention | None = None


def saliency_data(summary: pd.DataFrame) -> tuple[Saliency, ...]:
    """Return one entry a method, period and outcome."""
    groups = summary.groupby(["method", "period", "outcome"], sort=False)
    return tuple(
        _saliency(str(method), str(period), str(outcome), group)
        for (method, period, outcome), group in groups
    )


def first_method(saliency: Sequence[Saliency]) -> str:
    """Return what a run is explained by before all else: gradients, or Shapley values of trees."""
    return saliency[0].method if saliency else METHOD


def method_by_period(saliency: Sequence[Saliency]) -> str:
    """Return the method whose periods are drawn: of groups where there are, else of channels."""
    grouped = first_method(saliency) + BY_GROUP
    return grouped if any(s.method == grouped for s in saliency) else first_method(saliency)


def _saliency(method: str, period: str, outcome: str, group: pd.DataFrame) -> Saliency:
    names, first = group["channel"], group.iloc[0]
    return Saliency(
        method=method,
        period=period,
        outcome=outcome,
        trades=int(first["trades"]),
        passed=bool(first["passed"]),
        reason=first["reason"],
        share=dict(zip(names, group["share"], strict=True)),
        contribution=dict(zip(names, group["contribution"], strict=True)),
        difference=_known(names, group["difference"]),
        low=_known(names, group["low"]),
        high=_known(names, group["high"]),
        p_value=_known(names, group["p_value"]),
        q_value=_known(names, group["q_value"]),
    )


def attribution_data(result: Result) -> Attribution:
    """Return what else is known of the maps."""
    windows = result.windows
    shares = _shares(result.attribution_summary)
    failed = windows.loc[~windows["gate_passed"], "gate_reason"]
    channels = [channel["name"] for channel in result.manifest["channels"]]
    lags = lag_profile(result.attribution, result.trades, windows)
    first = attributed.first_method(result.attribution, result.spec.model.name)
    return Attribution(
        target=result.spec.attribution.target,
        methods=(first, *result.spec.attribution.methods),
        left_out=LeftOut(
            windows=len(windows),
            failed=len(failed),
            reasons=dict(Counter(reason.split("; ")[0] for reason in failed).most_common()),
        ),
        lags={outcome: tuple(own) for outcome, own in lags.items()},
        stability={kind: _stability(shares, kind) for kind in ("year", "quarter", "window")},
        importance=_importance(windows, channels, shares),
        groups=result.manifest.get("groups", {}),
        attention=attention_data(windows),
    )


def _known(names: pd.Series, values: pd.Series) -> ByChannel | None:
    return None if values.isna().all() else dict(zip(names, values, strict=True))


def _shares(summary: pd.DataFrame) -> dict[str, pd.Series]:
    """Return by period each channel's share over all trades; failed windows are left out."""
    first = summary["method"].iloc[0] if len(summary) else METHOD
    plain = summary[(summary["method"] == first) & (summary["outcome"] == "all")]
    plain = plain[plain["passed"].astype(bool)]
    return {
        str(period): group.set_index("channel")["share"]
        for period, group in plain.groupby("period", sort=True)
    }


def _stability(shares: dict[str, pd.Series], kind: str) -> Stability:
    own = [(period, share) for period, share in shares.items() if period.startswith(f"{kind} ")]
    each = [rank_correlation(list(x), list(y)) for (_, x), (_, y) in pairwise(own)]
    known = [c for c in each if c is not None]
    pairs = tuple(Pair(a, b, c) for ((a, _), (b, _)), c in zip(pairwise(own), each, strict=True))
    return Stability(mean=float(np.mean(known)) if known else None, pairs=pairs)


def _importance(
    windows: pd.DataFrame, channels: list[str], shares: dict[str, pd.Series]
) -> Importance:
    passed = windows[windows["gate_passed"]]
    nats = np.array([v for v in passed["importance"] if np.isfinite(v).all()], dtype=float)
    mean = nats.mean(axis=0) if len(nats) else None
    return Importance(
        nats=None if mean is None else dict(zip(channels, mean.tolist(), strict=True)),
        agreement=_agreement(shares.get("all"), mean),
        agreement_by_window={
            str(number): _agreement(shares.get(f"window {number:03d}"), np.array(own, dtype=float))
            for number, own in zip(passed["number"], passed["importance"], strict=True)
        },
    )


def _agreement(share: pd.Series | None, nats: np.ndarray | None) -> float | None:
    if share is None or nats is None or not np.isfinite(nats).all():
        return None
    return rank_correlation(list(share), list(nats))
