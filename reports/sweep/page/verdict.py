"""What a sweep says, in sentences: whether its best is more than the best of many tries."""

from rollsight.backtests.sweeps.spec import SEED
from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import verdict_name, word
from rollsight.reports.run.data.benchmark import span_said
from rollsight.reports.run.holdout.sentence import holdout_said
from rollsight.reports.run.untraded import untraded_trials
from rollsight.reports.run.verdict import Sentence
from rollsight.reports.statistics.multiplicity import strays
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.seeds import shown_setting
from rollsight.reports.sweep.numbers.trials import distribution, done, traded
from rollsight.reports.sweep.numbers.worth import Statistics
from rollsight.reports.sweep.page.keys import drawn_by_trials
from rollsight.reports.sweep.page.seeds import lead_said, seeds_said
from rollsight.reports.sweep.page.trials import figure_name, settings_name

LUCK = 0.05  # of a p-value, and of the probability of overfitting


def verdict(data: SweepNumbers, say: Say) -> list[Sentence]:
    """Return (tone, sentence) pairs; tone is ``good``, ``bad`` or empty."""
    if not done(data.trials):
        return [("bad", say("No trial came to an end: there is nothing to choose from."))]
    idle = untraded_trials(data.trials, say)
    if not traded(data.trials):
        assert idle is not None
        return [("bad", idle), *_notes(data, say)]
    return [
        *_chosen(data, say),
        *([("", idle)] if idle else []),
        *seeds_said(data, say),
        *lead_said(data, say),
        *_choice(data, say),
        *_overfit(data.statistics, say),
        *_median(data, say),
        *_benchmark(data, say),
        *_rolling(data, say),
        *(("", said) for said in [strays(drawn_by_trials(data.importance), say)] if said),
        *_cautions(data, say),
        *_notes(data, say),
    ]


def _chosen(data: SweepNumbers, say: Say) -> list[Sentence]:
    trial = next((t for t in data.trials if t.chosen), None)
    if trial is None or trial.test is None:
        return []
    if not trial.test.trades:
        never = say(
            "Validation chose trial {number} ({settings}), which never traded on the test "
            "sessions.",
            number=trial.number,
            settings=settings_name(trial.settings, say),
        )
        return [("bad", never)]
    facts = {
        "number": trial.number,
        "annual": percent(trial.test.annual_return, sign=True),
        "sharpe": number(trial.test.sharpe, 2),
    }
    setting = shown_setting(data.seeds)
    if setting is None:
        said = say(
            "Validation chose trial {number} ({settings}). On the test sessions it made {annual} a "
            "year at a Sharpe ratio of {sharpe}, net of costs.",
            settings=settings_name(trial.settings, say),
            **facts,
        )
    else:
        said = say(
            "By the mean over {n} seeds validation chose {settings}. Trial {number}, the middle "
            "one of them on validation, stands for it: on the test sessions it made {annual} a "
            "year at a Sharpe ratio of {sharpe}, net of costs.",
            n=len(setting.trials),
            settings=settings_name(setting.settings, say),
            **facts,
        )
    found = distribution(data.trials, lambda own: own.sharpe)
    if found is None or found.rank is None or len(set(found.values)) < 2:
        return [("", said)]
    place = say(
        "By that Sharpe ratio it is number {rank} of {n}.",
        rank=number(found.rank),
        n=number(len(found.values)),
    )
    return [("", f"{said} {place}")]


def reasons(data: SweepNumbers, say: Say) -> list[str]:
    """Return what the verdict on the chosen trial rests on: parts of a sentence."""
    found = data.statistics
    sure, best = found.deflated_sharpe, found.expected_best
    if sure is None or best is None:
        return [say("no trial was chosen among several that traded and differ")]
    beside = say(
        "the best of {n} trials ({effective} independent ones) without any skill would be expected "
        "to show {best}, the chosen one shows {sharpe} (deflated Sharpe ratio {sure})",
        n=number(found.trials_counted),
        effective=number(found.effective_trials, 1),
        best=number(best, 2),
        sharpe=number(found.chosen_sharpe, 2),
        sure=percent(sure),
    )
    if found.deflated_ahead is None:
        return [beside]
    more = say(
        "of its returns ahead of {benchmark} the same ratio is {ahead}",
        benchmark=data.benchmark_name,
        ahead=percent(found.deflated_ahead),
    )
    return [beside, more]


def judged(data: SweepNumbers, say: Say) -> str:
    """Return the verdict on the chosen trial: its word, and why in one sentence."""
    return f"{verdict_name(data.verdict, say)}: {'; '.join(reasons(data, say))}."


def _choice(data: SweepNumbers, say: Say) -> list[Sentence]:
    related = data.statistics.rank_correlation
    if related is None or data.select != "validation":
        return []
    facts = {"rank": number(related, 2)}
    if related <= 0:
        return [("bad", say("Validation chose no better than blindly: across trials its ranks and "
                            "those of the test sessions correlate {rank}.", **facts))]  # fmt: skip
    return [("", say("Across trials the ranks of validation and of the test sessions correlate "
                     "{rank} (1 would be the same order).", **facts))]  # fmt: skip


def _overfit(found: Statistics, say: Say) -> list[Sentence]:
    if found.pbo is None:
        return []
    said = say(
        "Picking the best of these trials on one half of the test sessions gives one below the "
        "median of the other half in {pbo} of {splits} splits (probability of backtest "
        "overfitting).",
        pbo=percent(found.pbo),
        splits=number(found.pbo_splits),
    )
    if found.pbo < LUCK:
        return [("good", f"{said} {say('What is best among them stays among the best.')}")]
    if found.pbo < 0.5:
        return [("", f"{said} {say('That is better than drawing lots, and not sure.')}")]
    return [("bad", f"{said} {say('Drawing lots would do as well.')}")]


def _median(data: SweepNumbers, say: Say) -> list[Sentence]:
    own, found = data.statistics.median, data.statistics
    if own is None:
        return []
    said = say(
        "The median trial made {annual} a year at a Sharpe ratio of {sharpe}: this, not the best, "
        "is what such settings earn.",
        annual=percent(own.annual_return, sign=True),
        sharpe=number(own.sharpe, 2),
    )
    covered = span_said(data.benchmark_name, found.benchmark_span, say)
    if found.benchmark is None:
        none = covered or [say("There is no benchmark to hold it against.")]
        return [("", " ".join([said, *none]))]
    beside = say(
        "Holding {benchmark} made {annual} a year at {sharpe}; {share} of the trials were ahead of "
        "it.",
        benchmark=data.benchmark_name,
        annual=percent(found.benchmark.annual_return, sign=True),
        sharpe=number(found.benchmark.sharpe, 2),
        share=percent(found.beat_benchmark),
    )
    own = found.median_beside
    if own is not None:
        same = say(
            "Over the sessions that both have the median trial made {annual} a year.",
            annual=percent(own.annual_return, sign=True),
        )
        beside = " ".join([*covered, beside, same])
    return [("", f"{said} {beside}")]


def _benchmark(data: SweepNumbers, say: Say) -> list[Sentence]:
    found = data.statistics
    if found.spa is None or found.reality_check is None or found.benchmark is None:
        return []
    facts = {
        "benchmark": data.benchmark_name,
        "spa": number(found.spa, 3),
        "check": number(found.reality_check, 3),
    }
    # Where returns are skewed the first alone rejects too often, the second does not.
    if max(found.spa, found.reality_check) < LUCK:
        return [("good", say("The best trial is ahead of {benchmark} by more than the luck of many "
                             "tries: SPA test p = {spa}, reality check p = {check}.",
                             **facts))]  # fmt: skip
    return [("bad", say("No trial is ahead of {benchmark} by more than the luck of many tries: SPA "
                        "test p = {spa}, reality check p = {check}.", **facts))]  # fmt: skip


def _rolling(data: SweepNumbers, say: Say) -> list[Sentence]:
    found = data.rolling
    if found is None:
        if data.select != "rolling":
            return []
        return [("bad", say("Choosing each window from earlier ones alone, no window had enough "
                            "before it to choose from."))]  # fmt: skip
    figures = found.figures
    said = say(
        "Chosen anew for each window, from the out-of-sample figures of earlier windows alone, the "
        "settings made {annual} a year at a Sharpe ratio of {sharpe}, with {switches} switches; "
        "the first {burn_in} windows only gathered figures.",
        annual=percent(figures.annual_return, sign=True),
        sharpe=number(figures.sharpe, 2),
        switches=number(found.switches),
        burn_in=number(found.burn_in),
    )
    following = [t for t in data.trials if t.number == found.following]
    following_said = [
        say(
            "The next window would take trial {number} ({settings}).",
            number=trial.number,
            settings=settings_name(trial.settings, say),
        )
        for trial in following
    ]
    return [("", " ".join([said, *following_said]))]


def _cautions(data: SweepNumbers, say: Say) -> list[Sentence]:
    said = []
    choice = data.seeds is None or any(t.chosen for t in data.trials)
    if data.select == "validation" and choice:
        said.append(
            say(
                "The choice has seen the market of the test sessions: the validation spans of "
                "later windows are test sessions of earlier ones (other networks, the same days). "
                'Only select = "rolling" chooses from what was known then.'
            )
        )
        said.append(
            say(
                "Networks stopped and thresholds were tuned on the very sessions that validation "
                "trades: compare trials by its figures, and expect less of them."
            )
        )
    circumstances = [key for key in data.circumstances if key != SEED]
    if circumstances:
        said.append(
            say(
                "{keys}: nobody chooses these. The best of them is merely the cheapest, and says "
                "nothing of skill.",
                keys=", ".join(circumstances),
            )
        )
    if data.statistics.alike:
        said.append(say("All trials that traded earned the same in every session: there is no "
                        "choice among them, and what tells the best of many from luck does not "
                        "exist."))  # fmt: skip
    if len(done(data.trials)) == 1 and data.statistics.expected_best is None:
        said.append(say("One trial alone was done: nothing was chosen, and what tells the best of "
                        "many from luck does not exist."))  # fmt: skip
    return [("", sentence) for sentence in said]


def _notes(data: SweepNumbers, say: Say) -> list[Sentence]:
    return [("", said) for said in holdout_said(data.holdout, say)] + [
        ("", word(note, say)) for note in data.notes
    ]


def subtitle(data: SweepNumbers, say: Say) -> str:
    """Return the line below the title."""
    span = data.span
    about = {
        "trials": number(data.counts.trials),
        "keys": len(data.keys),
        "figure": figure_name(data.objective, say),
    }
    if span.sessions is None:
        return say("Sweep of {trials} trials over {keys} keys, chosen by {figure}", **about)
    return say(
        "Sweep of {trials} trials over {keys} keys, chosen by {figure} · out of sample {first} to "
        "{last} · {sessions} sessions, {year} a year",
        **about,
        first=span.first_session,
        last=span.last_session,
        sessions=number(span.sessions),
        year=number(span.sessions_per_year),
    )
