"""The section that sets the run's own model beside its baselines."""

from collections.abc import Callable
from html import escape

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rollsight.reports.page.drawing import GREY, OURS, THEIRS, drawing, svg
from rollsight.reports.page.html import (
    NONE,
    Cell,
    figure,
    number,
    paragraph,
    percent,
    section,
    signed,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.run.baselines.facts import FREQUENCIES, ModelFigures
from rollsight.reports.run.baselines.sentence import (
    begun,
    beside_best,
    model_title,
    trained_baselines,
)
from rollsight.reports.run.learning.modes import scores_said
from rollsight.reports.run.numbers import RunNumbers

Figure = Callable[[ModelFigures], float | None]


def baselines(numbers: RunNumbers, say: Say) -> str:
    """Return the sentence, the figure and the table of the run's own model and its baselines."""
    tone, told = beside_best(numbers.baselines, say) or ("", _nothing_beside(numbers, say))
    return section(
        "baselines",
        say("Beside simpler models"),
        f'<ul class="facts"><li class="{tone}">{escape(told)}</li></ul>',
        paragraph(
            say(
                "Each baseline was fitted in the same windows on the same inputs, with "
                "thresholds, rule and account of the run, and keys of its own as by default. A "
                "gain is the log-loss of always forecasting each window's class frequencies less "
                "that of the model. Added is what {model} adds to the model of the line: the log-"
                "loss of that one less its own, row by row, with an interval that counts blocks "
                "of dates one label long. Precision is that of the highest scores, as many in "
                "each window (on each date where threshold.per asks for its best) as {model} "
                "bought; buys, trades and return are those at the model's own thresholds.",
                model=model_title(numbers.baselines.model.name, say),
            )
        ),
        figure(
            baselines_figure(numbers, say),
            escape(
                say("A model is worth its trouble where its bar is ahead of the simpler ones'.")
            ),
        ),
        _table(numbers, say),
    )


def baselines_figure(numbers: RunNumbers, say: Say) -> str:
    """Return five panels side by side, each with a bar a model."""
    models = [numbers.baselines.model, *numbers.baselines.others]
    with drawing(9.6, 1.25 + 0.3 * len(models)) as drawn:
        gain, rank, precision, earned, trades = drawn.subplots(1, 5, sharey=True)
        gain.set_yticks(range(len(models)), [begun(model_title(m.name, say)) for m in models])
        gain.invert_yaxis()
        _bars(gain, models, lambda m: m.gain, say("Log-loss gain, nats"))
        _intervals(gain, models, lambda m: m.gain_low, lambda m: m.gain_high, say)
        _bars(rank, models, lambda m: m.information.mean, say("Rank coefficient"))
        _intervals(rank, models, lambda m: m.information.low, lambda m: m.information.high, say)
        _bars(precision, models, lambda m: m.precision, say("Precision, as many buys"))
        _bars(earned, models, lambda m: m.net_return, say("Total return, net"))
        _bars(trades, models, lambda m: m.trades, say("Trades"))
        for axes in (precision, earned):
            axes.xaxis.set_major_formatter(PercentFormatter(1))
        return svg(drawn)


def _bars(axes: Axes, models: list[ModelFigures], of: Figure, title: str) -> None:
    colors = [OURS, *(GREY if m.name == FREQUENCIES else THEIRS for m in models[1:])]
    axes.barh(range(len(models)), _values(models, of), 0.62, color=colors, label=title)
    axes.axvline(0, color="#5c6670", lw=0.7)
    axes.set_title(title)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def _intervals(axes: Axes, models: list[ModelFigures], low: Figure, high: Figure, say: Say) -> None:
    axes.hlines(range(len(models)), _values(models, low), _values(models, high),
                color="#3d4752", lw=1.2, label=say("95 % interval"))  # fmt: skip


def _values(models: list[ModelFigures], of: Figure) -> np.ndarray:
    return np.array([np.nan if (value := of(m)) is None else value for m in models])


def _nothing_beside(numbers: RunNumbers, say: Say) -> str:
    """Return why nothing is said of the best baseline."""
    if not trained_baselines(numbers.baselines):
        return say(
            "No baseline was trained beside it (baselines = []): only the class frequencies."
        )
    if numbers.training.mode == "scores":
        return scores_said(say)
    return say("No test row has a label yet.")


def _table(numbers: RunNumbers, say: Say) -> str:
    heads = [say("Model"), say("Log-loss"), say("Gain"), say("Interval"), say("Added"),
             say("Interval"), say("Mean"), say("Interval"), say("Precision"), say("Buys"),
             say("Trades"), say("Return")]  # fmt: skip
    groups = [("", 1), (say("Log-loss of all test rows"), 5),
              (say("Rank information coefficient"), 2), (say("Buys and account"), 4)]  # fmt: skip
    models = [numbers.baselines.model, *numbers.baselines.others]
    own = numbers.baselines.model
    return table(heads, [_row(m, say, own=m is own) for m in models], groups=groups)


def _row(of: ModelFigures, say: Say, *, own: bool) -> list[Cell | str]:
    rank = of.information
    account = [NONE] * 3 if of.trades is None else [
        number(of.buys), number(of.trades), signed(of.net_return, 1)]  # fmt: skip
    return [
        words(begun(model_title(of.name, say))),
        number(of.log_loss, 4),
        _gain(None if of.name == FREQUENCIES else of.gain, _side(of) if own else 0),
        _between(of.gain_low, of.gain_high, say, 4),
        _gain(of.lead),
        _between(of.lead_low, of.lead_high, say, 4),
        number(rank.mean, 3),
        _between(rank.low, rank.high, say, 3),
        percent(of.precision),
        *account,
    ]


def _side(of: ModelFigures) -> int:
    """Return 1 where the gain's interval lies above zero, -1 below it, else 0."""
    return int((of.gain_low or 0.0) > 0) - int((of.gain_high or 0.0) < 0)


def _gain(value: float | None, side: int = 0) -> Cell:
    if value is None:
        return Cell(NONE)
    return Cell(f"{value:+.4f}", {1: "good", -1: "bad"}.get(side, ""))


def _between(low: float | None, high: float | None, say: Say, digits: int) -> str:
    if low is None or high is None:
        return NONE
    return say("{low} to {high}", low=f"{low:+.{digits}f}", high=f"{high:+.{digits}f}")
