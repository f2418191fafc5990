"""The table of windows: what each was fitted on, what it chose, and what that was worth."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from rollsight.backtests.chain.fold import FittedFold
from rollsight.signals.prices.market import Market


def window_table(folds: Iterable[FittedFold], market: Market) -> pd.DataFrame:
    """Return one row a window: its spans, rows, threshold, figures and curves."""
    return pd.DataFrame([_window_row(fold, market) for fold in folds])


def _window_row(fold: FittedFold, market: Market) -> dict[str, object]:
    window, model, curve = fold.window, fold.model, fold.curve
    row: dict[str, object] = {"number": window.number}
    for name in ("train", "validation", "test"):
        span = getattr(window, name)
        row[f"{name}_start"] = market.sessions[span.start].astype("datetime64[ms]")
        # Spans are [start, stop): a stop is the day after the span's last session.
        after = market.sessions[span.stop - 1] + np.timedelta64(1, "D")
        row[f"{name}_stop"] = after.astype("datetime64[ms]")
    figures = {
        f"{name}_{key}": value
        for name, of in (("validation", fold.validation), ("test", fold.test))
        for key, value in vars(of).items()
        if key != "rows"
    }
    spreads: dict[str, float | None] = {}
    for name, spread in (("validation", fold.validation_spread), ("test", fold.test_spread)):
        spreads |= {f"{name}_variance": spread.variance, f"{name}_date_share": spread.share}
    return {
        **row,
        "train_rows": fold.train_rows,
        "validation_rows": fold.validation_rows,
        "validation_dates": fold.validation_dates,
        "test_rows": len(fold.rows),
        "test_stocks": len(np.unique(fold.rows.stock)),
        "purged_rows": fold.purged,
        "threshold": fold.threshold,
        "no_trade_reason": curve.reason,
        **{f"threshold_{k}": np.nan if v is None else v for k, v in vars(fold.stability).items()},
        "model_weight": model.weight,
        "seed_weights": [part.weight for part in fold.parts],
        "seed_thresholds": [part.threshold for part in fold.parts],
        "skilled": fold.skilled,
        "frequency_log_loss": fold.frequency_loss,
        **dict(
            zip(
                ("frequency_down", "frequency_hold", "frequency_up"), model.frequencies, strict=True
            )
        ),
        **{k: np.nan if v is None else v for k, v in (figures | spreads).items()},
        "best_epoch": list(model.best_epoch),
        "train_loss": [list(losses) for losses in model.train_loss],
        "validation_loss": [list(losses) for losses in model.validation_loss],
        "curve_threshold": curve.threshold.tolist(),
        **{f"curve_{of}": counts.tolist() for of, counts in vars(curve.support).items()},
        "curve_precision": curve.precision.tolist(),
        "curve_net_return": curve.net_return.tolist(),
        "curve_score": curve.score.tolist(),
    }
