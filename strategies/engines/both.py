"""The account in Backtrader, held against the same over arrays."""

from collections.abc import Sequence

from rollsight.base.errors import RollsightError
from rollsight.strategies.diary import Diary
from rollsight.strategies.engines.arrays import run_arrays
from rollsight.strategies.engines.backtrader import run_backtrader
from rollsight.strategies.plan import OrderPlan


def run_both(plan: OrderPlan) -> Diary:
    """Return the diary of Backtrader's account.

    Raises
    ------
    RollsightError
        If the account over arrays differs from it in one bit.
    """
    found = run_backtrader(plan)
    require_same(found, run_arrays(plan), plan)
    return found


def require_same(one: Diary, other: Diary, plan: OrderPlan) -> None:
    """Raise unless two diaries of a plan are the same to the last bit.

    Raises
    ------
    RollsightError
        Naming the first order, session or trade that differs.
    """
    for what in ("orders", "equity", "cash", "trips", "payments"):
        at = _first(getattr(one, what), getattr(other, what))
        if at is not None:
            raise _parted(what, at, getattr(one, what)[at:], getattr(other, what)[at:], plan)
    if one.action != other.action:
        signal = min(s for s, _ in one.action.items() ^ other.action.items())
        raise _parted("action", signal, [one.action.get(signal)], [other.action.get(signal)], plan)


def _first(one: Sequence[object], other: Sequence[object]) -> int | None:
    if one == other:
        return None
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _parted(
    what: str, at: int, one: Sequence[object], other: Sequence[object], plan: OrderPlan
) -> RollsightError:
    found, again = (values[0] if values else "nothing" for values in (one, other))
    return RollsightError(
        f"Backtrader's {what} {at} are {found}, and the arrays' {again}: rule {plan.rule.name!r} "
        "must answer the same session alike; if it does, this is a fault of rollsight, please "
        "report it with your run.toml"
    )
