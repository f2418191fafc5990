"""One verdict, from one place, is line one of console, notebook, page and metrics.json."""

import re
from dataclasses import replace

import numpy as np
import pytest

from rollsight.base.records import record
from rollsight.reports.page.language import speak
from rollsight.reports.run.headline import headline, tiles
from rollsight.reports.run.holdout.facts import Holdout
from rollsight.reports.run.holdout.sentence import with_holdout
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.judgement import among, judged
from rollsight.reports.run.scores.scorecard import scorecard
from rollsight.reports.run.scores.seeds import seeds_data
from rollsight.reports.statistics.baserates import with_base_rates
from rollsight.reports.statistics.judgement import Evidence, Verdict, Word, judge
from rollsight.workflows.run import Run
from rollsight.workflows.summary import summary

EN, KO = speak("en"), speak("ko")
STOCKS = Evidence("stocks", 0.0042, 0.001, 0.007, 0.01, 0.02, 0.99)
DAYS = Evidence("days", -0.001, -0.009, 0.007, 0.8, 0.6, 0.41)


UNKNOWN = "with one network a window, the spread over seeds is unknown."


def with_verdict(finished: Run, word: Word, *evidence: Evidence) -> RunNumbers:
    own = Verdict(word, 26, 24, 4, evidence or (STOCKS, DAYS))
    return replace(finished.numbers, verdict=own)


def text(html: str) -> str:
    return re.sub("<.*?>", "", html).replace("\xa0", " ")


def test_console_notebook_and_page_begin_with_the_same_verdict(finished: Run) -> None:
    said = judged(finished.numbers, EN)
    assert repr(finished).splitlines()[0] == said
    assert finished._repr_html_().startswith(f"<p>{said}</p>")
    first = finished.html[finished.html.index('<p class="verdict') :].split("</p>")[0]
    assert text(first) == said
    assert finished.html.index('<p class="verdict') < finished.html.index('class="tile"')
    assert record(Verdict, finished.metrics["verdict"]) == finished.numbers.verdict
    assert judge(finished.numbers.verdict.evidence) == finished.numbers.verdict.word


@pytest.mark.parametrize(
    ("word", "english", "korean"),
    [
        ("more", "More than luck: a buy earned +0.42 % beside stocks as volatile on its date (95 % "
         "interval +0.10 % to +0.70 %; 2.0 % of random buyers did as well); " + UNKNOWN,
         "우연을 넘음: "),
        ("luck", "Not distinguishable from luck: a buy earned +0.42 % beside stocks as volatile on "
         "its date (95 % interval +0.10 % to +0.70 %; 2.0 % of random buyers did as well); the "
         "dates of the buys earned -0.10 % beside other dates (95 % interval -0.90 % to +0.70 %; "
         "41.0 % of buyers on moved dates did as badly); " + UNKNOWN, "우연과 구별되지 않음: "),
        ("little", "Too little to tell: the buys lie in 26 and the trades in 24 stretches of 4 "
         "sessions, and a verdict takes 20 of both.", "판단하기에 자료 부족: "),
    ],
)  # fmt: skip
def test_the_sentence_says_what_the_word_rests_on(
    finished: Run, word: Word, english: str, korean: str
) -> None:
    numbers = with_verdict(finished, word)
    assert judged(numbers, EN) == english
    assert judged(numbers, KO).startswith(korean)


def test_worse_than_luck_names_those_who_did_as_badly(finished: Run) -> None:
    behind = Evidence("stocks", -0.0042, -0.007, -0.001, 0.01, 0.99, 0.02)
    said = judged(with_verdict(finished, "worse", behind, DAYS), EN)
    assert said.startswith("Worse than luck: a buy earned -0.42 % beside")
    assert said.endswith(f"2.0 % of random buyers did as badly); {UNKNOWN}")


def test_seeds_and_baselines_are_told_after_the_leads(finished: Run) -> None:
    seeds = Evidence("seeds", low=-0.06, high=0.667)
    ends = ((0.001, 0.004), (-0.004, 0.002), (-0.004, -0.001), (None, None))
    said = [
        judged(with_verdict(finished, "more", STOCKS, seeds,
                            Evidence("baseline", 0.0, low, high, name="logistic")), EN)
        for low, high in ends
    ]  # fmt: skip
    assert [text.partition("did as well); the same run with other seeds ends between ")[2]
            for text in said] == [
        "-6.0 % and +66.7 %; the network adds to logistic regression.",
        "-6.0 % and +66.7 %; logistic regression does as well as the network.",
        "-6.0 % and +66.7 %; logistic regression does better than the network.",
        "-6.0 % and +66.7 %.",
    ]  # fmt: skip


def test_a_model_without_a_seed_is_not_told_that_seeds_are_unknown(finished: Run) -> None:
    seeds = replace(finished.numbers.seeds, seeded=False)
    numbers = replace(with_verdict(finished, "more"), seeds=seeds)
    assert judged(numbers, EN).endswith("2.0 % of random buyers did as well).")
    assert "seeds" not in headline(numbers, EN)
    assert "<span></span>" not in headline(numbers, EN)
    assert "Other seeds" not in dict(summary(numbers))
    spec = finished.spec.model_copy(update={"model": finished.spec.model.model_copy(
        update={"name": "logistic"})})  # fmt: skip
    assert not seeds_data(replace(finished, spec=spec)).seeded
    assert finished.numbers.seeds.seeded
    assert "spread over seeds unknown" in headline(finished.numbers, EN)


def test_looks_at_a_holdout_are_told_where_the_verdict_counts_them(finished: Run) -> None:
    asked = "; asked 3 times as much, for the looks at the holdout."
    for opened, specs, told in ((True, 3, True), (None, 2, True), (True, 1, False)):
        start = "2024-01-02" if opened else None
        looked = Holdout(start, opened=bool(opened), first="2024-01-02", looks=4, specs=specs)
        numbers = with_holdout(with_verdict(finished, "more"), looked)
        assert (numbers.verdict.tries > 1) == told
        assert judged(numbers, EN).endswith(asked) == told
    # Beside another run as much again is asked, which the comparison says by itself.
    numbers = with_holdout(with_verdict(finished, "more"), replace(looked, specs=3))
    assert judged(among(numbers, 2), EN).endswith(asked)


def test_a_tile_is_green_only_where_its_evidence_and_the_verdict_allow_it(finished: Run) -> None:
    ahead = Evidence("account", 0.001, 0.0005, 0.0015, 0.01, 0.02, 0.99)
    trades = Evidence("trades", 0.01, -0.01, 0.03, 0.3, 0.02, 0.99)
    tones = {name: tone for name, _, tone, *_ in
             tiles(with_verdict(finished, "more", STOCKS, ahead, trades), EN)}  # fmt: skip
    money = ("Total return, net", "A year, net", "Sharpe ratio")
    assert {name for name, tone in tones.items() if tone == "good"} == set(money)
    lucky = with_verdict(finished, "luck", DAYS, ahead, trades)
    assert {tone for _, _, tone, *_ in tiles(lucky, EN)} == {""}
    assert 'class="good"' not in headline(lucky, EN)


def test_few_trades_and_a_look_into_the_future_leave_too_little_to_tell(finished: Run) -> None:
    assert finished.numbers.verdict.word != "little"
    assert finished.numbers.verdict.trade_blocks >= 20
    early = finished.trades["decided_at"] < finished.trades["decided_at"].quantile(0.5)
    few = replace(finished, trades=finished.trades[early].reset_index(drop=True))
    features = finished.spec.features.model_copy(update={"join": "same-date"})
    leaking = replace(finished, spec=finished.spec.model_copy(update={"features": features}))
    signals = with_base_rates(finished.signals)
    found = [scorecard(result, signals).verdict for result in (few, leaking)]
    assert [v.word for v in found] == ["little", "little"]
    assert [v.trade_blocks < 20 for v in found] == [True, False]


def test_who_buys_the_best_of_every_date_is_not_asked_about_days(finished: Run) -> None:
    best = finished.spec.threshold.model_copy(update={"best": 3})
    every = replace(finished, spec=finished.spec.model_copy(update={"threshold": best}))
    found = scorecard(every, with_base_rates(finished.signals)).verdict
    own = finished.numbers.verdict
    assert (own.of("days").p_value is None, found.of("days").p_value) == (False, None)
    assert found.of("stocks") == own.of("stocks")


def test_the_account_is_held_against_the_benchmark_and_else_against_cash(finished: Run) -> None:
    ahead = (finished.equity["return"] - finished.equity["benchmark_return"])[1:].mean()
    assert finished.numbers.verdict.of("account").ahead == pytest.approx(ahead, abs=1e-15)
    alone = build_metrics(
        replace(finished, equity=finished.equity.assign(benchmark_return=np.nan))
    ).verdict.of("account")
    assert alone.ahead == pytest.approx(finished.equity["return"][1:].mean(), abs=1e-15)
