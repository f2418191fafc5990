"""The section that sets what was predicted beside what was earned, what luck does, and costs."""

from functools import partial
from html import escape

from rollsight.reports.page.html import (
    NONE,
    Cell,
    figure,
    folded,
    money,
    number,
    paragraph,
    percent,
    section,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import score_name, word
from rollsight.reports.run.account.capacity import capacity_sentence
from rollsight.reports.run.account.turnover import turnover_sentence
from rollsight.reports.run.learning.classes import by_construction
from rollsight.reports.run.learning.modes import scores_said
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores import scorefigures
from rollsight.reports.run.scores.scoretables import (
    Rows,
    beside_random,
    columns_table,
    earned,
    forecasts,
    predicted,
    years,
)


def evidence(numbers: RunNumbers, say: Say) -> str:
    """Return what the buys predicted beside what they earned, by window, year and overall."""
    return section(
        "evidence",
        say("Predicted beside earned"),
        paragraph(_meaning(numbers, say)),
        by_construction(numbers.classes, say),
        figure(
            scorefigures.windows_figure(numbers, say),
            say(
                "Top: precision of each window's buys beside the share of equally volatile stocks "
                "that went UP on the same dates. Bottom: what those buys earned after costs."
            ),
        ),
        _idle(numbers, say),
        *_by_year(numbers, say),
        _by_window(numbers, say),
        *_luck(numbers, say),
        *_line(numbers, say),
        *_skill(numbers, say),
        *_costs(numbers, say),
        f"<h3>{say('What became of the buys')}</h3>",
        _counts(numbers.buys, say("Buys"), say),
        _counts(numbers.unfilled, say("Unfilled orders"), say) if numbers.unfilled else "",
    )


def _meaning(numbers: RunNumbers, say: Say) -> str:
    overall = numbers.overall.figures
    return say(
        "A buy is a row in which {score} reaches its window's threshold. Precision, "
        "crucial-fail and soso-fail are the shares of the buys whose trade went UP, DOWN and "
        "nowhere; they sum to one. A base rate is what the other stocks of the same date did, or "
        "those of the same decile of volatility among them (fewer groups where a decile would "
        "hold less than five stocks): wild stocks are UP and DOWN more often, so a model that "
        "merely picks them gains precision and crucial-fails alike. Over all rows {up} went UP, "
        "{hold} nowhere and {down} DOWN. Intervals hold 95 %; they count blocks of dates one label "
        "long, not buys, since labels overlap and stocks of one date move together, and are left "
        "out below 20 blocks. Independent is how many buys without overlap would know the "
        "precision as well.",
        score=score_name(numbers.thresholds.score, say),
        up=percent(overall.base_up),
        hold=percent(overall.base_hold),
        down=percent(overall.base_down),
    )


def _idle(numbers: RunNumbers, say: Say) -> str:
    idle = [w for w in numbers.windows if w.no_trade_reason]
    said = "".join(
        "<li>"
        + escape(say("Window {number}, from {start}, does not trade: {reason}.", number=w.number,
                     start=w.test_start, reason=word(w.no_trade_reason, say)))
        + "</li>"
        for w in idle
    )  # fmt: skip
    return f"<ul>{said}</ul>" if said else ""


def _by_year(numbers: RunNumbers, say: Say) -> list[str]:
    rows, currency = years(numbers, say), numbers.headline.currency
    return [
        f"<h3>{say('Buys by year of the decision')}</h3>",
        columns_table([say("Year")], rows, predicted(say)),
        f"<h3>{say('Earned by year of the decision')}</h3>",
        columns_table([say("Year")], rows, earned(currency, say)),
    ]


def _by_window(numbers: RunNumbers, say: Say) -> str:
    skill = {True: say("yes"), False: say("no")}
    rows: Rows = [
        ([words(w.number), words(w.test_start),
          *([] if w.skilled is None else [words(skill[w.skilled])]),
          words(number(w.threshold, 3))], w)
        for w in numbers.windows
    ]  # fmt: skip
    skilled = [] if numbers.skill.skilled is None else [say("Skill")]
    heads = [say("Window"), say("Test from"), *skilled, say("Threshold")]
    return folded(
        say("By window ({n})", n=len(rows)),
        columns_table(heads, rows, predicted(say))
        + columns_table(heads, rows, earned(numbers.headline.currency, say))
        + columns_table(heads, rows, beside_random(say)),
    )


def _luck(numbers: RunNumbers, say: Say) -> list[str]:
    drawn = numbers.random_buys.all_buys
    if drawn is None:
        return []
    return [
        f"<h3>{say('Beside random buys')}</h3>",
        paragraph(
            say(
                "Just as many buys were drawn at random, {draws} times, on the same dates and "
                "among stocks as volatile, kept in a stock about as long as the real ones. p is "
                "the share of draws that did as well or better. The draws know nothing of "
                "sectors: a run that bets on one trait of stocks, blindly, can leave the band "
                "more often than p says; the interval of the edge above takes that in.",
                draws=number(drawn.draws),
            )
        ),
        figure(
            scorefigures.luck_figure(numbers, say),
            say("A point inside its grey bar is what drawing lots would have made of the year."),
        ),
        columns_table([say("Year")], years(numbers, say), beside_random(say)),
    ]


def _line(numbers: RunNumbers, say: Say) -> list[str]:
    whole = numbers.overall.break_even
    if whole.lead is None:
        return []
    return [
        f"<h3>{say('The break-even line')}</h3>",
        paragraph(
            say(
                "A buy cost {cost} on the mean. If UP and DOWN moved by the label's band of "
                "{payoff} and no more, precision less crucial-fail would have to reach {needed}; "
                "at the returns that the buys of each class made, {made}. It was {lead}.",
                cost=percent(whole.cost, 2),
                payoff=percent(whole.payoff),
                needed=percent(whole.needed),
                made=percent(whole.needed_made),
                lead=percent(whole.lead),
            )
        ),
        figure(
            scorefigures.lead_figure(numbers, say),
            say("A bar above its blue mark earned more than it cost, before room in the portfolio "
                "is asked for."),
        ),
    ]  # fmt: skip


def _skill(numbers: RunNumbers, say: Say) -> list[str]:
    skill = numbers.skill
    scores = numbers.training.mode == "scores"
    if (numbers.overall.information.mean if scores else skill.log_loss) is None:
        return []
    heading = f"<h3>{say('The forecasts themselves')}</h3>"
    ordered = figure(
        scorefigures.information_figure(numbers, say),
        say("Do stocks with a higher probability earn more than the others of their date?"),
    )
    if scores:
        return [heading, paragraph(scores_said(say)), ordered]
    meant = figure(
        scorefigures.reliability_figure(numbers, say),
        say("Does a probability mean what it says? Points on the dashes do."),
    )
    return [
        heading,
        paragraph(
            say(
                "Beside always forecasting each window's class frequencies: log-loss {ours} "
                "against {theirs} (95 % interval of the gain {low} to {high}), Brier score "
                "{brier} against {frequency} ({brier_low} to {brier_high}). Lower is better.",
                ours=number(skill.log_loss, 4),
                theirs=number(skill.frequency_log_loss, 4),
                low=_gain(skill.gain_low),
                high=_gain(skill.gain_high),
                brier=number(skill.brier, 4),
                frequency=number(skill.frequency_brier, 4),
                brier_low=_gain(skill.brier_gain_low),
                brier_high=_gain(skill.brier_gain_high),
            )
        ),
        f'<div class="maps">{meant}{ordered}</div>',
        columns_table([say("Year")], years(numbers, say), forecasts(say)),
        paragraph(
            say(
                "Right is a row whose most probable class came. Top class: always forecasting "
                "the class that its window saw most often in training. Thresholded: of the rows"
                " of windows that trade, the share in which all three probabilities stood on "
                "the right side of the threshold. The rank coefficient is that of the "
                "probability of UP with the label's return, within a date; its t, by Newey and "
                "West, allows for dates that overlap with too small an error: where the two "
                "differ, believe the interval."
            )
        ),
    ]


def _costs(numbers: RunNumbers, say: Say) -> list[str]:
    paid = partial(money, currency=numbers.headline.currency, digits=0)
    heads = [say("Year"), say("Sales"), say("Sell tax"), say("of the sales"), say("Commission"),
             say("Slippage")]  # fmt: skip
    rows: list[list[Cell | str]] = [
        [words(y.year), paid(y.sales), paid(y.tax), percent(y.tax_of_sales, 3),
         paid(y.commission), paid(y.slippage)]
        for y in numbers.costs_by_year
    ]  # fmt: skip
    return [
        f"<h3>{say('Costs by year of the fill')}</h3>",
        paragraph(turnover_sentence(numbers.turnover, say)),
        *_capacity(numbers, say),
        table(heads, rows),
    ]


def _capacity(numbers: RunNumbers, say: Say) -> list[str]:
    found = numbers.turnover.capacity
    if found is None:
        return []
    return [paragraph(capacity_sentence(found, numbers.headline.currency, say))]


def _gain(value: float | None) -> str:
    return NONE if value is None else f"{value:+.4f}"


def _counts(counts: dict[str, int], what: str, say: Say) -> str:
    total = sum(counts.values())
    each = " · ".join(f"{word(reason, say)} {number(n)}" for reason, n in counts.items())
    return paragraph(f"{what}: {number(total)}" + (f" — {each}" if each else ""))
