"""The section of a run that has a gate."""

from html import escape

from rollsight.base.resampling import Estimate
from rollsight.reports.page.html import Cell, number, paragraph, percent, section, table, words
from rollsight.reports.page.language import Say
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.outliers.facts import Counted, Outliers, Side

MOSTLY = 0.5  # rank correlation from which on the error mostly measures volatility


def outliers(numbers: RunNumbers, say: Say) -> str:
    """Return the section; nothing where the run has no gate."""
    found = numbers.outliers
    if found is None:
        return ""
    points = [_verdict(found, say), _volatility(found, say)]
    if found.date_share is not None:
        told = say(
            "{share} of the variance of being an outlier lies between dates: inputs that all "
            "stocks share make outliers of dates, and not of stocks.",
            share=percent(found.date_share),
        )
        points.append(told)
    if found.twin is not None:
        points.append(_beside(found, say))
    listed = "".join(f"<li>{escape(point)}</li>" for point in points)
    return section(
        "outliers",
        say("Outliers"),
        f'<ul class="facts">{listed}</ul>',
        paragraph(_told(found, say)),
        _counts(say("Span"), found.spans, say),
        paragraph(_action(found, say)),
        _sides(found, say),
        paragraph(say("Test rows by tenth of their volatility, the calmest first.")),
        _counts(say("Tenth"), found.tenths, say),
    )


def _told(found: Outliers, say: Say) -> str:
    names = {"autoencoder": say("an autoencoder"), "pca": say("principal components")}
    return say(
        "Each window's gate is {model} with a code of {code} numbers, learnt on its train inputs "
        "without labels. A row whose inputs are rebuilt with a larger error than the quantile "
        "{quantile} of the validation span's is an outlier. It rebuilds {explained} of the "
        "validation rows' squared distance from the train mean.",
        model=names[found.model], code=number(found.code), quantile=f"{found.quantile:g}",
        explained=percent(found.explained),
    )  # fmt: skip


def _action(found: Outliers, say: Say) -> str:
    if found.action == "no_buy":
        return say(
            "Outliers are never bought, on validation as in the test span; those below would have "
            "been bought without the gate, at the thresholds that were tuned with it."
        )
    if found.action == "drop_train":
        return say(
            "Train rows beyond the same quantile of the train span's own errors were not learnt. "
            "What that changed, only a run with gate.action='report' beside this one can tell."
        )
    return say("Nothing follows of it: outliers are bought like other rows.")


def _verdict(found: Outliers, say: Say) -> str:
    gap = found.apart
    if gap.value is None:
        return say("No labelled buy lies on one side of the gate: it had nothing to tell apart.")
    if gap.low is None or gap.high is None:
        return say(
            "Buys inside the gate earn {apart} more than those beyond it, on too few dates for an "
            "interval: whether the gate earns its keep cannot be told.",
            apart=percent(gap.value, 2, sign=True),
        )
    given = {
        "apart": percent(gap.value, 2, sign=True), "low": percent(gap.low, 2, sign=True),
        "high": percent(gap.high, 2, sign=True),
    }  # fmt: skip
    if gap.low > 0:
        return say(
            "The gate earns its keep: buys inside it earn {apart} more than those beyond it "
            "({low} to {high}).",
            **given,
        )
    if gap.high < 0:
        return say(
            "The gate costs: buys inside it earn {apart} against those beyond it ({low} to "
            "{high}).",
            **given,
        )
    return say(
        "Whether the gate earns its keep cannot be told: buys inside it earn {apart} against those "
        "beyond it ({low} to {high}).",
        **given,
    )


def _volatility(found: Outliers, say: Say) -> str:
    if found.correlation is None:
        return say("The error and the rows' volatility do not both vary.")
    value = f"{found.correlation:+.2f}"
    if found.correlation >= MOSTLY:
        return say(
            "The error mostly measures volatility: its rank correlation with that of the row is "
            "{value}.",
            value=value,
        )
    return say(
        "The error is not mostly volatility: its rank correlation with that of the row is {value}.",
        value=value,
    )


def _beside(found: Outliers, say: Say) -> str:
    twin = found.twin
    assert twin is not None
    given = {
        "own": percent(twin.own), "linear": percent(twin.explained), "code": number(found.code),
        "better": number(twin.better), "windows": number(twin.windows), "both": number(twin.both),
        "beyond": number(found.spans[-1].beyond), "theirs": number(twin.beyond),
    }  # fmt: skip
    same = say(
        "Of the {beyond} test rows beyond the autoencoder's gate, {both} are beyond that of the "
        "components too, which {theirs} rows are.",
        **given,
    )
    if twin.own > twin.explained:
        first = say(
            "The autoencoder rebuilds {own} of the validation rows, better than {code} principal "
            "components with {linear} (in {better} of {windows} windows).",
            **given,
        )
    else:
        first = say(
            "The autoencoder rebuilds {own} of the validation rows, no better than {code} "
            "principal components with {linear} (better in {better} of {windows} windows).",
            **given,
        )
    return f"{first} {same}"


def _counts(head: str, rows: tuple[Counted, ...], say: Say) -> str:
    names = {"train": say("train"), "validation": say("validation"), "test": say("test")}
    cells: list[list[Cell | str]] = [
        [
            words(names.get(one.name, one.name)),
            number(one.rows),
            number(one.beyond),
            percent(one.beyond / one.rows if one.rows else None),
        ]
        for one in rows
    ]
    return table([head, say("Rows"), say("Outliers"), say("Share")], cells)


def _sides(found: Outliers, say: Say) -> str:
    names = {say("inside the gate"): found.inside, say("beyond the gate"): found.beyond}
    heads = [
        say("Buys"), say("Number"), say("With a label"), say("Precision"), say("Interval"),
        say("Mean net return"), say("Interval"),
    ]  # fmt: skip
    return table(heads, [_side(name, one, say) for name, one in names.items()])


def _side(name: str, one: Side, say: Say) -> list[Cell | str]:
    return [
        words(name),
        number(one.buys),
        number(one.labelled),
        percent(one.precision.value),
        _between(one.precision, 1, say, sign=False),
        percent(one.net.value, 2, sign=True),
        _between(one.net, 2, say, sign=True),
    ]


def _between(found: Estimate, digits: int, say: Say, *, sign: bool) -> str:
    if found.low is None or found.high is None:
        return say("too few dates")
    low, high = (percent(value, digits, sign=sign) for value in (found.low, found.high))
    return say("{low} to {high}", low=low, high=high)
