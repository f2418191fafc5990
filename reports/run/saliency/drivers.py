"""Which channels winners and losers rest on, in one sentence."""

from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import Say
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.saliency.attribution import Saliency, method_by_period
from rollsight.reports.run.saliency.figures import found, groups_of, shown

NAMED = 3  # channels, the largest shares first


def drivers_said(numbers: RunNumbers, say: Say) -> str:
    """Return the largest shares of winners and losers, and what they rest on.

    Empty where no window's maps count.
    """
    if not numbers.saliency:
        return ""
    method = method_by_period(numbers.saliency)
    groups = groups_of(numbers, method)
    winners, losers = groups.get(("all", "profit")), groups.get(("all", "loss"))
    if ("all", "all") not in groups or winners is None:
        return ""
    left = numbers.attribution.left_out
    facts = {
        "winners": _largest(winners, method, say),
        "passed": left.windows - left.failed,
        "windows": left.windows,
        "trades": number(groups["all", "all"].trades),
    }
    if losers is None:
        said = say(
            "Winners rest most on {winners}, in {passed} of {windows} windows, {trades} trades.",
            **facts,
        )
    else:
        said = say(
            "Winners rest most on {winners}; losers on {losers}, in {passed} of {windows} windows, "
            "{trades} trades.",
            losers=_largest(losers, method, say),
            **facts,
        )
    if any(found(winners, name) for name in winners.share):
        return said
    return f"{said} {say('No difference between them is significant.')}"


def _largest(group: Saliency, method: str, say: Say) -> str:
    names = sorted(group.share, key=lambda name: -(group.share[name] or 0.0))[:NAMED]
    return ", ".join(f"{shown(n, method, say)} ({percent(group.share[n], 0)})" for n in names)
