"""What a spec must say for the rule that holds the best of each date."""

from collections.abc import Iterator

from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError


def require_ranking(spec: RunSpec) -> None:
    """Raise where the rule ``rank`` could not fill or keep what it is to hold.

    Raises
    ------
    RollsightError
        If the best of a date are not asked for or too few, or its tranches come out uneven.
    """
    if spec.strategy.rule == "rank":
        for fault in _faults(spec):
            raise RollsightError(fault)


def require_sales(spec: RunSpec, most: int) -> None:
    """Raise where the rule ``rank`` would keep whatever it holds.

    Parameters
    ----------
    most
        rows that a date has, at most
    """
    keep = spec.strategy.keep
    if spec.strategy.rule == "rank" and keep is not None and keep >= most:
        raise RollsightError(
            f"strategy.keep={keep} never sells any: no date has more than {most} to decide on; "
            "lower it, or take more stocks"
        )


def _faults(spec: RunSpec) -> Iterator[str]:
    own, best, top = spec.strategy, spec.threshold.best, spec.universe.top
    places = f"strategy.max_positions={own.max_positions}"
    if best is None:
        yield (
            "strategy.rule='rank' holds the best of each date and no threshold is tuned for it: "
            f"set threshold.best={own.max_positions} or more"
        )
    elif best < own.max_positions:
        yield (
            f"threshold.best={best} of a date cannot fill {places}: raise threshold.best, or "
            "lower strategy.max_positions"
        )
    if own.keep is not None and own.keep < own.max_positions:
        yield (
            f"strategy.keep={own.keep} is less than {places}, so that what was just bought would "
            "be sold: raise it, or leave it out"
        )
    if own.keep is not None and top is not None and own.keep >= top:
        yield (
            f"strategy.keep={own.keep} of the universe.top={top} members of a date never sells "
            "any: lower it"
        )
    every = spec.label.horizon if own.every is None else own.every
    term = f"{'label.horizon' if own.every is None else 'strategy.every'}={every}"
    for whole, name in ((own.max_positions, places), (every, term)):
        if whole % own.tranches:
            yield (
                f"strategy.tranches={own.tranches} does not divide {name}: take one that divides "
                "both the positions and the sessions of a term"
            )
