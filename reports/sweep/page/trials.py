"""The trials of a sweep on its page: parallel coordinates to filter by, over the list of all."""

from dataclasses import fields
from html import escape
from typing import Any

from rollsight.backtests.sweeps.grid import Settings
from rollsight.backtests.trials.outcomes import Figures
from rollsight.reports.page.html import (
    NONE,
    Cell,
    embedded,
    number,
    packed,
    paragraph,
    percent,
    section,
    signed,
    table,
)
from rollsight.reports.page.language import Say
from rollsight.reports.sweep.numbers.levels import MOST_LEVELS, distinct, is_number
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.trials import done, sampled

STILL = 200  # rows of the table that is printed, and seen without JavaScript
LINES = 500  # of the parallel coordinates
DIGITS = 6  # significant ones that the page keeps
TEXTS = ("trial", "setting", "word", "link")  # kinds of columns that are read from the left
PLACES = {"whole": 0, "ratio": 2, "nats": 4}
KINDS = {
    "sharpe": "ratio", "annual_return": "return", "precision": "share", "net_return": "return",
    "log_loss_gain": "nats",
}  # fmt: skip
Head = tuple[str, str, str]  # key, heading, kind


def trials(data: SweepNumbers, say: Say) -> str:
    """Return the section of every trial."""
    title = say("Every trial")
    drawn = _drawn(data)
    return section(
        "trials",
        title,
        *_parallel(data, len(drawn), say),
        *_list(data, say),
        packed("sweep-data", {"columns": _columns(data), "drawn": drawn}),
        embedded("sweep-words", _words(data, say)),
    )


def value_name(value: Any, say: Say) -> str:
    """Return a setting as one writes it in a specification."""
    if value is None:
        return say("unset")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return (
        ", ".join(value_name(v, say) for v in value)
        if isinstance(value, list | tuple)
        else str(value)
    )


def settings_name(settings: Settings, say: Say) -> str:
    """Return settings in one line."""
    return " · ".join(f"{key} = {value_name(value, say)}" for key, value in settings.items())


def figure_name(figure: str, say: Say) -> str:
    """Return the name of what trials are compared by."""
    return {
        "sharpe": say("Sharpe ratio"),
        "annual_return": say("A year, net"),
        "precision": say("Precision of buys"),
        "net_return": say("Net return of a buy"),
        "log_loss_gain": say("Log-loss gain"),
    }[figure]


def written(value: float | None, figure: str) -> str:
    """Return a figure of a trial in its unit."""
    return _number(value, KINDS[figure]).value


def _parallel(data: SweepNumbers, drawn: int, say: Say) -> list[str]:
    if not drawn:
        return []
    told = say(
        "A line is a trial: its settings on the left, what it came to on the right; green the "
        "highest Sharpe ratios on test sessions, brown the lowest, thick the one chosen. Click "
        "values, or press Enter on them, to keep their trials alone; drag along an axis of "
        "numbers, or move its ends with the arrow keys, to keep a range. The list below follows."
    )
    ran = len(done(data.trials))
    rest = say(
        "Lines are drawn of {drawn} of {all} trials, picked at random, the same ones each time and "
        "the chosen one among them; the list holds all.",
        drawn=number(drawn),
        all=number(ran),
    )
    label = escape(say("Parallel coordinates of the trials"))
    return [
        f'<div class="live">{paragraph(told)}</div>',
        paragraph(rest) if drawn < ran else "",
        f'<div id="parallel" class="live" data-label="{label}"></div>',
    ]


def _list(data: SweepNumbers, say: Say) -> list[str]:
    heads, columns, names = _heads(data, say), _columns(data), _names(data, say)
    count, found = len(data.trials), columns["validation"]
    first = sorted(range(count), key=lambda i: (found[i] is None, -(found[i] or 0.0), i))[:STILL]
    rows = [[_cell(columns, i, key, kind, names) for key, _, kind in heads] for i in first]
    told = say(
        "Validation: the objective ({figure}) on validation spans. All other figures are those of "
        "the test sessions, net of costs. A dot marks the chosen trial. Headings sort.",
        figure=figure_name(data.objective, say),
    )
    note = say("The first {shown} of {n} trials.", shown=number(len(first)), n=number(count))
    listed = table([Cell(head, text=kind in TEXTS) for _, head, kind in heads], rows)
    label = escape(say("Every trial"))
    return [
        paragraph(told),
        f'<div id="triallist" class="tradelist" data-label="{label}"></div>',
        f'<div class="still">{listed}{paragraph(note) if count > STILL else ""}</div>',
    ]


def _cell(
    columns: dict[str, list[Any]], i: int, key: str, kind: str, names: dict[str, Any]
) -> Cell:
    value = columns[key][i]
    if kind == "trial":
        dot = " \N{BLACK CIRCLE}" if columns["chosen"][i] else ""
        return Cell(f"{value}{dot}", text=True)
    if kind == "setting":
        return Cell(names[key][value], text=True)
    if kind in TEXTS:
        return Cell(NONE if value is None else names[kind].get(value, value), text=True)
    return _number(value, kind)


def _number(value: float | None, kind: str) -> Cell:
    if kind == "return":
        return Cell(signed(value))
    return Cell(percent(value) if kind == "share" else number(value, PLACES[kind]))


def _heads(data: SweepNumbers, say: Say) -> list[Head]:
    """Return key, heading and kind of every column of the list."""
    return [
        ("number", say("Trial"), "trial"),
        *((key, key.rpartition(".")[2], "setting") for key in data.keys),
        ("validation", say("Validation"), KINDS[data.objective]),
        ("sharpe", say("Sharpe ratio"), "ratio"),
        ("annual_return", say("A year, net"), "return"),
        ("total_return", say("Total return, net"), "return"),
        ("max_drawdown", say("Deepest drawdown"), "share"),
        ("trades", say("Trades"), "whole"),
        ("buys", say("Buys"), "whole"),
        ("precision", say("Precision"), "share"),
        ("crucial_fail", say("Crucial-fail"), "share"),
        ("net_return", say("Net return of a buy"), "return"),
        ("log_loss_gain", say("Log-loss gain"), "nats"),
        ("state", say("Outcome"), "word"),
        ("link", say("Report"), "link"),
    ]


def _axes(data: SweepNumbers, say: Say) -> list[dict[str, Any]]:
    """Return the axes of the parallel coordinates: the settings, the objective, two figures."""
    test = dict.fromkeys([data.objective, "sharpe", "annual_return"])
    figures = [
        ("validation", say("Validation"), data.objective),
        *((figure, say("Test"), figure) for figure in test),
    ]
    return [
        *(_setting_axis(data, key, say) for key in data.keys),
        *(
            {
                "key": key, "over": over, "head": figure_name(figure, say), "kind": KINDS[figure],
                "label": f"{over}: {figure_name(figure, say)}", **_limits(data, key),
            }
            for key, over, figure in figures
        ),
    ]  # fmt: skip


def _setting_axis(data: SweepNumbers, key: str, say: Say) -> dict[str, Any]:
    """Return an axis of few values, each to be picked, or of a range of many."""
    over, _, head = key.rpartition(".")
    values, _ = _settings(data, key)
    few = len(values) <= MOST_LEVELS
    places = [at / (len(values) - 1) if len(values) > 1 else 0.5 for at in range(len(values))]
    if not few and all(map(is_number, values)):
        places = [round((v - values[0]) / (values[-1] - values[0]), 4) for v in values]
    names = [value_name(value, say) for value in values] if few else None
    return {"key": key, "over": over, "head": head, "kind": "setting", "label": key,
            "places": places, "names": names}  # fmt: skip


def _limits(data: SweepNumbers, key: str) -> dict[str, float]:
    known = [v for v in _figures(data, key) if v is not None]
    return {"low": min(known, default=0.0), "high": max(known, default=0.0)}


def _settings(data: SweepNumbers, key: str) -> tuple[list[Any], list[int]]:
    """Return a key's values in order, and the place of each trial's."""
    asked = data.values.get(key, ())
    known, places = distinct([*asked, *(t.settings.get(key) for t in data.trials)])
    return known, places[len(asked) :]


def _columns(data: SweepNumbers) -> dict[str, list[Any]]:
    """Return the list's values by column; those of a setting are places among its values."""
    return {
        "number": [t.number for t in data.trials],
        **{key: _settings(data, key)[1] for key in data.keys},
        "validation": _figures(data, "validation"),
        **{figure.name: _figures(data, figure.name) for figure in fields(Figures)},
        "state": [t.state for t in data.trials],
        "link": [t.link for t in data.trials],
        "chosen": [int(t.chosen) for t in data.trials],
    }


def _figures(data: SweepNumbers, key: str) -> list[float | None]:
    """Return each trial's objective on validation, or its figure of that name on test."""
    found = (
        [None if t.validation is None else t.validation.objective for t in data.trials]
        if key == "validation"
        else [None if t.test is None else t.test.of(key) for t in data.trials]
    )
    return [None if v is None else float(f"{v:.{DIGITS}g}") for v in found]


def _names(data: SweepNumbers, say: Say) -> dict[str, Any]:
    """Return what the values of a key, the states of a trial and its link are called."""
    states = {
        "done": say("done"), "failed": say("failed"),
        "abandoned": say("abandoned"),
    }  # fmt: skip
    values = {key: _settings(data, key)[0] for key in data.keys}
    named = {key: [value_name(v, say) for v in known] for key, known in values.items()}
    return {**named, "word": states, "link": {}}


def _words(data: SweepNumbers, say: Say) -> dict[str, Any]:
    """Return what the script says and shows beside the trials' own numbers."""
    names = _names(data, say)
    return {
        "heads": [
            {"key": key, "head": head, "kind": kind} for key, head, kind in _heads(data, say)
        ],
        "axes": _axes(data, say),
        "values": {key: names[key] for key in data.keys},
        "words": names["word"],
        "say": {
            "trial": say("Trial"),
            "open": say("open"),
            "clear": say("Clear"),
            "count": say("{shown} of {all} trials", shown="{shown}", all="{all}"),
            "lowest": say("Lowest kept of {axis}", axis="{axis}"),
            "highest": say("Highest kept of {axis}", axis="{axis}"),
        },
    }


def _drawn(data: SweepNumbers) -> list[int]:
    """Return the places of the trials whose lines are drawn."""
    numbers = {t.number for t in sampled(data.trials, LINES)}
    return [at for at, t in enumerate(data.trials) if t.number in numbers]
