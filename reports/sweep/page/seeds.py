"""The section of the spread over seeds, and what is said of it."""

from rollsight.reports.page.html import NONE, Cell, number, paragraph, section, table
from rollsight.reports.page.language import Say
from rollsight.reports.run.verdict import Sentence
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.seeds import (
    Lead,
    Seeds,
    SettingSpread,
    Spread,
    shown_setting,
)
from rollsight.reports.sweep.numbers.trials import TrialNumbers
from rollsight.reports.sweep.page.trials import figure_name, settings_name, written


def seeds_said(data: SweepNumbers, say: Say) -> list[Sentence]:
    """Return what the seeds say of the figures, and why none of them is chosen."""
    if data.seeds is None:
        return []
    own = shown_setting(data.seeds)
    told = "" if own is None else _range(own, say)
    if len(data.seeds.settings) == 1:
        said = say("training.seed alone was swept, and it is no setting to choose: nothing was "
                   "chosen.")  # fmt: skip
        return [("", f"{said} {told}".strip())]
    if not data.seeds.comparable:
        return [("bad", say("The settings were not all tried with the same seeds, and the best of "
                            "them may only have had the luckiest: nothing was chosen. The sampler "
                            "grid tries each with every seed."))]  # fmt: skip
    return [("", told)] if told else []


def lead_said(data: SweepNumbers, say: Say) -> list[Sentence]:
    """Return whether the lead of the best setting is more than what other seeds would do."""
    lead = data.lead
    if lead is None or lead.second is None or data.statistics.alike:
        return []
    facts = {
        "figure": figure_name(data.objective, say),
        "best": _trial(data, lead.best).number,
        "second": _trial(data, lead.second).number,
    }
    if not lead.own:
        return [("", say("On validation ({figure}) the settings of trials {best} and {second} are "
                         "equal, and the best.", **facts))]  # fmt: skip
    said = say(
        "On validation ({figure}) the setting of trial {best} is {lead} ahead of the setting of "
        "trial {second}, the next one.",
        lead=written(lead.own, data.objective),
        **facts,
    )
    tone = "bad" if lead.of and not lead.stands else ""
    return [(tone, f"{said} {_with_other_seeds(lead, data, say)}")]


def other_seeds_line(found: Spread | None, figure: str, say: Say) -> str:
    """Return the range of a figure over other seeds in a few words."""
    if found is None:
        return say("spread over seeds unknown")
    low, high = written(found.low, figure), written(found.high, figure)
    return say("other seeds {low} to {high}", low=low, high=high)


def seeds_section(seeds: Seeds, data: SweepNumbers, say: Say) -> str:
    """Return the section of the spread over seeds, three rows a setting."""
    heads: list[Cell | str] = [
        *(Cell(name, text=True) for name in (say("Setting"), say("Figure"))),
        say("Seeds"), say("Mean"), say("Standard deviation"), say("Range"),
    ]  # fmt: skip
    rows = [row for own in seeds.settings for row in _rows(own, data.objective, say)]
    told = say(
        "Trials of a setting differ in training.seed alone. What lies between them is no merit of "
        "any: settings are compared by their means, and every figure of one run is one of such a "
        "range."
    )
    return section(
        "seeds",
        say("What the seed alone changes"),
        paragraph(told),
        table(heads, rows),
    )


def has_parts(lead: Lead | None) -> bool:
    """Return whether networks of the best two were traded in parts, not trials of other seeds."""
    if lead is None or len(lead.best.trials) > 1:
        return False
    return any(own is not None and own.test.total_return for own in (lead.best, lead.second))


def lead_section(data: SweepNumbers, say: Say) -> str:
    """Return the section of what the best two settings come to with other seeds."""
    assert data.lead is not None
    heads: list[Cell | str] = [
        *(Cell(name, text=True) for name in (say("Trial"), say("Figure"))),
        say("All networks"), say("Other seeds"), say("Mean"), say("Standard deviation"),
        say("Range"),
    ]  # fmt: skip
    both = [own for own in (data.lead.best, data.lead.second) if own is not None]
    told = say(
        "Each network of a window alone, and each half of them, is traded as the trial is, with a "
        "threshold of its own: that is what the same setting comes to with other seeds. Nothing is "
        "trained for it. It is done for the two settings that are the best on validation."
    )
    return section(
        "seeds",
        say("What the seed alone changes"),
        paragraph(told),
        table(heads, [row for own in both for row in _lead_rows(own, data, say)]),
    )


def _with_other_seeds(lead: Lead, data: SweepNumbers, say: Say) -> str:
    if not lead.seeded:
        return say("No seed changes models of these families.")
    if not lead.of:
        return say(
            "Whether that is more than other seeds would change is unknown where a setting has one "
            "network a window: set training.seeds above 1, or try several values of training.seed."
        )
    if lead.others is None:
        return say("With other seeds one of the two never traded, in all {of} cases.", of=lead.of)
    facts = {
        "ahead": lead.ahead,
        "of": lead.of,
        "low": written(lead.others.low, data.objective),
        "high": written(lead.others.high, data.objective),
    }
    if lead.stands:
        return say(
            "With other seeds of both it is ahead in all {of} cases, by {low} to {high}: no seed "
            "turns it round, which settings that do not differ show once in {times} times.",
            times=lead.times,
            **facts,
        )
    return say(
        "With other seeds of both it is ahead in {ahead} of {of} cases, by {low} to {high}: the "
        "lead is within what the seed alone changes.",
        **facts,
    )


def _range(own: SettingSpread, say: Say) -> str:
    sharpe, annual = own.test.sharpe, own.test.annual_return
    if sharpe is None or annual is None or sharpe.n < 2:
        return ""
    return say(
        "Over {n} seeds of the same setting the Sharpe ratio of the test sessions goes from {low} "
        "to {high} (mean {mean}, standard deviation {deviation}), the net return a year from "
        "{least} to {most}: what a seed made more than another is luck.",
        n=sharpe.n,
        low=written(sharpe.low, "sharpe"),
        high=written(sharpe.high, "sharpe"),
        mean=written(sharpe.mean, "sharpe"),
        deviation=written(sharpe.deviation, "sharpe"),
        least=written(annual.low, "annual_return"),
        most=written(annual.high, "annual_return"),
    )


def _rows(own: SettingSpread, objective: str, say: Say) -> list[list[Cell | str]]:
    setting = settings_name(own.settings, say) or say("the specification's own")
    return [
        [*_names(setting, over, figure, say), *_cells(found, figure, say)]
        for over, found, figure in _figures(own, objective, say)
    ]


def _lead_rows(own: SettingSpread, data: SweepNumbers, say: Say) -> list[list[Cell | str]]:
    trial = _trial(data, own)
    name = f"{trial.number}: {settings_name(trial.settings, say)}"
    assert trial.validation is not None  # one that was ranked has figures
    assert trial.test is not None
    values = (trial.validation.objective, trial.test.sharpe, trial.test.annual_return)
    return [
        [*_names(name, over, figure, say), written(value, figure), *_cells(found, figure, say)]
        for value, (over, found, figure) in zip(
            values, _figures(own, data.objective, say), strict=True
        )
    ]


def _names(setting: str, over: str, figure: str, say: Say) -> list[Cell]:
    return [
        Cell(setting, "wrap", text=True),
        Cell(f"{over}: {figure_name(figure, say)}", text=True),
    ]


def _figures(
    own: SettingSpread, objective: str, say: Say
) -> tuple[tuple[str, Spread | None, str], ...]:
    return (
        (say("Validation"), own.validation, objective),
        (say("Test"), own.test.sharpe, "sharpe"),
        (say("Test"), own.test.annual_return, "annual_return"),
    )


def _cells(found: Spread | None, figure: str, say: Say) -> list[Cell | str]:
    if found is None:
        return [number(0), NONE, NONE, NONE]
    low, high = written(found.low, figure), written(found.high, figure)
    return [
        number(found.n),
        written(found.mean, figure),
        written(found.deviation, figure).lstrip("+"),
        say("{low} to {high}", low=low, high=high),
    ]


def _trial(data: SweepNumbers, own: SettingSpread) -> TrialNumbers:
    """Return the trial that stands for a setting."""
    stand = [t for t in data.trials if t.number in own.trials]
    return next((t for t in stand if t.chosen), stand[0])
