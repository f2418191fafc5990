"""Why a holding is sold, whatever its rule."""

from rollsight.strategies.spec import StrategySpec


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


def watched(spec: StrategySpec) -> bool:
    """Return whether closes may sell a holding."""
    return not (spec.stop_loss is None and spec.trailing_stop is None and spec.take_profit is None)
