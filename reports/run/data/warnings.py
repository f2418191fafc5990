"""What a reader must know of a run's data before its figures are believed."""

from rollsight.reports.page.html import money, number, percent
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import word
from rollsight.reports.run.data.leading import leading_said
from rollsight.reports.run.data.losses import losses_said
from rollsight.reports.run.data.section import data_notes
from rollsight.reports.run.numbers import RunNumbers


def warnings(numbers: RunNumbers, say: Say) -> list[str]:
    """Return sentences on what the data lack, and what that does to the run's figures."""
    said = _universe(numbers, say)
    if numbers.data.market.closes_only:
        said.append(
            say(
                "The market folder has closes only: open, high and low equal the close, so a buy "
                "decided at a close fills at the next close."
            )
        )
    said += [word(note, say) for note in data_notes(numbers.data)]
    said += leading_said(numbers.data.leading, say)
    return [*said, *_endings(numbers, say), *losses_said(numbers.data, say)]


def _universe(numbers: RunNumbers, say: Say) -> list[str]:
    survivors = numbers.data.universe.survivors
    if survivors is None:
        return []
    return [
        say(
            "With the {names} of {all} names that were never delisted alone, the same models would "
            "have shown a precision of {precision} and {survived} net, where all names made {own}.",
            names=number(survivors.names),
            all=number(survivors.names_of_all),
            precision=percent(survivors.precision),
            survived=percent(survivors.total_return),
            own=percent(numbers.headline.strategy.total_return),
        )
    ]


def _endings(numbers: RunNumbers, say: Say) -> list[str]:
    said = []
    head, gone = numbers.headline, numbers.exits.get("delisted", 0)
    if gone:
        ended = "Delisting ended {n} holdings, at the terminal value that the specification sets."
        said.append(say(ended, n=number(gone)))
    old = head.stale_holdings
    if old.holdings:
        said.append(
            say(
                "{n} holdings at the end, without a price for long, still counted as {value} of "
                "the equity.",
                n=number(old.holdings),
                value=money(old.value, head.currency),
            )
        )
    return said
