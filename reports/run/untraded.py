"""Accounts that never traded, and why: what nothing else can be said of."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rollsight.reports.page.html import number
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import word
from rollsight.reports.sweep.numbers.trials import TrialNumbers, done, traded


def untraded(trials: Sequence[TrialNumbers]) -> list[TrialNumbers]:
    """Return the trials that are done and never traded on the test sessions."""
    others = {trial.number for trial in traded(trials)}
    return [trial for trial in done(trials) if trial.number not in others]


def untraded_trials(trials: Sequence[TrialNumbers], say: Say) -> str | None:
    """Return which of the trials never traded, and why; None where all of them did."""
    idle, ran = untraded(trials), done(trials)
    if not idle:
        return None
    actions: Counter[str] = Counter()
    for trial in idle:
        actions.update(trial.actions)
    facts = {"idle": number(len(idle)), "n": number(len(ran)), "why": refusals(actions, say)}
    if len(ran) == 1:
        return say("The one trial never traded: its account stayed in cash ({why}).", **facts)
    if len(idle) == len(ran):
        return say("No trial traded: all {n} accounts stayed in cash ({why}).", **facts)
    return say(
        "{idle} of {n} trials never traded ({why}): they are counted as tries, and nothing else "
        "here counts an account of cash.",
        **facts,
    )


def refusals(actions: Mapping[str, int], say: Say) -> str:
    """Return what became of the buys of an account without a trade.

    Parameters
    ----------
    actions
        what became of buys, and of how many
    """
    refused = sorted(actions.items(), key=lambda found: (-found[1], found[0]))
    if not refused:
        return say("no row was a buy")
    reasons = [word(reason, say) for reason, _ in refused]
    if len(refused) > 1:
        reasons = [
            f"{r} \N{MULTIPLICATION SIGN} {number(n)}"
            for r, (_, n) in zip(reasons, refused, strict=True)
        ]
    return say(
        "{n} buys rejected: {reasons}", n=number(sum(actions.values())), reasons=", ".join(reasons)
    )
