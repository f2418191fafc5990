"""Why a holding is sold, whatever its rule."""

from rollsight.strategies.spec import StrategySpec


def exit_reason(*, due: bool, close: float, entry_price: float, spec: StrategySpec) -> str | None:
    """Return why a holding is sold at the next open, or None while it is kept.

    Stops are watched at closes, like every other decision.

    Parameters
    ----------
    due
        its rule sells it as its horizon ends
    """
    if due:
        return "horizon"
    if not watched(spec):
        return None
    # 90/100-1 is a hair above -0.1: like labels, changes are compared to twelve decimals.
    change = round(close / entry_price - 1, 12)
    if spec.stop_loss is not None and change <= -spec.stop_loss:
        return "stop"
    if spec.take_profit is not None and change >= spec.take_profit:
        return "target"
    return None


def watched(spec: StrategySpec) -> bool:
    """Return whether closes may sell a holding."""
    return spec.stop_loss is not None or spec.take_profit is not None
