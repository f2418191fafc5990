"""A row of the tables of the saliency section: a channel's figures, or a group's."""

from rollsight.reports.page.html import NONE, Cell, number, percent
from rollsight.reports.page.language import Say
from rollsight.reports.run.saliency.attribution import ByChannel
from rollsight.reports.run.saliency.figures import Groups, found


def row(name: str, groups: Groups, say: Say) -> list[Cell | str]:
    """Return name, share, contributions of winners and losers, and their difference's test."""

    def value(outcome: str, key: str) -> float | None:
        of: ByChannel | None = getattr(groups.get(("all", outcome)), key, None)
        return (of or {}).get(name)

    low, high = value("profit", "low"), value("profit", "high")
    difference = value("profit", "difference")
    real = found(groups.get(("all", "profit")), name)
    # Whether winners have more of it is nothing for or against the run.
    side = ("above" if (difference or 0) > 0 else "below") if real else ""
    return [
        name,
        percent(value("all", "share")),
        number(value("profit", "contribution"), 3),
        number(value("loss", "contribution"), 3),
        Cell(number(difference, 3), side),
        NONE if low is None else say("{low} to {high}", low=number(low, 3), high=number(high, 3)),
        number(value("profit", "p_value"), 3),
        number(value("profit", "q_value"), 3),
    ]
