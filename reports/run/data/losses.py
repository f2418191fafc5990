"""Rows that could not be decided, and for the want of which values."""

from collections.abc import Sequence

from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import Say
from rollsight.reports.run.data.datafacts import DataFacts, LostRows


def losses_said(data: DataFacts, say: Say) -> list[str]:
    """Return a sentence each on the rows that indices, features and stocks' own closes cost."""
    of_index, of_feature, of_stock = _by_kind(data)
    said = []
    if of_index:
        said.append(
            say("Rows lost because an index had no fresh value: {list}.", list=_listed(of_index))
        )
    if of_feature:
        said.append(
            say("Rows lost because a feature had no value: {list}.", list=_listed(of_feature))
        )
    if of_stock:
        worst = max(of_stock, key=lambda loss: (loss.rows, loss.series))
        said.append(
            say(
                "Rows lost to holes in stocks' own closes: {all}, in {stocks} stocks, most in "
                "{worst} ({rows}).",
                all=number(sum(loss.rows for loss in of_stock)),
                stocks=number(len(of_stock)),
                worst=worst.series,
                rows=number(worst.rows),
            )
        )
    return said


def _by_kind(data: DataFacts) -> tuple[list[LostRows], ...]:
    indices = {entry.symbol for entry in data.ledger}
    features = {channel.name for channel in data.channels} - indices
    lost = [loss for loss in data.losses if loss.rows]
    return (
        [loss for loss in lost if loss.series in indices],
        [loss for loss in lost if loss.series in features],
        [loss for loss in lost if loss.series not in indices | features],
    )


def _listed(losses: Sequence[LostRows]) -> str:
    return ", ".join(f"{loss.series} {percent(loss.share)}" for loss in losses)
