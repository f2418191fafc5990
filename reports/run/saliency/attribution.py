"""What the maps say, window by window and summed: the numbers of the page's saliency section."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from rollsight.backtests.chain.attributed import METHOD, lag_profile
from rollsight.backtests.directory.result import Result

FALSE_DISCOVERIES = 0.05  # q below which a difference is shown as one
TOLD = ("difference", "low", "high", "p_value", "q_value")


def saliency_data(summary: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one entry a method, period and outcome: by channel its share, contribution and test.

    ``difference`` (natural-log units, winners less losers within windows), its bounds, p- and
    q-value are None where nothing was compared, or where dates are too few for a test.
    """
    rows = []
    for (method, period, outcome), group in summary.groupby(
        ["method", "period", "outcome"], sort=False
    ):
        names = group["channel"]
        first = group.iloc[0]
        rows.append(
            {
                "method": method,
                "period": period,
                "outcome": outcome,
                "trades": int(first["trades"]),
                "passed": bool(first["passed"]),
                "reason": first["reason"],
                **{k: dict(zip(names, group[k], strict=True)) for k in ("share", "contribution")},
                **{k: _known(names, group[k]) for k in TOLD},
            }
        )
    return rows


def attribution_data(result: Result) -> dict[str, Any]:
    """Return what else is known of the maps.

    ``left_out`` counts the windows without belief and their gravest reasons; ``lags`` holds by
    outcome each lag's share; ``stability`` the rank correlation of the channels' shares from one
    year, quarter or window to the next; ``importance`` each channel's permutation importance in
    nats, over the windows that passed, beside its agreement with the shares.
    """
    windows = result.windows
    shares = _shares(result.attribution_summary)
    failed = windows.loc[~windows["gate_passed"], "gate_reason"]
    channels = [channel["name"] for channel in result.manifest["channels"]]
    return {
        "target": result.spec.attribution.target,
        "methods": [METHOD, *result.spec.attribution.methods],
        "left_out": {
            "windows": len(windows),
            "failed": len(failed),
            "reasons": dict(Counter(reason.split("; ")[0] for reason in failed).most_common()),
        },
        "lags": lag_profile(result.attribution, result.trades, windows),
        "stability": {kind: _stability(shares, kind) for kind in ("year", "quarter", "window")},
        "importance": _importance(windows, channels, shares),
    }


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation; None for fewer than three values or equal ones.

    >>> round(rank_correlation([1, 2, 3, 4], [1, 3, 2, 4]), 9)
    0.8
    """
    if len(one) < 3 or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return float(stats.spearmanr(one, other).statistic)


def _known(names: pd.Series, values: pd.Series) -> dict[str, float] | None:
    return None if values.isna().all() else dict(zip(names, values, strict=True))


def _shares(summary: pd.DataFrame) -> dict[str, pd.Series]:
    """Return by period each channel's share over all trades; failed windows are left out."""
    plain = summary[(summary["method"] == METHOD) & (summary["outcome"] == "all")]
    plain = plain[plain["passed"].astype(bool)]
    return {
        str(period): group.set_index("channel")["share"]
        for period, group in plain.groupby("period", sort=True)
    }


def _stability(shares: dict[str, pd.Series], kind: str) -> dict[str, Any]:
    own = [(period, share) for period, share in shares.items() if period.startswith(f"{kind} ")]
    each = [rank_correlation(list(x), list(y)) for (_, x), (_, y) in pairwise(own)]
    known = [c for c in each if c is not None]
    pairs = [
        {"from": a, "to": b, "correlation": c}
        for ((a, _), (b, _)), c in zip(pairwise(own), each, strict=True)
    ]
    return {"mean": float(np.mean(known)) if known else None, "pairs": pairs}


def _importance(
    windows: pd.DataFrame, channels: list[str], shares: dict[str, pd.Series]
) -> dict[str, Any]:
    passed = windows[windows["gate_passed"]]
    nats = np.array([v for v in passed["importance"] if np.isfinite(v).all()], dtype=float)
    mean = nats.mean(axis=0) if len(nats) else None
    return {
        "nats": None if mean is None else dict(zip(channels, mean.tolist(), strict=True)),
        "agreement": _agreement(shares.get("all"), mean),
        "agreement_by_window": {
            int(number): _agreement(shares.get(f"window {number:03d}"), np.array(own, dtype=float))
            for number, own in zip(passed["number"], passed["importance"], strict=True)
        },
    }


def _agreement(share: pd.Series | None, nats: np.ndarray | None) -> float | None:
    if share is None or nats is None or not np.isfinite(nats).all():
        return None
    return rank_correlation(list(share), list(nats))
