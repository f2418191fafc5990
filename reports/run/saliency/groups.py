"""Which groups of features drove winners and losers: channels summed, where some share a group."""

from collections import Counter
from html import escape

from rollsight.reports.page.html import figure, paragraph, percent, table
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import word
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.saliency import figures
from rollsight.reports.run.saliency.attribution import first_method, method_by_period
from rollsight.reports.run.saliency.figures import groups_of, names_of
from rollsight.reports.run.saliency.rows import row


def by_group(numbers: RunNumbers, say: Say) -> str:
    """Return figures and table of groups over all windows that count; empty where none are."""
    method = method_by_period(numbers.saliency)
    groups = groups_of(numbers, method)
    if method == first_method(numbers.saliency) or ("all", "all") not in groups:
        return ""
    about = say(
        "Channels are summed by group: shares, and signed contributions. A group of "
        "many channels has a large share for their number alone: beside its share stands the part "
        "of all channels that are its own. Differences are tested over the groups."
    )
    tested = numbers.attribution.target != "predicted"
    return (
        f"<h3>{escape(say('By group of features'))}</h3>"
        + paragraph(about)
        + figure(figures.channels_figure(numbers, say, method), escape(_members(numbers, say)))
        + (figure(figures.differences_figure(numbers, say, method), "") if tested else "")
        + _table(numbers, method, say)
        + f"<h3>{escape(say('By channel'))}</h3>"
    )


def _members(numbers: RunNumbers, say: Say) -> str:
    """Return the channels of each group."""
    members: dict[str, list[str]] = {}
    for channel, group in numbers.attribution.groups.items():
        members.setdefault(group, []).append(channel)
    return " · ".join(f"{word(group, say)}: {', '.join(names)}" for group, names in members.items())


def _table(numbers: RunNumbers, method: str, say: Say) -> str:
    heads = [say("Group"), say("Share"), say("Winners"), say("Losers"), say("Difference"),
             say("95 % interval"), "p", "q", say("Channels")]  # fmt: skip
    sizes, groups = Counter(numbers.attribution.groups.values()), groups_of(numbers, method)
    rows = []
    for name in names_of(numbers, method):
        _, *figures_of_it = row(name, groups, say)
        count = f"{sizes[name]} ({percent(sizes[name] / sizes.total())})"
        rows.append([word(name, say), *figures_of_it, count])
    return table(heads, rows)
