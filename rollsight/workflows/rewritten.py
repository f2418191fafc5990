"""What of a run's past would be otherwise on the data of now."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from rollsight.backtests.account.backtest import Traded
from rollsight.backtests.chain.basis import last_session
from rollsight.backtests.chain.fold import Fold
from rollsight.backtests.chain.networks import keys
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.chain.signals import signal_table, trade_signals
from rollsight.backtests.directory.result import Result

ROW = ["decided_at", "code"]
DECIDED = ["window", "p_down", "p_hold", "p_up", "score", "threshold", "buy"]
SETTLED = ["label", "label_return"]  # may come, but not change
ASKED = ["code", "submitted_at", "side", "shares"]  # of an order
FILLED = ["filled", "status", "filled_at", "price"]


def first_rewritten(before: Result, ready: Prepared, folds: Sequence[Fold]) -> str | None:
    """Return the first decision, network, order or value that would be another, or None.

    Parameters
    ----------
    folds
        the run's windows on the data of now
    """
    again = _decided_again(before, ready, folds)
    return (
        first_change(_decided(before.signals), _decided(again))
        or _first_network(before, ready)
        or _first_traded(before, trade_signals(ready, before.spec, again))
    )


def first_change(before: pd.DataFrame, after: pd.DataFrame) -> str | None:
    """Return the first row that was decided otherwise before, by date and code, or None.

    Parameters
    ----------
    before, after
        signals of the same sessions; a label that is null before may be anything after
    """
    both = before.merge(
        after, on=ROW, how="outer", suffixes=("_before", "_after"), indicator="there"
    ).sort_values(ROW, ignore_index=True)
    settled = both["label_before"].notna()
    differs = pd.DataFrame(
        {c: _differs(both, c) & (settled if c in SETTLED else True) for c in DECIDED + SETTLED}
    )
    wrong = differs.any(axis=1) | (both["there"] != "both")
    if not wrong.any():
        return None
    row = both.iloc[int(wrong.argmax())]
    named = f"{row['code']} on {row['decided_at']:%Y-%m-%d}"
    if row["there"] != "both":
        gone = row["there"] == "left_only"
        return f"{named} {'is not decided on any more' if gone else 'was not decided on before'}"
    column = str(differs.columns[int(differs.iloc[int(wrong.argmax())].argmax())])
    return f"{named}: {column} was {row[f'{column}_before']}, it is {row[f'{column}_after']} now"


def _decided_again(before: Result, ready: Prepared, folds: Sequence[Fold]) -> pd.DataFrame:
    """Return the signals of the sessions that stand on the data of now."""
    signals = signal_table(ready, folds)
    signals["code"] = np.array(ready.market.codes, dtype=object)[signals["stock"]]
    stands = signals["decided_at"] <= pd.Timestamp(last_session(before.manifest))
    return signals[stands]


def _first_traded(before: Result, again: Traded) -> str | None:
    """Return where orders or the account up to the last session before would be others now."""
    order, other = before.orders, again.orders.reindex(before.orders.index)
    ended = (order["status"] != "waiting").to_numpy()
    for columns, rows in ((ASKED, np.ones_like(ended)), (FILLED, ended)):
        one, two = order[columns][rows], other[columns][rows]
        differs = ~((one == two) | (one.isna() & two.isna())).all(axis=1)
        if differs.any():
            row = order[rows].iloc[int(differs.argmax())]
            return (
                f"the {row['side']} of {row['code']} submitted on {row['submitted_at']:%Y-%m-%d} "
                "would be another"
            )
    money = ["equity", "cash"]
    account, now = before.equity, again.equity[: len(before.equity)]
    differs = (account[money] != now[money]).any(axis=1)
    if not differs.any():
        return None
    at = int(differs.argmax())
    return (
        f"the account was worth {account['equity'].iloc[at]:,.2f} on "
        f"{account['date'].iloc[at]:%Y-%m-%d}, it is worth {now['equity'].iloc[at]:,.2f} now"
    )


def _first_network(before: Result, ready: Prepared) -> str | None:
    """Return which stored network would be another on the data of now."""
    windows = ready.windows[: len(before.windows)]
    now = [keys(ready.samples, windows, before.spec, seed) for seed in before.manifest["seeds"]]
    for number, stored in enumerate(before.manifest["model_keys"]):
        if stored != [of[number] for of in now]:
            spans = before.windows.iloc[number]
            return (
                f"what window {number} was fitted on, {spans['train_start']:%Y-%m-%d} to "
                f"{spans['test_start']:%Y-%m-%d}, has changed: its key was {stored[0][:12]}, it "
                f"is {now[0][number][:12]} now"
            )
    return None


def _decided(signals: pd.DataFrame) -> pd.DataFrame:
    return signals[[*ROW, *DECIDED, *SETTLED]]


def _differs(both: pd.DataFrame, column: str) -> pd.Series:
    one, other = (
        both[f"{column}_{side}"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        for side in ("before", "after")
    )
    return pd.Series(~((one == other) | (np.isnan(one) & np.isnan(other))))
