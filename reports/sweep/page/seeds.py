"""The section of the spread over seeds, and what is said of it."""

from rollsight.reports.page.html import NONE, Cell, number, paragraph, section, table
from rollsight.reports.page.language import Say
from rollsight.reports.run.verdict import Sentence
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.seeds import Seeds, SettingSpread, Spread, shown_setting
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
    figures = (
        (say("Validation"), own.validation, objective),
        (say("Test"), own.test.sharpe, "sharpe"),
        (say("Test"), own.test.annual_return, "annual_return"),
    )
    return [
        [
            Cell(setting, "wrap", text=True),
            Cell(f"{over}: {figure_name(figure, say)}", text=True),
            *([number(0), NONE, NONE, NONE] if found is None else _cells(found, figure, say)),
        ]
        for over, found, figure in figures
    ]


def _cells(found: Spread, figure: str, say: Say) -> list[Cell | str]:
    low, high = written(found.low, figure), written(found.high, figure)
    return [
        number(found.n),
        written(found.mean, figure),
        written(found.deviation, figure).lstrip("+"),
        say("{low} to {high}", low=low, high=high),
    ]
