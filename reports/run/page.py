"""The report: one self-contained HTML page, made from its numbers alone."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import partial
from typing import get_args

from rollsight.base.errors import RollsightError
from rollsight.reports.page.document import document
from rollsight.reports.page.html import folding, paragraph, section
from rollsight.reports.page.language import Lang, Say, speak
from rollsight.reports.run.account.few import too_few
from rollsight.reports.run.account.money import money
from rollsight.reports.run.account.trades import trades
from rollsight.reports.run.baselines.section import baselines
from rollsight.reports.run.data.section import data
from rollsight.reports.run.forecast.section import forecasts
from rollsight.reports.run.headline import headline, verdict_line
from rollsight.reports.run.learning.modelage import model_age
from rollsight.reports.run.learning.modes import GIVEN
from rollsight.reports.run.learning.thresholds import thresholds
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.outliers.section import outliers
from rollsight.reports.run.ranking.section import ranking
from rollsight.reports.run.saliency.drivers import drivers_said
from rollsight.reports.run.saliency.section import saliency
from rollsight.reports.run.scores.evidence import evidence
from rollsight.reports.run.scores.judgement import reasons
from rollsight.reports.run.scores.stretches import stretches
from rollsight.reports.run.specification import specification
from rollsight.reports.run.teacher.section import teacher

Section = Callable[[RunNumbers, Say], str]
FIRST = "headline"  # the section that is never folded


def returns(_numbers: RunNumbers, say: Say, *, sheet: str) -> str:
    """Return the QuantStats tear sheet; its text is its own."""
    own = "" if say.lang == "en" else paragraph(say("The text of QuantStats is English."))
    return section("returns", say("Returns (QuantStats)"), own, sheet)


def sections_of(say: Say, *, spec_toml: str, sheet: str) -> dict[str, tuple[str, Section]]:
    """Return the sections of the page in their order: the name in its contents, and the maker."""
    return {
        "headline": (say("What this run says"), headline),
        "baselines": (say("Beside simpler models"), baselines),
        "teacher": (say("Teacher"), teacher),
        "evidence": (say("Predicted beside earned"), evidence),
        "ranking": (say("Ranking"), ranking),
        "forecasts": (say("Forecast returns"), forecasts),
        "outliers": (say("Outliers"), outliers),
        "money": (
            say("From precision to money"),
            lambda n, say: money(n.money, n.headline, say, n.random_accounts, n.benchmarks),
        ),
        "thresholds": (say("Thresholds and training"), thresholds),
        "age": (
            say("Model age"),
            lambda n, say: "" if n.training.mode in GIVEN else model_age(n.model_age, say),
        ),
        "saliency": (say("Which index drove winners and losers"), saliency),
        "trades": (say("Every trade"), trades),
        "stretches": (say("Single stocks"), lambda n, say: stretches(n.stretches, say)),
        "returns": (say("Returns (QuantStats)"), partial(returns, sheet=sheet)),
        "data": (say("Data"), data),
        "spec": (say("Specification and digests"), partial(specification, spec_toml=spec_toml)),
    }


def chosen_sections(sections: Sequence[str] | None) -> list[str]:
    """Return the keys of sections in the page's order; None is all of them.

    Parameters
    ----------
    sections
        keys, or titles in either language, in capitals or not

    Raises
    ------
    RollsightError
        Naming the first that the page does not have, and the nearest that it has.
    """
    titles = {lang: sections_of(speak(lang), spec_toml="", sheet="") for lang in get_args(Lang)}
    have = {key: title for key, (title, _) in titles["en"].items()}
    keys = {
        name.casefold(): key
        for own in titles.values()
        for key, (title, _) in own.items()
        for name in (key, title)
    }
    for name in sections or []:
        if name.casefold() not in keys:
            near = get_close_matches(name.casefold(), keys, n=1)
            hint = f": did you mean {keys[near[0]]!r}?" if near else ","
            listed = ", ".join(f"{key} ({title})" for key, title in have.items())
            raise RollsightError(
                f"--sections: there is no section {name!r}{hint} the page has {listed}"
            )
    chosen = {keys[name.casefold()] for name in (have if sections is None else sections)}
    return [key for key in have if key in chosen]


def require_shown(sections: Sequence[str] | None, *, page: bool) -> None:
    """Raise where sections are chosen that the page does not have, or of a page that is not drawn.

    Raises
    ------
    RollsightError
        If so.
    """
    chosen_sections(sections)
    if sections is not None and not page:
        raise RollsightError(
            f"--sections={','.join(sections)} with --no-report (page=False): there is no page to "
            "show them on; leave one of the two out"
        )


def render(
    numbers: RunNumbers,
    spec_toml: str,
    sheet: str,
    *,
    say: Say,
    sections: Sequence[str] | None = None,
    step: Callable[[], object] = str,
) -> str:
    """Return the page: the verdict, its first section, and the others folded under their headings.

    A section of which the run has nothing is left out, heading and all; those that are asked for by
    name stand open.

    Parameters
    ----------
    numbers
        as metrics.json holds them
    sheet
        HTML of the QuantStats tear sheet
    say
        the language of the page
    sections
        keys of those to show, in the page's order; None shows all
    step
        called when a section is drawn

    Raises
    ------
    RollsightError
        If there is no section of that name.
    """
    have = sections_of(say, spec_toml=spec_toml, sheet=sheet)
    chosen = chosen_sections(sections)
    opened = len(chosen) < len(have)
    gists = {"saliency": drivers_said(numbers, say)} | too_few(numbers, say)
    headings, drawn = {}, []
    for key in chosen:
        heading, make = have[key]
        made = make(numbers, say)
        if made:
            headings[key] = heading
            gist = gists.get(key, "")
            drawn.append(made if key == FIRST else folding(made, gist, opened=opened))
        step()
    lead = verdict_line(numbers.verdict.word, reasons(numbers, say), say)
    subtitle = _subtitle(numbers, say)
    return document(numbers.name, subtitle, headings, "".join(drawn), say=say, lead=lead)


def _subtitle(numbers: RunNumbers, say: Say) -> str:
    head, market = numbers.headline, numbers.data.market
    return say(
        "Out of sample {first} to {last} · {windows} walk-forward windows · {stocks} stocks on "
        "{exchange} · {indices} indices · {sessions} sessions a year",
        first=head.first_session,
        last=head.last_session,
        windows=numbers.skill.windows,
        stocks=market.stocks,
        exchange=market.exchange,
        indices=len(numbers.data.ledger),
        sessions=f"{head.sessions_per_year:.0f}",
    )
