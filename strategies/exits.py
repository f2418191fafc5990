"""Why a holding is sold, whatever its rule."""

import math

from rollsight.strategies.spec import StrategySpec

NEAR = 1e-9  # of a change, within which it is looked at to twelve decimals


def exit_reason(
    *, due: bool, close: float, entry_price: float, highest: float, spec: StrategySpec
) -> str | None:
    """Return why a holding is sold at the next open, or None while it is kept.

    Stops are watched at closes, like every other decision.

    Parameters
    ----------
    due
        its rule sells it as its horizon ends
    highest
        close since the entry, this one included; asked of a trailing stop alone
    """
    if due:
        return "horizon"
    change = _change(close, entry_price)
    if spec.stop_loss is not None and change <= -spec.stop_loss:
        return "stop"
    if spec.take_profit is not None and change >= spec.take_profit:
        return "target"
    if spec.trailing_stop is not None and _change(close, highest) <= -spec.trailing_stop:
        return "trailing stop"
    return None


def _change(price: float, since: float) -> float:
    # 90/100-1 is a hair above -0.1: like labels, changes are compared to twelve decimals.
    return round(price / since - 1, 12)


def quiet(entry_price: float, spec: StrategySpec) -> tuple[float, float]:
    """Return two prices between which no close sells a holding; that is most of them.

    A trailing stop has none, since its highest close moves.
    """
    if spec.trailing_stop is not None:
        return math.inf, -math.inf
    stop, target = spec.stop_loss, spec.take_profit
    return (
        -math.inf if stop is None else entry_price * (1 - stop + NEAR),
        math.inf if target is None else entry_price * (1 + target - NEAR),
    )


def watched(spec: StrategySpec) -> bool:
    """Return whether closes may sell a holding."""
    return not (spec.stop_loss is None and spec.trailing_stop is None and spec.take_profit is None)
