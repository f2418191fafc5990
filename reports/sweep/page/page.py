"""The page of a sweep: what its trials are worth, given that they are many."""

from collections.abc import Callable, Sequence
from functools import partial
from html import escape

from rollsight.backtests.trials.outcomes import Performance
from rollsight.reports.page.document import document
from rollsight.reports.page.html import (
    NONE,
    Cell,
    figure,
    folded,
    number,
    paragraph,
    percent,
    prose,
    section,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.run.beside.riskfree import risk_free_said
from rollsight.reports.run.data.benchmark import benchmark_label
from rollsight.reports.run.headline import FIRST, tile, verdict_line
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.rolling import RollingNumbers
from rollsight.reports.sweep.numbers.seeds import Spread, Spreads, shown_setting
from rollsight.reports.sweep.numbers.trials import both_objectives, done, traded
from rollsight.reports.sweep.page.figures import (
    choice_figure,
    distribution_figure,
    growth_figure,
    overfitting_figure,
)
from rollsight.reports.sweep.page.keys import keys_section
from rollsight.reports.sweep.page.ledger import ledger
from rollsight.reports.sweep.page.saliency import saliency
from rollsight.reports.sweep.page.seeds import (
    has_parts,
    lead_section,
    other_seeds_line,
    seeds_section,
)
from rollsight.reports.sweep.page.statistics import statistics_table
from rollsight.reports.sweep.page.trials import figure_name, settings_name, trials, written
from rollsight.reports.sweep.page.verdict import reasons, subtitle, verdict

SCRIPTS = ("page.js", "hover.js", "list.js", "sweep.js")


def render_page(data: SweepNumbers, say: Say) -> str:
    """Return the page of a sweep."""
    ran, moved = done(data.trials), traded(data.trials)
    parts: dict[str, tuple[str, Callable[[SweepNumbers, Say], str]]] = {
        "verdict": (say("What this sweep says"), _verdict),
    }
    if moved:
        parts["outcomes"] = say("The chosen one among all"), _outcomes
    if data.rolling:
        parts["rolling"] = say("Chosen anew each window"), partial(_rolling, data.rolling)
    if data.seeds:
        parts["seeds"] = say("What the seed alone changes"), partial(seeds_section, data.seeds)
    elif has_parts(data.lead):
        parts["seeds"] = say("What the seed alone changes"), lead_section
    parts["trials"] = say("Every trial"), trials
    if moved:
        parts["keys"] = say("Which key matters"), keys_section
    if ran:
        parts["saliency"] = say("Which indices drive the networks"), saliency
    parts["ledger"] = say("Ledger of tries"), ledger
    contents = {key: heading for key, (heading, _) in parts.items()}
    body = "".join(make(data, say) for _, make in parts.values())
    lead = verdict_line(data.verdict, reasons(data, say), say)
    about = subtitle(data, say)
    return document(data.name, about, contents, body, say=say, lead=lead, scripts=SCRIPTS)


def _verdict(data: SweepNumbers, say: Say) -> str:
    """Return four tiles beside what was earned, and all that is said of it behind them."""
    facts = [f'<li class="{tone}">{prose(text)}</li>' for tone, text in verdict(data, say)]
    name = say("What this sweep says")
    if not traded(data.trials):
        return section("verdict", name, _listed(facts))
    boxes = [tile(*t) for t in _tiles(data, say)]
    more = (
        f'<div class="tiles">{"".join(boxes[FIRST:])}</div>{_listed(facts[1:])}'
        f"<h3>{escape(say('What many tries are held against'))}</h3>{statistics_table(data, say)}"
    )
    return section(
        "verdict",
        name,
        f'<div class="first"><div class="tiles">{"".join(boxes[:FIRST])}</div>'
        f"{_growth(data, say)}</div>",
        _listed(facts[:1]),
        folded(say("More"), more),
    )


def _listed(facts: Sequence[str]) -> str:
    return f'<ul class="facts">{"".join(facts)}</ul>'


def _tiles(data: SweepNumbers, say: Say) -> list[tuple[str, ...]]:
    """Return name, value and what it is set beside, of each tile."""
    found = data.statistics
    middle, other = found.median, found.benchmark
    own: Performance | None = next((t.test for t in data.trials if t.chosen and t.test), None)
    name = say("Sharpe ratio of the chosen trial")
    setting = shown_setting(data.seeds)
    if own is None and setting is not None:
        own = setting.test.mean
        name = say("Sharpe ratio, mean over seeds")
    if data.select == "rolling" and data.rolling:
        # Over the sessions that are traded, as the choice is.
        middle, other = data.rolling.median, data.rolling.benchmark
        own, name = data.rolling.figures, say("Sharpe ratio, chosen anew each window")
    own = own or Performance()

    def beside(figure: Callable[[Performance], float | None], show: str) -> str:
        value = written(figure(middle or Performance()), show)
        median = say("median trial {value}", value=value)
        if other is None:
            return median
        label = benchmark_label(data.benchmark_name, found.benchmark_span, say)
        return f"{median} · {label} {written(figure(other), show)}"

    def others(figure: Callable[[Spreads], Spread | None], show: str) -> list[str]:
        if data.lead is None or not data.lead.seeded:
            return []
        return [other_seeds_line(figure(data.lead.best.test), show, say)]

    return [
        (name, number(own.sharpe, 2), beside(lambda own: own.sharpe, "sharpe"),
         risk_free_said(data.risk_free, say),
         *others(lambda own: own.sharpe, "sharpe")),
        (say("A year, net"), percent(own.annual_return, sign=True),
         beside(lambda own: own.annual_return, "annual_return"),
         *others(lambda own: own.annual_return, "annual_return")),
        (say("Deepest drawdown"), percent(own.max_drawdown),
         beside(lambda own: own.max_drawdown, "precision"),
         *others(lambda own: own.max_drawdown, "precision")),
        (say("Deflated Sharpe ratio"), percent(found.deflated_sharpe),
         say("best of no skill {value}", value=number(found.expected_best, 2))),
        (say("Overfitting"), percent(found.pbo), say("50 % is drawing lots")),
        (say("SPA test, p"), number(found.spa, 3),
         say("reality check {value}", value=number(found.reality_check, 3))),
        (say("Effective trials"), number(found.effective_trials, 1),
         say("of {n} counted", n=number(found.trials_counted))),
        (say("Validation and test"), number(found.rank_correlation, 2),
         say("rank correlation over trials")),
    ]  # fmt: skip


def _outcomes(data: SweepNumbers, say: Say) -> str:
    return section(
        "outcomes",
        say("The chosen one among all"),
        figure(
            distribution_figure(data, say),
            escape(
                say(
                    "Every trial on the test sessions, net of costs. What is chosen is worth "
                    "something only right of what the best of no skill would show."
                )
            ),
        ),
        _choices(data, say),
    )


def _choices(data: SweepNumbers, say: Say) -> str:
    ranks = data.statistics.pbo_ranks
    both = any(None not in both_objectives(t, data.objective) for t in done(data.trials))
    drawn = [
        figure(
            choice_figure(data, say),
            escape(say("Does validation tell what the test sessions will say? A point is a trial; "
                       "below the dashes it did worse than on validation.")),
        )
        if both else "",
        figure(
            overfitting_figure(ranks, say),
            escape(say("The best trial of one half of the sessions, by where it came in the other "
                       "half. A choice that means something piles up at the right.")),
        )
        if ranks else "",
    ]  # fmt: skip
    return f'<div class="maps">{"".join(drawn)}</div>' if any(drawn) else ""


def _growth(data: SweepNumbers, say: Say) -> str:
    if not data.equity.date:
        return ""
    return figure(
        growth_figure(data, say), escape(say("Growth of 1 at each close, costs included."))
    )


def _rolling(rolling: RollingNumbers, data: SweepNumbers, say: Say) -> str:
    settings = {t.number: settings_name(t.settings, say) for t in data.trials}
    rows: list[list[Cell | str]] = [
        [
            words(w.number),
            words(w.test_start),
            words(NONE if w.trial is None else w.trial),
            Cell("" if w.trial is None else settings.get(w.trial, ""), "wrap", text=True),
            written(w.objective, data.objective),
        ]
        for w in rolling.windows
    ]
    heads: list[Cell | str] = [
        say("Window"), say("Test from"), say("Trial"), say("Settings"),
        Cell(say("{figure} of earlier windows", figure=figure_name(data.objective, say))),
    ]  # fmt: skip
    return section(
        "rolling",
        say("Chosen anew each window"),
        paragraph(
            say(
                "Before each window the trial is taken whose out-of-sample figures of the windows "
                "before it are the best, and it is traded in that window: nothing is known to this "
                "choice that was not known then."
            )
        ),
        folded(say("By window ({n})", n=len(rows)), table(heads, rows, texts=4)),
    )
