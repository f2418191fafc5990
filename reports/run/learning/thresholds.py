"""The section on thresholds and training: what was chosen, and what it was worth later."""

from html import escape

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rollsight.reports.page.drawing import BAD, GREY, MORE, OURS, THEIRS, panels
from rollsight.reports.page.html import (
    NONE,
    Cell,
    figure,
    folded,
    number,
    paragraph,
    percent,
    section,
    signed,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import is_place, score_name
from rollsight.reports.run.learning.dateshares import date_sentence
from rollsight.reports.run.learning.governance import Thresholds
from rollsight.reports.run.learning.modes import GIVEN, training_line
from rollsight.reports.run.learning.places import fixed, places
from rollsight.reports.run.numbers import RunNumbers, WindowNumbers


def thresholds(numbers: RunNumbers, say: Say) -> str:
    """Return every window's threshold, what it was worth later, and its loss curves."""
    chosen = places if is_place(numbers.thresholds.score) else _tuned
    learnt = [paragraph(training_line(numbers.training, say))]
    if numbers.training.mode not in GIVEN:
        learnt.insert(0, f"<h3>{escape(say('Learning curves'))}</h3>")
        learnt.append(figure(losses_figure(numbers, say), escape(_losses_caption(numbers, say))))
    return section("thresholds", say("Thresholds and training"), chosen(numbers, say), *learnt)


def _tuned(numbers: RunNumbers, say: Say) -> str:
    """Return every window's threshold, beside the best in hindsight where it was tuned."""
    overall = numbers.thresholds
    listed = [_row(w, overall, say) for w in numbers.windows]
    if not overall.tuned:
        return fixed(numbers, table(_heads(say), listed, texts=2), say)
    parts = (
        paragraph(_explained(overall, say)),
        paragraph(_ranked(say)) if overall.score.startswith("rank") else "",
        paragraph(_rests_on(numbers, say)),
        paragraph(date_sentence(numbers.date_shares, say)),
        paragraph(_summed(overall, say)),
        f"<h3>{escape(say('The objective by threshold'))}</h3>",
        figure(
            thresholds_figure(numbers, say),
            escape(
                say(
                    "The tuned objective of the buys by threshold, one panel a window (number, "
                    "start of its test span). Blue: validation, where the threshold is chosen. "
                    "Grey: the test span, which the choice never saw. Red: the threshold taken; "
                    "shaded: where 90 % of resampled validation spans put it. Green dashes: the "
                    "best in hindsight."
                )
            ),
        ),
        folded(
            say("Every window's threshold ({n})", n=len(listed)),
            table(_heads(say), listed, texts=2),
        ),
    )
    return "".join(parts)


def thresholds_figure(numbers: RunNumbers, say: Say) -> str:
    """Return each window's objective by threshold, on validation and on test."""
    objective = numbers.thresholds.objective

    def draw(axes: Axes, window: WindowNumbers) -> None:
        found = window.governance
        at, score = window.curve_threshold, np.array(window.curve_score, dtype=np.float64)
        axes.plot(at, score, color=OURS, lw=1.1, label=say("Validation"))
        test = np.array(window.curve_test_score, dtype=np.float64)
        axes.plot(at, test, color=THEIRS, lw=1.1, label=say("Test"))
        if found.low is not None and found.high is not None:
            axes.axvspan(found.low, found.high, color=GREY, alpha=0.35, lw=0)
        if found.hindsight is not None:
            axes.axvline(found.hindsight, color=MORE, lw=1, ls="--")
        if window.threshold is None:
            axes.text(0.5, 0.5, say("no trade"), transform=axes.transAxes, ha="center", color=BAD)
        else:
            axes.axvline(window.threshold, color=BAD, lw=1)
        if objective != "net_return":
            axes.set_ylim(0, 1)
        if objective != "f_beta":
            axes.yaxis.set_major_formatter(PercentFormatter(1))

    return panels(_titled(numbers), draw)


def losses_figure(numbers: RunNumbers, say: Say) -> str:
    """Return each window's loss curves; of classes beside the log-loss of their frequencies."""
    unit = say("nats") if numbers.forecasts is None else say("squared error")

    def draw(axes: Axes, window: WindowNumbers) -> None:
        curves = zip(window.train_loss, window.validation_loss, window.best_epoch, strict=True)
        for train, validation, best in curves:
            epochs = np.arange(1, len(train) + 1)
            # A network that started from another's weights has their validation loss at epoch 0.
            first = len(train) - len(validation) + 1
            axes.plot(epochs, train, color=THEIRS, lw=1, label=say("Train"))
            axes.plot(
                np.arange(first, len(train) + 1), validation,
                color=OURS, lw=1.2, label=say("Not learnt"),
            )  # fmt: skip
            axes.plot(best, validation[best - first], "o", color=OURS, ms=3.5, label=say("Kept"))
        place = axes.get_subplotspec()
        if place is not None and place.is_first_col():
            axes.set_ylabel(unit, fontsize=7, labelpad=1)
        if numbers.forecasts is None:
            # Where classes weigh the same, what knows nothing gives each a third.
            nothing = np.log(3) if numbers.training.balanced else window.frequency_log_loss
            axes.axhline(nothing, color=BAD, lw=0.9, ls="--")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))

    titled = {
        f"{title} · {window.model_weight:.1f}": window for title, window in _titled(numbers).items()
    }
    return panels(titled, draw)


def _titled(numbers: RunNumbers) -> dict[str, WindowNumbers]:
    return {f"{w.number} · {w.test_start[:7]}": w for w in numbers.windows}


def _losses_caption(numbers: RunNumbers, say: Say) -> str:
    if numbers.forecasts is not None:
        return say(
            "Mean squared error by epoch of the returns times model.label_scale, which is no "
            "log-loss and has other units than skill: grey what is learnt, blue what is not, train "
            "dates left out for that (of a short train span, validation), the dot marks the "
            "weights kept. {weight}",
            weight=_weight_told(say),
        )
    if numbers.training.balanced:
        return say(
            "Log-loss by epoch with each class weighing the same (training.class_weights), on "
            "which training stops: grey what is learnt, blue what is not, train dates left out for "
            "that (of a short train span, validation), the dot marks the weights kept. "
            "Red dashes: forecasting a third for each class. The probabilities are those of "
            "equally frequent classes: skill, which is measured against the true frequencies, is "
            "seldom found in them. {weight}",
            weight=_weight_told(say),
        )
    return say(
        "Log-loss by epoch: grey what is learnt, blue what is not, train dates left out for that "
        "(of a short train span, validation), the dot marks the weights kept. Red dashes: always "
        "forecasting the train frequencies. {weight}",
        weight=_weight_told(say),
    )


def _weight_told(say: Say) -> str:
    return say(
        "A title ends with the weight of the networks in the forecast, chosen on what they did not "
        "learn; the rest is the train frequencies'. At 0 a window forecasts those, and buys "
        "nothing (training.shrink)."
    )


def _explained(overall: Thresholds, say: Say) -> str:
    return say(
        "A buy is a row in which {score} reaches its window's threshold. The threshold is the "
        "candidate with the best {objective} on validation. The best of many looks better than it "
        "is: optimism is the part of its validation figure that is the choice's own luck, by "
        "validation spans drawn anew in blocks of one label span. Regret is what the best "
        "threshold in hindsight would have given more, among those that leave no smaller a share "
        "of the rows, the dates and their blocks than threshold.min_buys, min_dates and min_blocks "
        "are of validation; hindsight too takes the luckiest of many, so there is always some.",
        score=score_name(overall.score, say),
        objective=_objective(overall, say),
    )


def _ranked(say: Say) -> str:
    return say(
        "A rank is the share of the other stocks of the date that score lower: the best of a date "
        "has 1, the worst 0, and so have equal scores at the bottom and a stock that is alone. The "
        "threshold takes the best of every date, whether the model likes the date or not "
        "(threshold.per)."
    )


def _rests_on(numbers: RunNumbers, say: Say) -> str:
    taken = [
        (g.validation_blocks, g.validation_dates, g.validation_buys)
        for g in (w.governance for w in numbers.windows)
        if g.validation_blocks and g.validation_dates and g.validation_buys
    ]
    if not taken:
        return say("No window has a threshold.")
    blocks, dates, buys = (number(float(m), 0) for m in np.median(taken, axis=0))
    return say(
        "Stocks of one date move together and the labels of neighbouring dates overlap, so what "
        "a threshold rests on is the dates of its validation buys, and the blocks of dates, one "
        "label span long, that hold them. The median threshold rests on {buys} buys of {dates} "
        "dates in {blocks} blocks, the weakest on {least}.",
        buys=buys,
        dates=dates,
        blocks=blocks,
        least=_support(*min(taken), say),
    )


def _support(blocks: int | None, dates: int | None, buys: int | None, say: Say) -> str:
    if not buys:
        return NONE
    return say(
        "{buys} buys of {dates} dates in {blocks} blocks",
        buys=number(buys),
        dates=number(dates),
        blocks=number(blocks),
    )


def _summed(overall: Thresholds, say: Say) -> str:
    if not overall.counted:
        return say("No window bought anything on its test span, so there is nothing to compare.")
    parts = [
        say(
            "Over the {counted} of {windows} windows that bought on their test span, {objective} "
            "was {validation} on validation and {test} on test, a difference of {gap}. The best "
            "threshold in hindsight would have given {regret} more.",
            counted=overall.counted,
            windows=overall.windows,
            objective=_objective(overall, say),
            validation=_value(overall.validation_score, overall),
            test=_value(overall.test_score, overall),
            gap=_value(overall.gap, overall),
            regret=_value(overall.regret, overall),
        )
    ]
    if overall.optimism is not None:
        parts.append(
            say(
                "Optimism of the choice: {optimism}. {near} of the resampled validation spans "
                "choose the same threshold or the candidate beside it. The best in hindsight lies "
                "within a window's resampled range in {within} of the windows.",
                optimism=_value(overall.optimism, overall),
                near=percent(overall.near, 0),
                within=percent(overall.within, 0),
            )
        )
    return " ".join(parts)


def _heads(say: Say) -> list[str]:
    return [
        say("Window"), say("Test from"), say("Threshold"), say("Rests on"), say("90 % range"),
        say("Same choice"), say("Best in hindsight"), say("In range"), say("Validation"),
        say("Test"), say("Optimism"), say("Regret"), say("Test buys"), say("Precision"), say("Net"),
        say("Between dates, validation"), say("Between dates, test"),
    ]  # fmt: skip


def _row(window: WindowNumbers, overall: Thresholds, say: Say) -> list[Cell | str]:
    found = window.governance
    spread = NONE
    if found.low is not None:
        spread = say("{low} to {high}", low=number(found.low, 3), high=number(found.high, 3))
    within = {None: NONE, True: say("yes"), False: say("no")}[found.within]
    return [
        words(window.number), words(window.test_start), number(window.threshold, 3),
        _support(found.validation_blocks, found.validation_dates, found.validation_buys, say),
        spread, percent(found.near, 0), number(found.hindsight, 3), within,
        _value(found.validation_score, overall), _value(found.test_score, overall),
        _value(found.optimism, overall), _value(found.regret, overall),
        number(found.test_buys), percent(found.test_precision),
        signed(found.test_net_return), percent(window.validation_date_share, 0),
        percent(window.test_date_share, 0),
    ]  # fmt: skip


def _objective(overall: Thresholds, say: Say) -> str:
    return {
        "precision": say("precision"),
        "net_return": say("mean net return"),
        "f_beta": say("F-beta"),
    }[overall.objective]


def _value(value: float | None, overall: Thresholds) -> str:
    """Return a figure of the objective in its unit."""
    if overall.objective == "f_beta":
        return number(value, 3)
    return percent(value, 2 if overall.objective == "net_return" else 1)
