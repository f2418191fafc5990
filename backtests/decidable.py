"""What a spec must say so that anything is decided and bought, whatever is learnt."""

from typing import NamedTuple

from rollsight.backtests.ranking import require_ranking, require_sales
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market
from rollsight.strategies.capacity import has_value, require_value
from rollsight.strategies.costs import require_ticks
from rollsight.strategies.feed import has_volume, require_volume
from rollsight.strategies.rules import rule_of
from rollsight.training.deciding.support import require_room
from rollsight.training.explaining.methods import require_methods
from rollsight.training.given.family import GivenSpec


class Carried(NamedTuple):
    """What a market carries.

    Attributes
    ----------
    book
        its rule book
    volume, value
        there are volumes, and the value traded can be told
    most
        rows that a date has to decide on, at most; None where they are not laid out yet
    """

    book: str
    volume: bool
    value: bool
    most: int | None = None


def carried_by(market: Market, most: int | None = None) -> Carried:
    """Return what a market carries."""
    return Carried(market.book, has_volume(market), has_value(market), most)


def require_decidable(spec: RunSpec, carried: Carried | None) -> None:
    """Raise where maps, threshold, rule or account of a spec could never work.

    Parameters
    ----------
    carried
        None where no market is at hand
    """
    rule_of(spec.strategy.rule)
    require_methods(spec.attribution.methods, spec.model)
    require_thresholds(spec)
    require_ranking(spec)
    if carried is None:
        return
    require_ticks(spec.costs, carried.book)
    require_volume(spec.strategy, there=carried.volume)
    require_value(spec.strategy, there=carried.value)
    if carried.most is not None:
        require_choice(spec, carried.most, f"no date has more than {carried.most} to decide on")
        require_sales(spec, carried.most)


def require_thresholds(spec: RunSpec) -> None:
    """Raise where no threshold could ever qualify, or what it is held against says nothing."""
    if isinstance(spec.model, GivenSpec) and spec.model.scores:
        if spec.threshold.at is not None:
            raise RollsightError(
                f"threshold.at={spec.threshold.at} is of probabilities, and the signals are "
                "scores, of which the order alone means anything: buy the best of each date "
                "(threshold.best), or unset it, and a threshold is tuned"
            )
        if spec.threshold.require_skill:
            raise RollsightError(
                "threshold.require_skill=true asks for the log-loss of probabilities, and the "
                "signals are scores: set it to false"
            )
    if spec.threshold.best is not None:
        if spec.universe.top is not None:
            require_choice(spec, spec.universe.top, f"a date has universe.top={spec.universe.top}")
        return
    if not spec.threshold.tuned:
        return
    if spec.threshold.per == "date" and spec.universe.top == 1:
        raise RollsightError(
            "threshold.per='date' takes the best of each date, and universe.top=1 leaves one: set "
            "threshold.per='all', or raise universe.top"
        )
    require_room(
        spec.threshold,
        validation_days=spec.windows.validation_days,
        horizon=spec.label.horizon,
    )


def require_choice(spec: RunSpec, most: int, of: str) -> None:
    """Raise where no date has more rows than ``threshold.best`` buys of it."""
    best = spec.threshold.best
    if best is not None and best >= most:
        raise RollsightError(
            f"threshold.best={best} buys every stock, so that no model chooses: {of}; lower "
            "threshold.best, or take more stocks"
        )
