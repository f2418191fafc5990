"""The section of a run that learns from a teacher."""

from html import escape

from rollsight.backtests.baselines.names import CONTROL
from rollsight.reports.page.html import number, paragraph, section
from rollsight.reports.page.language import Say
from rollsight.reports.run.baselines.facts import ModelFigures
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.teacher.facts import Teacher
from rollsight.signals.teacher.spec import DRAWN


def teacher(numbers: RunNumbers, say: Say) -> str:
    """Return the section; nothing where the run has no teacher."""
    found = numbers.teacher
    if found is None:
        return ""
    told = [(tone, text) for tone, text in (_verdict(numbers, found, say), _rows(found, say))]
    said = "".join(f'<li class="{tone}">{escape(text)}</li>' for tone, text in told if text)
    how = say(
        "Of a train row with soft labels the loss is {rest} of the log-loss of its label and "
        "{alpha} of the divergence from them, both sides at temperature {heat}; the train loss of "
        "the learning curves is of both, and it is stopped on labels alone. A row has soft labels "
        "if these were known by its decision, and if the decision and its label come before "
        "validation.",
        alpha=number(found.alpha, 2), rest=number(1 - found.alpha, 2),
        heat=number(found.temperature, 1),
    )  # fmt: skip
    return section(
        "teacher",
        say("Teacher"),
        f'<ul class="facts">{said}</ul>',
        paragraph(how),
        "" if found.control is None else paragraph(_control(found, say)),
    )


def _control(found: Teacher, say: Say) -> str:
    if found.control == "random":
        return say(
            "The control is the same model, trained in the same way on random probabilities in the "
            "teacher's place: on the same rows, with the same mean entropy."
        )
    return say(
        "The control is the same model, trained in the same way on smoothed labels in the "
        "teacher's place: on the same rows, with the same mean entropy."
    )


def _verdict(numbers: RunNumbers, found: Teacher, say: Say) -> tuple[str, str]:
    """Return whether the teacher beats its control: the difference of their log-losses."""
    if found.source in DRAWN:
        return "", say("No teacher: these soft labels know nothing that the labels do not.")
    if not found.facts.taught:
        return "bad", say("No train row had soft labels in time: the labels alone were learnt.")
    control = [one for one in numbers.baselines.others if one.name == CONTROL]
    return _compared(control[0], say) if control else ("", say("No control was trained beside it."))


def _compared(control: ModelFigures, say: Say) -> tuple[str, str]:
    ends = control.lead_low, control.lead_high
    if control.lead is None or ends[0] is None or ends[1] is None:
        return "", say(
            "Whether the teacher beats its control cannot be told: too few dates for an interval."
        )
    values = dict(
        zip(("nats", "low", "high"), (f"{x:+.4f}" for x in (control.lead, *ends)), strict=True)
    )
    if ends[0] > 0:
        return "good", say(
            "The teacher beats its control, whose log-loss less the run's own is {nats} nats "
            "[{low}, {high}].",
            **values,
        )
    if ends[1] < 0:
        return "bad", say(
            "The teacher is worse than its control, whose log-loss less the run's own is {nats} "
            "nats [{low}, {high}].",
            **values,
        )
    return "", say(
        "The teacher does not beat its control, whose log-loss less the run's own is {nats} nats "
        "[{low}, {high}]: what softness does alone would do as well.",
        **values,
    )


def _rows(found: Teacher, say: Say) -> tuple[str, str]:
    facts = found.facts
    values = {"taught": number(facts.taught), "rows": number(facts.train_rows),
              "entropy": number(facts.entropy, 3)}  # fmt: skip
    if facts.log_loss is None or facts.frequency_loss is None:
        return "", say(
            "{taught} of {rows} train rows had soft labels, of a mean entropy of {entropy} nats.",
            **values,
        )
    return "", say(
        "{taught} of {rows} train rows had a teacher; on them its own log-loss is {loss} nats, "
        "that of their class frequencies {frequencies}, and its mean entropy {entropy}.",
        loss=number(facts.log_loss, 4), frequencies=number(facts.frequency_loss, 4), **values,
    )  # fmt: skip
