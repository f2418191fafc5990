"""What the seed alone changes: the spread of figures over trials that differ in nothing else."""

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from rollsight.backtests.sweeps.seedgroups import Setting, choosable, settings_of
from rollsight.backtests.sweeps.spec import SEED
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.reports.page.html import NONE, Cell, number, paragraph, section, table
from rollsight.reports.page.language import Say
from rollsight.reports.run.verdict import Sentence
from rollsight.reports.sweep.numbers.paths import Finished
from rollsight.reports.sweep.page.trials import figure_name, settings_name, written

TEST = ("sharpe", "annual_return", "total_return", "max_drawdown")
Spread = dict[str, Any]


def seeds_data(done: Finished) -> dict[str, Any] | None:
    """Return the spread over seeds of each setting's figures, None where no seed was swept.

    ``comparable`` is whether every setting was tried with the same seeds, and there are several.
    """
    if SEED not in done.grid.keys:
        return None
    settings = settings_of(done.plan.trials)
    return {
        "comparable": choosable(settings),
        "settings": [_setting(done, own) for own in settings],
    }


def spread(values: Sequence[float | None]) -> Spread | None:
    """Return mean, standard deviation, lowest and highest of values; missing ones are left out.

    >>> spread([1.0, None, 2.0, 3.0])
    {'n': 3, 'mean': 2.0, 'deviation': 1.0, 'low': 1.0, 'high': 3.0}
    """
    known = [v for v in values if v is not None]
    if not known:
        return None
    deviation = stdev(known) if len(known) > 1 else None
    return {"n": len(known), "mean": fmean(known), "deviation": deviation,
            "low": min(known), "high": max(known)}  # fmt: skip


def shown_setting(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the setting that is chosen, or the only one there is."""
    if data["seeds"] is None:
        return None
    settings: list[dict[str, Any]] = data["seeds"]["settings"]
    return next((s for s in settings if s["chosen"]), settings[0] if len(settings) == 1 else None)


def seeds_said(data: dict[str, Any], say: Say) -> list[Sentence]:
    """Return what the seeds say of the figures, and why none of them is chosen."""
    if data["seeds"] is None:
        return []
    own = shown_setting(data)
    told = "" if own is None else _range(own, say)
    if len(data["seeds"]["settings"]) == 1:
        said = say("training.seed alone was swept, and it is no setting to choose: nothing was "
                   "chosen.")  # fmt: skip
        return [("", f"{said} {told}".strip())]
    if not data["seeds"]["comparable"]:
        return [("bad", say("The settings were not all tried with the same seeds, and the best of "
                            "them may only have had the luckiest: nothing was chosen. The sampler "
                            "grid tries each with every seed."))]  # fmt: skip
    return [("", told)] if told else []


def seeds(data: dict[str, Any], say: Say) -> str:
    """Return the section of the spread over seeds, three rows a setting."""
    heads: list[Cell | str] = [
        *(Cell(name, text=True) for name in (say("Setting"), say("Figure"))),
        say("Seeds"), say("Mean"), say("Standard deviation"), say("Range"),
    ]  # fmt: skip
    rows = [row for own in data["seeds"]["settings"] for row in _rows(own, data, say)]
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


def _setting(done: Finished, own: Setting) -> dict[str, Any]:
    found = [o for t in own.trials if isinstance(o := done.found.get(t.key), Outcome)]
    return {
        "settings": dict(own.settings),
        "trials": [t.number for t in own.trials],
        "chosen": done.chosen is not None and done.chosen in own.trials,
        "validation": spread([o.objective("validation", done.sweep.objective) for o in found]),
        "test": {name: spread([o.test[name] for o in found]) for name in TEST},
    }


def _range(own: dict[str, Any], say: Say) -> str:
    sharpe, annual = own["test"]["sharpe"], own["test"]["annual_return"]
    if sharpe is None or annual is None or sharpe["n"] < 2:
        return ""
    return say(
        "Over {n} seeds of the same setting the Sharpe ratio of the test sessions goes from {low} "
        "to {high} (mean {mean}, standard deviation {deviation}), the net return a year from "
        "{least} to {most}: what a seed made more than another is luck.",
        n=sharpe["n"],
        **{key: written(sharpe[key], "sharpe") for key in ("low", "high", "mean", "deviation")},
        least=written(annual["low"], "annual_return"),
        most=written(annual["high"], "annual_return"),
    )


def _rows(own: dict[str, Any], data: dict[str, Any], say: Say) -> list[list[Cell | str]]:
    setting = settings_name(own["settings"], say) or say("the specification's own")
    figures = (
        (say("Validation"), own["validation"], data["objective"]),
        (say("Test"), own["test"]["sharpe"], "sharpe"),
        (say("Test"), own["test"]["annual_return"], "annual_return"),
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
    low, high = written(found["low"], figure), written(found["high"], figure)
    return [
        number(found["n"]),
        written(found["mean"], figure),
        written(found["deviation"], figure).lstrip("+"),
        say("{low} to {high}", low=low, high=high),
    ]
