"""The section of how well scores rank the stocks of each date."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.ranks.beside import Beside
from rollsight.backtests.ranks.information import Information
from rollsight.backtests.ranks.ranked import averaged
from rollsight.base.records import plain, record
from rollsight.reports.page.language import speak
from rollsight.reports.run.headline import tiles
from rollsight.reports.run.page import render
from rollsight.reports.run.ranking.facts import Ranking, ranking_data
from rollsight.reports.run.ranking.looks import looks_data
from rollsight.reports.run.ranking.section import ranking
from rollsight.reports.run.scores.multiplicity import drawn_by_run
from rollsight.workflows.run import Run
from tests.reports.run.ranking.test_excess import account
from tests.reports.run.test_page_numbers import assert_shown, tables

DATES, NAMES = 300, 40
RANKED = [
    "name", "plain.dates", "plain.mean", "plain.low plain.high", "plain.t", "% plain.positive",
    "matched.mean", "matched.low matched.high", "matched.t", "% matched.positive",
]  # fmt: skip
FEATURE = ["plain", "plain_t", "matched", "matched_t", "q_value"]
BESIDE = [
    "sessions", "% excess.value", "% excess.low excess.high", "excess.t",
    "% alpha.value", "% alpha.low alpha.high", "alpha.t", "beta.value", "beta.low beta.high",
]  # fmt: skip
KINDS = {"sizes": "small", "boards": "KOSPI", "horizons": "10"}
NONE = Information(0, None, None, None, None, None, None)
TWO = replace(NONE, mean=0.05, p_value=0.0455, t=3.0)  # as rare as two standard errors


def signals(names: int = NAMES, *, skill: float = 0.3) -> pd.DataFrame:
    """Return rows of 300 dates from 2020 on, whose score knows a part of what they made."""
    rng = np.random.default_rng(0)
    rows = DATES * names
    edge, noise = rng.normal(size=(2, rows))
    up = 1 / 3 + edge.clip(-3, 3) / 20
    made = 0.03 * (skill * edge + noise)
    return pd.DataFrame(
        {
            "decided_at": np.repeat(pd.bdate_range("2020-06-01", periods=DATES), names),
            "p_up": up,
            "p_down": 2 / 3 - up,
            "label_return": made,
            "net_label_return": made - 0.003,
            "volatility": rng.uniform(0.01, 0.05, rows),
            "plain_label": np.int8(1),
        }
    )


@pytest.fixture(scope="module")
def found(finished: Run) -> Ranking:
    rng = np.random.default_rng(1)
    equity = account(*rng.normal(0.0005, 0.01, (3, 600)))
    one = averaged("small", *rng.normal(0.1, 0.1, (2, 200)), span=2)
    names = {k: (replace(one, name=n),) for k, n in KINDS.items()}
    features = (replace(one, name="model"), replace(one, name="close"))
    stored = {"ranks": plain(Beside(every=2, **names, features=features))}
    run = replace(finished, equity=equity, manifest=finished.manifest | stored)
    made = ranking_data(run, signals())
    assert made is not None
    return made


def test_a_score_that_knows_ranks_and_its_years_are_those_of_the_decision(found: Ranking) -> None:
    assert (found.dates, found.names, found.left_out, found.span) == (300, 40.0, 0, 4)
    assert found.all.plain.low > 0.2
    assert found.all.matched.low > 0.2
    assert [y.name for y in found.years] == ["2020", "2021"]
    days = [y.plain.dates for y in found.years]
    assert days == [154, 146]
    mean = np.average([y.matched.mean for y in found.years], weights=days)
    assert mean == pytest.approx(found.all.matched.mean)


def test_rows_without_a_label_are_in_no_figure(finished: Run, found: Ranking) -> None:
    rows = signals()
    unknown = rows.assign(plain_label=np.int8(-1), label_return=np.nan, net_label_return=np.nan)
    both = pd.concat([rows, unknown.iloc[: 50 * NAMES]], ignore_index=True)
    again = ranking_data(finished, both)
    assert again is not None
    assert (again.all, again.years, again.deciles) == (found.all, found.years, found.deciles)


def test_few_stocks_are_not_ranked_and_said_to_be_so_where_that_was_asked(finished: Run) -> None:
    few = signals(29)
    assert ranking_data(finished, few) is None
    assert "ranking" not in finished.html
    asked = finished.spec.model_copy(
        update={"label": finished.spec.label.model_copy(update={"band": "date"})}
    )
    found = ranking_data(replace(finished, spec=asked), few)
    assert found is not None
    assert (found.dates, found.left_out, found.all.plain.mean) == (0, 300, None)
    assert "No date has 30 labelled stocks" in ranking(
        replace(finished.numbers, ranking=found), speak("en")
    )


def test_the_section_shows_its_numbers_in_both_languages(finished: Run, found: Ranking) -> None:
    numbers = replace(finished.numbers, ranking=found)
    html = render(numbers, "", "", say=speak("en"), sections=["ranking"])
    written = plain(found)
    assert record(Ranking, written) == found
    years, tenths, *kinds, features, beside, by_year = tables(html)
    assert_shown(years, [*written["years"], written["all"]], RANKED)
    assert_shown(tenths, written["deciles"]["parts"], ["part", "% gross", "% net"])
    for shown, kind in zip(kinds, KINDS, strict=True):
        assert_shown(shown, written[kind], RANKED[1:])
    assert_shown(features, written["features"], FEATURE)
    assert_shown(beside, written["excess"], BESIDE)
    assert_shown(by_year, written["excess_years"], ["year", "% universe", "% benchmark"])
    korean = render(numbers, "", "", say=speak("ko"), sections=["ranking"])
    assert "순위 예측력" in korean
    assert tables(korean)[1] == tenths


def test_the_ranks_stand_among_the_first_tiles_where_the_best_of_a_date_are_bought(
    finished: Run, found: Ranking
) -> None:
    own = replace(finished.numbers, ranking=found)
    score = replace(own.thresholds, score="place of p_up - p_down")
    best = replace(own, thresholds=score)
    en, matched = speak("en"), found.all.matched
    changed = [(a, b) for a, b in zip(tiles(own, en), tiles(best, en), strict=True) if a != b]
    (before, now), (trades, moved) = changed
    assert (before[0], trades[0]) == ("Precision of buys", "Trades")
    assert moved == before
    assert now == (
        "Rank coefficient, stocks as volatile",
        f"{matched.mean:.3f}",
        "",
        f"95 % interval {matched.low:.3f} to {matched.high:.3f}",
        f"all stocks of the date {found.all.plain.mean:.3f}",
    )
    few = replace(best, ranking=replace(found, all=replace(found.all, matched=NONE)))
    assert tiles(few, en) == tiles(own, en)
    assert tiles(best, speak("ko"))[3][3].startswith("95 % 신뢰구간 ")


def test_each_interval_of_the_section_is_counted(finished: Run, found: Ranking) -> None:
    html = ranking(replace(finished.numbers, ranking=found), speak("en"))
    cells = [cell for table in tables(html) for row in table for cell in row]
    inside = re.findall(r"\d to [+\d-]", " ".join(cells))
    told = re.findall(r"\d to \+", re.sub("<table.*?</table>", "", html))
    before = drawn_by_run(finished.numbers)
    now = drawn_by_run(replace(finished.numbers, ranking=found))
    # Two years, the whole and three kinds, twice; excess, alpha and beta of universe and
    # benchmark; two spreads. One feature has a q-value, the model has none.
    assert now.intervals - before.intervals == len(inside) + len(told) == 6 * 2 + 3 * 2 + 2
    assert now.q_values - before.q_values == 1


def test_a_figure_among_many_runs_must_pass_what_luck_makes_of_the_best(found: Ranking) -> None:
    excess = found.excess
    once, often = (looks_data(TWO, NONE, excess, tries=n) for n in (1, 42))
    # As rare as 2: one run passes with Phi(2) = .977; the best of 42 has 2.21 by luck: Phi(-.21).
    assert once.above["plain"] == pytest.approx(0.977, abs=0.001)
    assert often.luck == pytest.approx(2.21, abs=0.01)
    assert often.above["plain"] == pytest.approx(0.417, abs=0.002)
    assert once.above["matched"] is None
    behind = looks_data(replace(TWO, mean=-0.05), NONE, excess, tries=1)
    assert behind.above["plain"] == pytest.approx(0.023, abs=0.001)
