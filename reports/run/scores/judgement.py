"""The verdict on a run in words: line one of console, notebook and page."""

from dataclasses import replace

from rollsight.base.resampling import FEWEST_BLOCKS
from rollsight.reports.page.html import percent
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import verdict_name
from rollsight.reports.run.baselines.sentence import model_title
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.statistics.judgement import DECIDING, Evidence, Verdict


def judged(numbers: RunNumbers, say: Say) -> str:
    """Return the verdict on a run: its word, and why in one sentence."""
    return f"{verdict_name(numbers.verdict.word, say)}: {'; '.join(reasons(numbers, say))}."


def among(numbers: RunNumbers, tries: int) -> RunNumbers:
    """Return the numbers of a run that is looked at beside others, so many together."""
    own = numbers.verdict
    return replace(numbers, verdict=own.among(tries * own.tries))


def deciding(found: Verdict) -> list[Evidence]:
    """Return the evidence that made the verdict, all of it where none did."""
    leads = [e for e in found.evidence if e.against in DECIDING and e.p_value is not None]
    side = {"more": 1, "worse": -1}.get(found.word)
    return [e for e in leads if side is None or e.side(found.tries) == side]


def reasons(numbers: RunNumbers, say: Say) -> list[str]:
    """Return what the verdict on a run rests on: one to three parts of a sentence."""
    found = numbers.verdict
    if numbers.data.join != "as-of":
        return [say("indices are joined by date (features.join), so the run saw the future")]
    if not numbers.headline.trades:
        return [say("no trade was made")]
    if found.word == "little":
        little = say(
            "the buys lie in {blocks} and the trades in {trades} stretches of {span} sessions, and "
            "a verdict takes {fewest} of both",
            blocks=found.blocks,
            trades=found.trade_blocks,
            span=found.span,
            fewest=FEWEST_BLOCKS,
        )
        return [little]
    leads = [_lead(e, say) for e in deciding(found)]
    told = [_seeds(numbers, say), _baseline(numbers, say), _asked(numbers, say)]
    return [*leads, *filter(None, ["; ".join(filter(None, told))])]


def _lead(found: Evidence, say: Say) -> str:
    behind = (found.ahead or 0.0) < 0
    facts = {
        "ahead": percent(found.ahead, 2, sign=True),
        "low": percent(found.low, 2, sign=True),
        "high": percent(found.high, 2, sign=True),
        "share": percent(found.as_bad if behind else found.as_good),
    }
    if found.against == "stocks":
        drawn = (
            say("{share} of random buyers did as badly", **facts)
            if behind
            else say("{share} of random buyers did as well", **facts)
        )
        return say(
            "a buy earned {ahead} beside stocks as volatile on its date (95 % interval {low} to "
            "{high}; {drawn})",
            drawn=drawn,
            **facts,
        )
    drawn = (
        say("{share} of buyers on moved dates did as badly", **facts)
        if behind
        else say("{share} of buyers on moved dates did as well", **facts)
    )
    return say(
        "the dates of the buys earned {ahead} beside other dates (95 % interval {low} to {high}; "
        "{drawn})",
        drawn=drawn,
        **facts,
    )


def _seeds(numbers: RunNumbers, say: Say) -> str:
    found = numbers.verdict.of("seeds")
    if not numbers.seeds.seeded:
        return ""
    if found.low is None:
        return say("with one network a window, the spread over seeds is unknown")
    return say(
        "the same run with other seeds ends between {low} and {high}",
        low=percent(found.low, sign=True),
        high=percent(found.high, sign=True),
    )


def _asked(numbers: RunNumbers, say: Say) -> str:
    """Return how much more was asked of the evidence than its 95 % intervals tell."""
    tries = 1 if numbers.holdout is None else numbers.holdout.tries
    if tries <= 1:
        return ""
    return say("asked {tries} times as much, for the looks at the holdout", tries=tries)


def _baseline(numbers: RunNumbers, say: Say) -> str:
    """Return whether the run's own model adds to its best baseline, nothing without an interval."""
    found = numbers.verdict.of("baseline")
    if found.low is None or found.high is None:
        return ""
    names = {
        "model": model_title(numbers.baselines.model.name, say),
        "baseline": model_title(found.name, say),
    }
    if found.low > 0:
        return say("{model} adds to {baseline}", **names)
    if found.high < 0:
        return say("{baseline} does better than {model}", **names)
    return say("{baseline} does as well as {model}", **names)
