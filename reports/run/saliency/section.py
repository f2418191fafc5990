"""The section on which index drove winners, and which losers, as far as that can be told."""

from html import escape

from rollsight.reports.page.html import (
    figure,
    folded,
    number,
    paragraph,
    section,
)
from rollsight.reports.page.html import table as html_table
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import word
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.saliency import figures
from rollsight.reports.run.saliency.attention import attention_part
from rollsight.reports.run.saliency.attribution import Attribution, method_by_period
from rollsight.reports.run.saliency.explained import (
    about_checks,
    about_maps,
    about_members_checks,
    of_members,
    of_trees,
)
from rollsight.reports.run.saliency.figures import (
    groups_of,
    names_of,
    periods_of,
)
from rollsight.reports.run.saliency.groups import by_group
from rollsight.reports.run.saliency.rows import row
from rollsight.training.explaining.gate import NO_GRADIENT


def saliency(numbers: RunNumbers, say: Say) -> str:
    """Return the section: whole, year, quarter, window, lags, and the checks of the maps."""
    title = say("Which index drove winners and losers")
    if not numbers.saliency:
        nothing = paragraph(_nothing(numbers, say))
        return section("saliency", title, nothing, _gates(numbers, say))
    return section(
        "saliency",
        title,
        paragraph(about_maps(numbers.attribution, say)),
        paragraph(_left_out(numbers, say)),
        by_group(numbers, say),
        _whole(numbers, say),
        _periods(numbers, say),
        _checks(numbers, say),
        _gates(numbers, say),
    )


def _nothing(numbers: RunNumbers, say: Say) -> str:
    if NO_GRADIENT in numbers.attribution.left_out.reasons:
        return say(
            "No gradient flows through this family of models, so there are no maps: which index "
            "drove its trades is left out."
        )
    return say("There was no trade.")


def _left_out(numbers: RunNumbers, say: Say) -> str:
    left = numbers.attribution.left_out
    windows, failed = left.windows, left.failed
    if not failed:
        return say("The maps of all {windows} windows passed their checks.", windows=windows)
    reasons = ", ".join(f"{word(reason, say)} ({count})" for reason, count in left.reasons.items())
    if failed == windows:
        return say(
            "No window's maps can be believed ({reasons}): there is no sum over windows, and each "
            "window is shown in grey alone.",
            reasons=reasons,
        )
    summed = groups_of(numbers).get(("all", "all"))
    return say(
        "{failed} of {windows} windows left out of every sum: {reasons}. What is summed below "
        "rests on {trades} trades of {left}.",
        failed=failed,
        windows=windows,
        reasons=reasons,
        trades=number(0 if summed is None else summed.trades),
        left=windows - failed,
    )


def _whole(numbers: RunNumbers, say: Say) -> str:
    if ("all", "all") not in groups_of(numbers):
        return ""
    titles = " · ".join(
        f"{c.name}: {word(c.title, say)} ({word(c.unit, say)})" for c in numbers.data.channels
    )
    told = escape(
        say(
            "Filled bars in colour are significant (q below 5 %; green above zero, red below), "
            "open grey ones are not significant; lines are 95 % intervals over blocks of dates, "
            "where there are 20 of them."
        )
    )
    tested = numbers.attribution.target != "predicted"
    return (
        figure(figures.channels_figure(numbers, say), escape(titles))
        + (figure(figures.differences_figure(numbers, say), told) if tested else "")
        + _table(numbers, say)
    )


def _table(numbers: RunNumbers, say: Say) -> str:
    groups = groups_of(numbers)
    heads = [say("Channel"), say("Share"), say("Winners"), say("Losers"), say("Difference"),
             say("95 % interval"), "p", "q", say("Permutation, nats")]  # fmt: skip
    nats = numbers.attribution.importance.nats or {}
    return html_table(
        heads, [[*row(name, groups, say), number(nats.get(name), 4)] for name in names_of(numbers)]
    )


def _periods(numbers: RunNumbers, say: Say) -> str:
    titles = {
        "year": say("By year"),
        "quarter": say("By quarter"),
        "window": say("By test window"),
    }
    caption = escape(
        say(
            "Blank: no such trade then. Grey: a window that failed its checks. A dot: a "
            "difference with q below 5 %, where dates are enough for a test."
        )
    )
    method = method_by_period(numbers.saliency)
    groups = groups_of(numbers, method)
    return "".join(
        f"<h3>{escape(title)}</h3>"
        + figure(figures.periods_figure(numbers, kind, say, method), caption)
        for kind, title in titles.items()
        if periods_of(groups, kind)
    )


def _checks(numbers: RunNumbers, say: Say) -> str:
    """Return lags, stability, permutation importance and further methods of what passed."""
    about = numbers.attribution
    if ("all", "all") not in groups_of(numbers):
        return ""
    parts = []
    if about.lags:
        parts.append(f"<h3>{escape(say('When in the input'))}</h3>")
        parts.append(figure(figures.lags_figure(numbers, say), ""))
        parts.append(attention_part(about.attention, say))
    parts.append(f"<h3>{escape(say('How stable and how independent'))}</h3>")
    if any(own.mean is not None for own in about.stability.values()):
        parts.append(paragraph(_stability(about, say)))
    if about.importance.nats is not None:
        parts.append(
            figure(figures.importance_figure(numbers, say), escape(_agreement(about, say)))
        )
    if len(about.methods) > 1:
        parts.append(figure(figures.methods_figure(numbers, say), ""))
    return "".join(parts)


def _stability(about: Attribution, say: Say) -> str:
    mean = {kind: number(own.mean, 2) for kind, own in about.stability.items()}
    return say(
        "Rank correlation of the channels' shares from one period to the next, on average: years "
        "{year}, quarters {quarter}, windows {window}. Near 0, the network looks at something else "
        "each time.",
        year=mean["year"],
        quarter=mean["quarter"],
        window=mean["window"],
    )


def _agreement(about: Attribution, say: Say) -> str:
    return say(
        "Left, saliency; right, how much worse the test log-loss gets where a channel's whole "
        "input changes dates. The rank correlation of the two is {agreement}.",
        agreement=number(about.importance.agreement, 2),
    )


def _gates(numbers: RunNumbers, say: Say) -> str:
    trees = of_trees(numbers.attribution)
    heads = [say("Window"), say("Test from"), say("Passed"), say("Reason"),
             say("Halves agree") if trees else say("Seeds agree"), say("Random map"),
             say("Deletion"), say("Methods agree"), say("Permutation agrees")]  # fmt: skip
    agreement = numbers.attribution.importance.agreement_by_window
    rows = [
        [
            str(window.number),
            window.test_start,
            say("yes") if window.gate_passed else say("no"),
            "; ".join(word(r, say) for r in (window.gate_reason or "").split("; ")),
            number(window.gate_seeds, 2),
            number(window.gate_randomised, 2),
            number(window.gate_deletion, 2),
            number(window.gate_methods, 2),
            number(agreement.get(str(window.number)), 2),
        ]
        for window in numbers.windows
    ]  # fmt: skip
    told = paragraph(about_checks(say)) if trees else ""
    if of_members(numbers.attribution):
        told = paragraph(about_members_checks(say))
    return folded(say("Checks of each window's maps"), told + html_table(heads, rows, texts=4))
