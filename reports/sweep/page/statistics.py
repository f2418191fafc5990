"""The table of what a sweep's many tries are held against."""

from rollsight.reports.page.html import Cell, number, percent, table, words
from rollsight.reports.page.language import Say
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.worth import Statistics


def statistics_table(data: SweepNumbers, say: Say) -> str:
    """Return the tests of many tries, each with what it means."""
    found = data.statistics
    rows = [
        [words(name), Cell(value), Cell(told, "wrap", text=True)]
        for name, value, told in (*_tests_of_many(found, say), *_tests_beside(data, say))
    ]
    return table([say("Statistic"), Cell(say("Value")), Cell(say("What it says"), text=True)], rows)


def _tests_of_many(found: Statistics, say: Say) -> list[tuple[str, str, str]]:
    return [
        (
            say("Trials counted"),
            number(found.trials_counted),
            say("All that were ever started here, failed and abandoned ones too."),
        ),
        (
            say("Effective trials"),
            number(found.effective_trials, 1),
            say("As many independent tries as the correlation of the trials' returns leaves: ten "
                "copies of one setting are one try."),
        ),
        (
            say("Best expected of no skill"),
            number(found.expected_best, 2),
            say("The Sharpe ratio that the best of so many trials would show on average if none of "
                "them had any skill."),
        ),
        (
            say("Deflated Sharpe ratio"),
            percent(found.deflated_sharpe),
            say("The confidence that the chosen Sharpe ratio beats that best of no skill, given "
                "the length, skew and tails of its returns; 95 % are asked for (Bailey and López "
                "de Prado 2014). It judges the chosen trial as if picked for its test figures."),
        ),
        (
            say("Deflated Sharpe ratio ahead of the benchmark"),
            percent(found.deflated_ahead),
            say("The same of each trial's returns less the benchmark's: in a rising market every "
                "trial that holds stocks is above zero, with skill or without."),
        ),
        (
            say("Probability of backtest overfitting"),
            percent(found.pbo),
            say("The share of splits of the sessions into two halves in which the best trial of "
                "one half is below the median in the other; 50 % is drawing lots (Bailey, Borwein, "
                "López de Prado and Zhu 2017)."),
        ),
        (
            say("Loss after such a choice"),
            percent(found.pbo_loss),
            say("The share of the same splits in which the best trial of one half loses money in "
                "the other."),
        ),
    ]  # fmt: skip


def _tests_beside(data: SweepNumbers, say: Say) -> list[tuple[str, str, str]]:
    found, benchmark = data.statistics, data.benchmark_name or say("no benchmark")
    return [
        (
            say("Hansen's SPA test, p"),
            number(found.spa, 3),
            say("How often the best of all trials would be as far ahead of {benchmark} by luck, if "
                "none of them were better; hopeless trials do not water it down (Hansen 2005).",
                benchmark=benchmark),
        ),
        (
            say("White's reality check, p"),
            number(found.reality_check, 3),
            say("The same question with every trial counted as if it were a near rival, thus the "
                "more careful of the two (White 2000)."),
        ),
        (
            say("Validation and test, rank correlation"),
            number(found.rank_correlation, 2),
            say("Whether trials that did better on validation did better on test sessions: 1 in "
                "the same order, 0 no relation, below 0 the other way round."),
        ),
    ]  # fmt: skip
