"""Tables of the scorecard: which figure stands in which column."""

from collections.abc import Callable

from rollsight.backtests.ranks.information import Information
from rollsight.reports.page.html import NONE, Cell, money, number, percent, signed, table, words
from rollsight.reports.page.language import Say
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.scorefacts import AllBuys, Scores
from rollsight.reports.statistics.randombuys import Beside, BesideFigure

Show = Callable[[Scores], Cell | str]
Column = tuple[str, Show]
Groups = list[tuple[str, list[Column]]]
Rows = list[tuple[list[Cell | str], Scores]]


def predicted(say: Say) -> Groups:
    """Return the columns of what the buys went on to do, beside base rates."""

    def of(show: Callable[[AllBuys], Cell | str]) -> Show:
        return lambda scores: show(scores.all_buys)

    return [
        (
            say("All buys"),
            [
                (say("Buys"), of(lambda b: number(b.buys))),
                (say("Independent"), of(lambda b: number(b.independent_buys))),
            ],
        ),
        (
            say("Precision"),
            [
                (say("Share"), of(lambda b: percent(b.precision))),
                (say("Interval"), of(lambda b: _between(b.precision_low, b.precision_high, say))),
                (say("Same dates"), of(lambda b: percent(b.base_up_of_date))),
                (say("As volatile"), of(lambda b: percent(b.base_up_of_alike))),
                (say("Edge"), of(lambda b: signed(b.edge, 2))),
                (say("Interval"), of(lambda b: _between(b.edge_low, b.edge_high, say, 2))),
            ],
        ),
        (
            say("Crucial-fail"),
            [
                (say("Share"), of(lambda b: percent(b.crucial_fail))),
                (
                    say("Interval"),
                    of(lambda b: _between(b.crucial_fail_low, b.crucial_fail_high, say)),
                ),
                (say("As volatile"), of(lambda b: percent(b.base_down_of_alike))),
            ],
        ),
        (
            say("Soso-fail"),
            [
                (say("Share"), of(lambda b: percent(b.soso_fail))),
                (say("As volatile"), of(lambda b: percent(b.base_hold_of_alike))),
            ],
        ),
    ]


def earned(currency: str, say: Say) -> Groups:
    """Return the columns of what buys and trades earned."""
    return [
        (
            say("All buys"),
            [
                (say("Gross"), lambda g: signed(g.all_buys.gross_return)),
                (say("Net"), lambda g: signed(g.all_buys.net_return)),
                (
                    say("Precision less crucial-fail"),
                    lambda g: percent(g.break_even.lead, sign=True),
                ),
                (say("Break-even"), lambda g: percent(g.break_even.needed_made, sign=True)),
            ],
        ),
        (
            say("Trades taken"),
            [
                (say("Trades"), lambda g: number(g.taken.trades)),
                (say("Precision"), lambda g: percent(g.taken.precision)),
                (say("As volatile"), lambda g: percent(g.taken.base_up_of_alike)),
                (say("Crucial-fail"), lambda g: percent(g.taken.crucial_fail)),
                (say("As volatile"), lambda g: percent(g.taken.base_down_of_alike)),
                (say("Soso-fail"), lambda g: percent(g.taken.soso_fail)),
                (say("Gross"), lambda g: signed(g.taken.gross_return)),
                (say("Net"), lambda g: signed(g.taken.net_return)),
                (say("Profit"), lambda g: money(g.taken.profit, currency, digits=0)),
            ],
        ),
    ]


def beside_random(say: Say) -> Groups:
    """Return the columns of the run beside random buys."""

    def columns(
        of: Callable[[Scores], Beside | None], name: Callable[[Beside], BesideFigure], digits: int
    ) -> list[Column]:
        def cell(show: Callable[[BesideFigure], str]) -> Show:
            return lambda g: NONE if (beside := of(g)) is None else show(name(beside))

        return [
            (say("Run"), cell(lambda f: percent(f.value, digits))),
            (say("Random"), cell(lambda f: _between(f.low, f.high, say, digits))),
            (say("p"), cell(lambda f: number(f.p_value, 3))),
        ]

    def all_buys(of: Scores) -> Beside | None:
        return of.all_buys.random_buys

    def taken(of: Scores) -> Beside | None:
        return of.taken.random_buys

    return [
        (say("All buys: precision"), columns(all_buys, lambda b: b.precision, 1)),
        (say("All buys: net return"), columns(all_buys, lambda b: b.net_return, 2)),
        (say("Trades taken: precision"), columns(taken, lambda b: b.precision, 1)),
        (say("Trades taken: net return of the label"), columns(taken, lambda b: b.net_return, 2)),
    ]


def forecasts(say: Say) -> Groups:
    """Return the columns of how the forecasts of all rows did."""
    return [
        (
            say("Accuracy of all rows"),
            [
                (say("Rows"), lambda g: number(g.figures.rows)),
                (say("Accuracy"), lambda g: percent(g.accuracy.value)),
                (say("Interval"), lambda g: _between(g.accuracy.low, g.accuracy.high, say)),
                (say("Top class"), lambda g: percent(g.accuracy.base_of_constant)),
                (say("Same dates"), lambda g: percent(g.accuracy.base_of_date)),
                (say("As volatile"), lambda g: percent(g.accuracy.base_of_alike)),
                (say("Edge"), lambda g: signed(g.accuracy.edge, 2)),
                (
                    say("Interval"),
                    lambda g: _between(g.accuracy.edge_low, g.accuracy.edge_high, say, 2),
                ),
                (say("Thresholded"), lambda g: percent(g.figures.accuracy_thresholded)),
            ],
        ),
        (
            say("Rank information coefficient"),
            [
                (say("Mean"), lambda g: number(g.information.mean, 3)),
                (say("Interval"), lambda g: _numbers(g.information, say)),
                (say("Robust t"), lambda g: number(g.information.t, 1)),
            ],
        ),
    ]


def years(numbers: RunNumbers, say: Say) -> Rows:
    """Return the rows of each year, and of the whole run."""
    rows: Rows = [([words(y.year)], y) for y in numbers.years]
    return [*rows, ([words(say("all"))], numbers.overall)]


def columns_table(heads: list[str], rows: Rows, groups: Groups) -> str:
    """Return a table of rows, whose first cells have ``heads``, by groups of columns."""
    columns = [column for _, group in groups for column in group]
    return table(
        [*heads, *(head for head, _ in columns)],
        [[*first, *(show(group) for _, show in columns)] for first, group in rows],
        texts=len(heads),
        groups=[("", len(heads)), *((name, len(group)) for name, group in groups)],
    )


def _between(low: float | None, high: float | None, say: Say, digits: int = 1) -> str:
    """Return an interval of per cents, whose sign stands once: the tables are wide."""
    if low is None or high is None:
        return NONE
    return say(
        "{low} to {high}", low=percent(low, digits).removesuffix(" %"), high=percent(high, digits)
    )


def _numbers(found: Information, say: Say) -> str:
    if found.low is None:
        return NONE
    return say("{low} to {high}", low=number(found.low, 3), high=number(found.high, 3))
