"""How a run's labels cut the returns of a date into classes, and what that says of base rates."""

from dataclasses import dataclass

from rollsight.reports.page.html import paragraph, percent
from rollsight.reports.page.language import Say
from rollsight.signals.inputs.datebands import by_date
from rollsight.signals.spec import LabelSpec


@dataclass(frozen=True)
class DateClasses:
    """Which shares of a date's returns are UP and DOWN.

    Attributes
    ----------
    band
        ``date``, or ``date-volatility`` where names of like volatility are held against each other
    up_share, down_share
        fractions
    """

    band: str
    up_share: float
    down_share: float


def date_classes(label: LabelSpec) -> DateClasses | None:
    """Return how labels cut a date; None where their bands are not the date's."""
    return DateClasses(label.band, label.up_share, label.down_share) if by_date(label) else None


def by_construction(classes: DateClasses | None, say: Say) -> str:
    """Return the sentence on base rates that the labels' shares make, or nothing."""
    if classes is None:
        return ""
    shares = {"up": percent(classes.up_share), "down": percent(classes.down_share)}
    if classes.band == "date-volatility":
        return paragraph(
            say(
                "UP and DOWN are those of the date itself: the highest {up} and the lowest {down} "
                "of the returns of its members of like volatility, on good days and bad alike. So "
                "base rates are what they are by construction, and UP says that a stock did better "
                "than others as volatile, not that it rose.",
                **shares,
            )
        )
    return paragraph(
        say(
            "UP and DOWN are those of the date itself: the highest {up} and the lowest {down} of "
            "its members' returns, on good days and bad alike. So base rates are what they are by "
            "construction, and UP says that a stock did better than the others, not that it rose.",
            **shares,
        )
    )
