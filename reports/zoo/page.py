"""The page of a zoo."""

from collections.abc import Callable
from html import escape

import numpy as np

from rollsight.reports.page.document import document
from rollsight.reports.page.html import (
    Cell,
    figure,
    number,
    paragraph,
    percent,
    prose,
    section,
    signed,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import verdict_name, word
from rollsight.reports.zoo.facts import BEST
from rollsight.reports.zoo.figures import (
    curves_figure,
    gain_figure,
    maps_figure,
    rank_figure,
    segments_figure,
)
from rollsight.reports.zoo.numbers import Interval, Member, Spread, ZooNumbers


def zoo_page(data: ZooNumbers, say: Say) -> str:
    """Return the page."""
    parts = {
        "verdict": (say("What was learned"), _verdict(data, say)),
        "figures": (say("What each model forecast and earned"), _figures(data, say)),
        "seeds": (say("How much a seed changes"), _seeds(data, say)),
        "ranks": (say("Who ranks where"), _ranks(data, say)),
        "curves": (say("Learning curves"), _curves(data, say)),
        "segments": (say("The same decisions, seen by each model"), _segments(data, say)),
        "maps": (say("What each model looks at"), _maps(data, say)),
    }
    body = "".join(section(key, heading, *html) for key, (heading, html) in parts.items())
    subtitle = say(
        "{name}, {first} to {last}, {windows} windows",
        name=data.name, first=data.first_session, last=data.last_session, windows=data.windows,
    )  # fmt: skip
    contents = {key: heading for key, (heading, _) in parts.items()}
    first, *_ = verdict(data, say)
    lead = f'<p class="verdict"><b>{prose(first)}</b></p>'
    return document(say("Models side by side"), subtitle, contents, body, say=say, lead=lead)


def verdict(data: ZooNumbers, say: Say) -> list[str]:
    """Return the verdict, most important first, a sentence each."""
    learned, lines = [m for m in data.members if m.gain.above], [judged(data, say)]
    if learned:
        best = learned[0]
        lines += [
            say(
                "{count} of {models} models forecast better than the class frequencies; the most "
                "was learned by {name}, {gain} nats a row.",
                count=len(learned), models=len(data.members), name=best.name,
                gain=_interval(best.gain, say),
            )
        ]  # fmt: skip
    else:
        lines += [
            say(
                "None of {models} models forecast better than the class frequencies by more than "
                "luck.",
                models=len(data.members),
            )
        ]
    for name in ("logistic", "resnet"):
        better = [m.name for m in data.members if name in m.against and m.against[name].above]
        known = any(name in m.against for m in data.members)
        if better:
            lines.append(say("Better than {name}: {models}.", name=name, models=", ".join(better)))
        elif known:
            lines.append(say("No model does better than {name}.", name=name))
    lines.append(
        say(
            "{models} models were tried on the same test spans: the best of so many looks better "
            "than it is.",
            models=len(data.members),
        )
    )
    return lines


def judged(data: ZooNumbers, say: Say) -> str:
    """Return the verdicts on the families' runs, each with the families that it is on."""
    of: dict[str, list[str]] = {"more": [], "worse": [], "luck": [], "little": []}
    for member in data.members:
        of[member.word].append(member.name)
    said = (f"{verdict_name(told, say)}: {', '.join(names)}" for told, names in of.items() if names)
    return f"{'; '.join(said)}."


def _verdict(data: ZooNumbers, say: Say) -> list[str]:
    _, *others = verdict(data, say)
    left = [
        say("Left out: {name}: {reason}", name=name, reason=word(reason, say))
        for name, reason in data.left_out
    ]
    told = say(
        "Gain of each model over the class frequencies, nats a row, with its interval of 95 %."
    )
    return [
        *map(paragraph, others),
        figure(gain_figure(data, say), escape(told)),
        paragraph(_spacing(data, say)),
        *([] if data.teacher is None else [paragraph(_teacher(data, data.teacher, say))]),
        *map(paragraph, left),
    ]


def _spacing(data: ZooNumbers, say: Say) -> str:
    """Return what all models learnt alike."""
    if data.every == 1:
        return say("Every model learnt all sessions of its train spans (training.every = 1).")
    return say(
        "Every model learnt one session in {every} of its train spans (training.every): the labels "
        "of those between overlap with theirs, and say little new.",
        every=data.every,
    )


def _teacher(data: ZooNumbers, teacher: str, say: Say) -> str:
    """Return who had a teacher, beside whom others are on no equal terms."""
    untaught = ", ".join(sorted(data.untaught))
    if len(data.untaught) == len(data.members):
        return say("teacher.source = {source}, which no model here can learn from.", source=teacher)
    return say(
        "All models but {names} learnt soft labels too (teacher.source = {source}). These can "
        "learn labels alone, so that a lead over them may be the teacher's.",
        source=teacher,
        names=untaught,
    )


def _figures(data: ZooNumbers, say: Say) -> list[str]:
    learnt = [
        say("Model"), say("Gain, nats"), say("less logistic"), say("less resnet"), say("Rank IC"),
        say("at equal volatility"), say("Accuracy"), say("Training, s"), say("Parameters"),
    ]  # fmt: skip
    earned = [
        say("Model"), say("Precision"), say("Crucial-fail"), say("Soso-fail"), say("Net return"),
        say("Drawdown"), say("Trades"),
    ]  # fmt: skip
    told = say(
        "Precision, crucial-fail and soso-fail are those of the best tenth of each window's rows, "
        "equally many of every model ({buys}); of all rows {base} went UP. Net return is of the "
        "account at each model's own thresholds. Seconds are of this machine, and missing where "
        "networks lay ready.",
        buys=number(data.rows / BEST), base=percent(data.base),
    )  # fmt: skip
    return [
        table(learnt, [_learnt(m, say) for m in data.members]),
        table(earned, map(_earned, data.members)),
        paragraph(told),
    ]


def _learnt(m: Member, say: Say) -> list[Cell | str]:
    return [
        words(m.name),
        _interval(m.gain, say),
        _interval(m.against.get("logistic"), say),
        _interval(m.against.get("resnet"), say),
        number(m.coefficient.mean, 3),
        number(None if m.matched is None else m.matched.mean, 3),
        percent(m.accuracy),
        number(m.seconds, 1),
        number(m.parameters),
    ]


def _earned(m: Member) -> list[Cell | str]:
    return [
        words(m.name),
        percent(m.precision),
        percent(m.crucial_fail),
        percent(m.soso_fail),
        signed(m.total_return, 1),
        signed(m.drawdown, 1),
        number(m.trades),
    ]


def _seeds(data: ZooNumbers, say: Say) -> list[str]:
    several = [m for m in data.members if m.networks > 1]
    if not several:
        return [paragraph(say("Each model has one network a window: nothing is known of seeds."))]
    heads = [say("Model"), say("Networks"), say("Gain, nats"), say("Rank IC"), say("Precision"),
             say("Net return")]  # fmt: skip
    rows: list[list[Cell | str]] = [
        [
            words(m.name),
            number(m.networks),
            _spread(m.seeds["gain"], lambda x: number(x, 4)),
            _spread(m.seeds["coefficient"], lambda x: number(x, 3)),
            _spread(m.seeds["precision"], percent),
            _spread(m.seeds["total_return"], percent),
        ]
        for m in several
    ]
    told = say(
        "Mean and standard deviation over the networks of single seeds, each with a threshold of "
        "its own. The figures above are of all of a model's networks together."
    )
    return [table(heads, rows), paragraph(told)]


def _ranks(data: ZooNumbers, say: Say) -> list[str]:
    found = data.ranks
    if found is None:
        return [paragraph(say("Too few windows or models to rank: five and three are needed."))]
    told = say(
        "Mean rank of each model's log-loss over {windows} windows, 1 the best. A bar joins models "
        "that are no different: their ranks lie within {difference} of each other (Nemenyi). That "
        "all are alike has a p-value of {p} (Friedman).",
        windows=found.windows, difference=number(found.difference, 2),
        p=number(found.p_value, 3) if found.p_value >= 0.0005 else "< 0.001",
    )  # fmt: skip
    return [figure(rank_figure(found, say), escape(told))]


def _curves(data: ZooNumbers, say: Say) -> list[str]:
    told = say(
        "Loss of the last window's first network by epoch, or by another step of its search: "
        "log-loss, in nats, of models that learn classes; squared error of those that forecast "
        "returns (times model.label_scale). Compare the shapes of curves, and no levels across "
        "units."
    )
    return [figure(curves_figure(data, say), escape(told))]


def _segments(data: ZooNumbers, say: Say) -> list[str]:
    if not data.segments:
        return [paragraph(say("No stock has twenty labelled decisions."))]
    told = say(
        "Eight random stretches of twenty decisions of a stock, the same for all models: bars are "
        "what the label returned (left scale), lines p_up - p_down of the four models with the "
        "largest gain (right scale). Correlation over all of them: {each}.",
        each=", ".join(f"{name} {value:+.2f}" for name, value in _correlations(data).items()),
    )
    return [figure(segments_figure(data, say), escape(told))]


def _correlations(data: ZooNumbers) -> dict[str, float]:
    outcome = [x for s in data.segments for x in s.outcome]
    found = {}
    for m in data.members:
        said = [x for s in data.segments for x in s.said[m.name]]
        if np.std(said) > 0:
            found[m.name] = float(np.corrcoef(said, outcome)[0, 1])
    return found


def _maps(data: ZooNumbers, say: Say) -> list[str]:
    maps = data.maps
    if maps is None:
        return [paragraph(say("No gradient flows through any of the models."))]
    told = say(
        "Share of each channel in the absolute gradients of {rows} rows, the same for all models, "
        "as the area of a dot. They rank what a model looks at, and have passed no test here.",
        rows=number(maps.rows),
    )
    lines = [figure(maps_figure(maps), escape(told))]
    if maps.agreement is not None:
        lines.append(
            paragraph(
                say(
                    "Mean rank correlation of two models' shares: {value}.",
                    value=f"{maps.agreement:+.2f}",
                )
            )
        )
    return lines


def _interval(found: Interval | None, say: Say) -> str:
    if found is None or found.value is None:
        return number(None)
    value = f"{found.value:+.4f}"
    if found.low is None or found.high is None:
        return value
    ends = {"low": f"{found.low:+.4f}", "high": f"{found.high:+.4f}"}
    return say("{value} ({low} to {high})", value=value, **ends)


def _spread(found: Spread, show: Callable[[float | None], str]) -> str:
    if found.mean is None:
        return number(None)
    return f"{show(found.mean)} \N{PLUS-MINUS SIGN} {show(found.deviation)}"
