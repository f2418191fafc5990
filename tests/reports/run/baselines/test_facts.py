"""The figures of a model and of its baselines, worked out by hand."""

import re
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.directory.result import Result
from rollsight.backtests.spec import check_spec
from rollsight.reports.compare.numbers import FIGURES
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.run.baselines.facts import FREQUENCIES, Baselines, baselines_data
from rollsight.reports.run.baselines.section import baselines
from rollsight.reports.run.baselines.sentence import beside_best
from rollsight.signals.inputs.labels import Label
from rollsight.workflows.run import Run

LANGUAGES: tuple[Lang, ...] = ("en", "ko")
BIT = np.log(2)
PROBABILITIES = ["p_down", "p_hold", "p_up"]
# Of each row: window, label, label's return, buy, and what the run's own model and a baseline say.
ROWS = [
    (0, Label.UP, 0.05, True, (0.25, 0.25, 0.5), (0.25, 0.5, 0.25)),
    (0, Label.DOWN, -0.05, True, (0.5, 0.25, 0.25), (0.25, 0.25, 0.5)),
    (0, Label.HOLD, 0.0, False, (0.25, 0.5, 0.25), (0.125, 0.5, 0.375)),
    (1, Label.UP, 0.05, False, (0.5, 0.25, 0.25), (0.25, 0.25, 0.5)),
    (1, Label.DOWN, -0.05, False, (0.25, 0.5, 0.25), (0.5, 0.25, 0.25)),
    (1, Label.HOLD, 0.0, False, (0.5, 0.25, 0.25), (0.25, 0.5, 0.25)),
    (1, None, np.nan, True, (0.1, 0.2, 0.7), (0.1, 0.1, 0.8)),
]


def result(name: str = "logistic", baselines: bool = True, per: str = "all") -> Result:
    """Return a result of two windows, of one date each, and one row whose label is to come."""
    windows, labels, returns, buys, own, other = zip(*ROWS, strict=True)
    about = {
        "decided_at": pd.to_datetime(["2024-01-02"] * 3 + ["2024-01-03"] * 3 + ["2024-01-04"]),
        "code": list("ABCABCA"), "window": windows, "label": pd.array(labels, dtype="Int8"),
        "label_return": returns,
    }  # fmt: skip
    signals, table = (
        pd.DataFrame(about | dict(zip(PROBABILITIES, np.array(p).T, strict=True)))
        for p in (own, other)
    )
    signals = signals.assign(score=signals["p_up"], buy=buys)
    table = table.assign(score=table["p_up"], buy=table["p_up"] >= 0.5, baseline=name)
    facts = {"name": name, "trades": 3, "total_return": 0.5}
    empty = {f.name: pd.DataFrame() for f in fields(Result)}
    if per == "date":  # the second row of window 0 is one of a date of its own
        signals.loc[1, "decided_at"] = pd.Timestamp("2024-01-01")
    return Result(
        **empty
        | {
            "spec": check_spec({"label": {"horizon": 1}, "threshold": {"per": per}}, "test"),
            "manifest": {"baselines": [facts] if baselines else []},
            "windows": pd.DataFrame({"number": [0, 1], "frequency_down": [0.25, 0.5],
                                     "frequency_hold": [0.25, 0.25],
                                     "frequency_up": [0.5, 0.25]}),
            "signals": signals, "baselines": table if baselines else table[:0],
            "trades": pd.DataFrame({"trade": [0, 1]}),
            "equity": pd.DataFrame({"return": [0.0, 0.1, -0.5]}),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def found() -> Baselines:
    return baselines_data(result())


def test_log_loss_gain_and_lead_are_means_over_the_labelled_rows(found: Baselines) -> None:
    other, constant = found.others
    # In bits a row: the frequencies 1 2 2 2 1 2, the model 1 1 1 2 2 2, the baseline 2 2 1 1 1 1.
    for figures, bits in ((found.model, 9), (other, 8), (constant, 10)):
        assert figures.log_loss == pytest.approx(bits / 6 * BIT)
        assert figures.gain == pytest.approx((10 - bits) / 6 * BIT)
        lead = None if figures is found.model else pytest.approx((bits - 9) / 6 * BIT)
        assert figures.lead == lead
    assert [one.name for one in (found.model, *found.others)] == ["resnet", "logistic", FREQUENCIES]


def test_precision_is_that_of_as_many_best_scores_as_the_model_bought(found: Baselines) -> None:
    # The model bought two labelled rows, both of window 0, and one of them went UP. The baseline's
    # two best scores there went DOWN and nowhere; of equal ones a third went UP.
    precision = [one.precision for one in (found.model, *found.others)]
    assert precision == pytest.approx([1 / 2, 0, 1 / 3])


def test_where_the_best_of_a_date_are_bought_precision_is_of_as_many_a_date() -> None:
    # One of two rows of a date, the baseline's best of which went nowhere, and the only one of
    # another, which went DOWN.
    found = baselines_data(result(per="date"))
    precision = [one.precision for one in (found.model, *found.others)]
    assert precision == pytest.approx([1 / 2, 0, (1 / 2 + 0) / 2])


def test_ranks_are_of_the_models_own_probabilities(found: Baselines) -> None:
    # Of the model on the first date alone, since it says the same of all on the second: ranks
    # 3, 1.5, 1.5 beside 3, 1, 2. Of the baseline 1, 3, 2 on the first, and 3, 1.5, 1.5 then.
    alike = 1.5 / np.sqrt(1.5 * 2)
    other, constant = found.others
    assert found.model.information.mean == pytest.approx(alike)
    assert other.information.mean == pytest.approx((-1 + alike) / 2)
    assert constant.information.mean is None


def test_each_model_has_its_own_account(found: Baselines) -> None:
    account = [(m.buys, m.trades, m.net_return) for m in (found.model, *found.others)]
    assert account == [(3, 2, pytest.approx(-0.45)), (3, 3, 0.5), (0, None, None)]


def test_the_frequencies_stand_once(found: Baselines) -> None:
    assert [one.name for one in baselines_data(result(FREQUENCIES)).others] == [FREQUENCIES]
    alone = baselines_data(result(baselines=False))
    assert (alone.model, alone.others) == (found.model, found.others[1:])


def test_the_model_has_the_figures_that_the_page_gives_elsewhere(finished: Run) -> None:
    numbers, own = finished.numbers, finished.numbers.baselines.model
    skill, constant = numbers.skill, numbers.baselines.others[-1]
    assert (own.log_loss, constant.log_loss) == (skill.log_loss, skill.frequency_log_loss)
    assert (own.gain_low, own.gain_high) == (skill.gain_low, skill.gain_high)
    assert (constant.lead_low, constant.lead_high) == (skill.gain_low, skill.gain_high)
    assert own.information == numbers.overall.information
    assert own.precision == numbers.overall.figures.precision
    assert own.buys == numbers.overall.all_buys.buys
    assert own.net_return == numbers.headline.strategy.total_return
    assert [one.name for one in numbers.baselines.others] == ["logistic", FREQUENCIES]


def test_page_console_and_notebook_say_the_same_sentence(finished: Run, korean: str) -> None:
    english, other = (beside_best(finished.numbers.baselines, speak(lang)) for lang in LANGUAGES)
    assert english is not None
    assert other is not None
    assert english[1] in repr(finished)
    assert english[1] in finished._repr_html_()
    for key in ("baselines", "headline"):
        assert english[1] in section_of(finished.html, key)
        assert other[1] in section_of(korean, key)
    for name in ("The network", "Logistic regression", "The class frequencies"):
        assert f'<td class="text">{name}</td>' in section_of(finished.html, "baselines")


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [(0.001, 0.03, ["good"]), (-0.03, -0.001, ["bad"]), (-0.01, 0.02, []), (None, None, [])],
)
def test_a_gain_has_a_colour_where_its_interval_leaves_out_zero_and_is_the_runs_own(
    finished: Run, low: float | None, high: float | None, marks: list[str]
) -> None:
    own = finished.numbers.baselines
    model = replace(own.model, gain_low=low, gain_high=high)
    others = tuple(replace(o, gain_low=0.1, gain_high=0.2, lead_low=0.1, lead_high=0.2)
                   for o in own.others)  # fmt: skip
    html = baselines(replace(finished.numbers, baselines=Baselines(model, others)), speak("en"))
    assert re.findall(r'<td class="(good|bad)">', html) == marks


def test_a_comparison_has_what_is_gained_on_the_best_baseline(finished: Run) -> None:
    (of,) = (of for title, _, of in FIGURES if title == "Log-loss gained on the best baseline")
    assert of(finished.numbers) == finished.numbers.baselines.others[0].lead != 0
    none = replace(finished.numbers, baselines=baselines_data(result(baselines=False)))
    assert of(none) is None


def section_of(page: str, key: str) -> str:
    return page.split(f'<section id="{key}">')[1].split("</section>")[0]
