"""The sections on thresholds and on model age, in both languages."""

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from rollsight.base.records import record
from rollsight.reports.page.language import Say, speak
from rollsight.reports.run.learning.dateshares import DateShares, date_sentence
from rollsight.reports.run.learning.governance import Governance, Governed, thresholds_data
from rollsight.reports.run.learning.modelage import AgeBin, AgeSlope, ModelAge, model_age
from rollsight.reports.run.learning.thresholds import thresholds
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.page import sections_of
from rollsight.training.spec import ThresholdSpec
from rollsight.workflows.run import Run

NUMBERS = ("low", "high", "near", "optimism", "validation_score", "validation_buys",
           "validation_dates", "validation_blocks", "test_score",
           "test_buys", "test_precision", "test_net_return", "gap", "regret", "within",
           "hindsight", "hindsight_score", "hindsight_buys")  # fmt: skip
OVERALL: dict[str, Any] = {
    "objective": "precision", "score": "p_up", "windows": 1, "trading": 1, "counted": 1,
    "validation_score": 0.5, "test_score": 0.375, "gap": 0.125, "optimism": 0.0625,
    "regret": 0.25, "near": 0.8, "within": 1.0,
}  # fmt: skip
WINDOW: dict[str, Any] = {
    "number": 7, "test_start": "2024-03-04", "threshold": 0.4, "curve_threshold": [0.2, 0.4],
    "curve_score": [0.4, 0.5], "curve_test_score": [0.625, 0.375], "train_loss": [[1.1, 1.0]],
    "validation_loss": [[1.1, 1.2]], "best_epoch": [1], "frequency_log_loss": 1.09,
    "validation_date_share": 0.97, "test_date_share": 0.5,
    "model_weight": 0.7, "seed_weights": [], "seed_thresholds": [],
    "governance": {
        "low": 0.2, "high": 0.4, "near": 0.8, "optimism": 0.0625, "validation_score": 0.5,
        "validation_buys": 60, "validation_dates": 12, "validation_blocks": 5,
        "test_score": 0.375, "test_buys": 8, "test_precision": 0.375,
        "test_net_return": -0.0125, "gap": 0.125, "regret": 0.25, "within": True,
        "hindsight": 0.2, "hindsight_score": 0.625, "hindsight_buys": 16,
    },
}  # fmt: skip
IDLE = {
    **WINDOW, "number": 8, "validation_date_share": None, "test_date_share": None,
    "threshold": None, "curve_threshold": [], "curve_score": [],
    "curve_test_score": [], "governance": dict.fromkeys(NUMBERS),
}  # fmt: skip
TRAINING = {
    "mode": "retrain", "replay": None, "distillation": None, "networks": 2, "epochs": 4,
    "unchanged": 0, "balanced": False,
}  # fmt: skip
UNSETTLED = {"counted": 0} | dict.fromkeys(
    ("validation_score", "test_score", "gap", "optimism", "regret", "near", "within")
)


@pytest.fixture(scope="module")
def page(finished: Run) -> Callable[..., str]:
    """Return what draws the section of these windows, of whatever run they are."""

    def drawn(windows: list[dict[str, Any]], lang: str = "en", **overall: Any) -> str:
        own = finished.metrics["windows"][0]
        metrics = finished.metrics | {
            "windows": [own | window for window in windows],
            "thresholds": OVERALL | overall,
            "training": TRAINING,
            "date_shares": {"validation": 0.97, "test": 0.5},
        }
        return thresholds(record(RunNumbers, metrics), speak("ko" if lang == "ko" else "en"))

    return drawn


def row(html: str, window: int) -> list[str]:
    """Return the cells of a window's row."""
    (found,) = re.findall(rf"<tr><td[^>]*>{window}</td>.*?</tr>", html)
    return re.findall(r"<td[^>]*>(.*?)</td>", found)


def test_a_windows_row_holds_its_choice_and_what_became_of_it(page: Any) -> None:
    assert row(page([WINDOW]), 7) == [
        "7", "2024-03-04", "0.400", "60 buys of 12 dates in 5 blocks", "0.200 to 0.400",
        "80 %", "0.200", "yes", "50.0 %", "37.5 %",
        "6.2 %", "25.0 %", "8", "37.5 %", "-1.25 %", "97 %", "50 %",
    ]  # fmt: skip


def test_the_sum_over_windows_is_said(page: Any) -> None:
    html = page([WINDOW]).replace("\xa0", " ")
    assert "Over the 1 of 1 window" in html
    assert "50.0 % on validation and 37.5 % on test, a difference of 12.5 %" in html
    assert "Optimism of the choice: 6.2 %. 80 % of the resampled" in html


def test_what_thresholds_rest_on_is_said(page: Any) -> None:
    thin = WINDOW["governance"] | {
        "validation_buys": 31,
        "validation_dates": 1,
        "validation_blocks": 1,
    }
    html = page([WINDOW, WINDOW | {"number": 9, "governance": thin}, IDLE]).replace("\xa0", " ")
    # Medians of two: 45.5 buys, 6.5 dates, 3 blocks; one counted thing stands in the singular.
    assert (
        "rests on 46 buys of 6 dates in 3 blocks, the weakest on 31 buys of 1 date in 1 block."
        in html
    )


def test_a_figure_is_in_the_unit_of_its_objective(page: Any) -> None:
    assert row(page([WINDOW], objective="f_beta"), 7)[8:12] == ["0.500", "0.375", "0.062", "0.250"]
    net = page([WINDOW], objective="net_return", score="p_up - p_down")
    assert row(net, 7)[8:10] == ["50.00 %", "37.50 %"]
    assert "p(UP) less p(DOWN) reaches" in net


def test_windows_that_do_not_trade_and_runs_that_never_buy_are_said_to(page: Any) -> None:
    html = page([IDLE], **UNSETTLED)
    assert row(html, 8)[2:] == ["\N{EN DASH}"] * 15
    assert "No window has a threshold." in html
    assert "No window bought anything on its test span" in html
    assert ">no trade</text>" in html
    # An older run knows nothing of its stability.
    assert "Optimism of the choice" not in page([WINDOW], optimism=None, near=None, within=None)


def test_a_rank_is_said_to_be_held_against_the_threshold(page: Any) -> None:
    html = page([WINDOW], score="rank of p_up")
    assert "A buy is a row in which the rank of p(UP) in its date reaches" in html
    assert "A rank is the share of the other stocks of the date that score lower" in html
    assert "A rank is" not in page([WINDOW])
    assert "순위는 같은 날의 다른 종목" in page([WINDOW], "ko", score="rank of p_up - p_down")


def test_the_best_of_each_date_are_said_to_be_given_and_not_tuned(page: Any) -> None:
    window = WINDOW | {"threshold": -2.0, "curve_threshold": [-2.0]}
    idle = IDLE | {"curve_threshold": [-2.0]}
    html = page([window, idle], score="place of p_up").replace("\xa0", " ")
    assert "The 3 best of each date are the buys, by the place by p(UP) in its date" in html
    assert "there were 60 buys on validation and 8 on test with a label." in html
    assert row(html, 7)[2:6] == ["3", "60", "8", "37.5 %"]
    assert row(html, 8)[2] == "none"
    assert "Learning curves" in html
    assert "in hindsight" not in html
    assert "매 날짜의 상위 3개가" in page([window], "ko", score="place of p_up - p_down")


def test_a_threshold_that_was_tuned_is_not_called_given(page: Any) -> None:
    """A score of two values leaves one candidate, which was tuned all the same."""
    one = WINDOW | {"curve_threshold": [0.4], "curve_score": [0.5], "curve_test_score": [0.375]}
    tuned = page([one])
    assert "candidate with the best precision on validation" in tuned
    assert "is given" not in tuned
    given = page([one], tuned=False)
    assert "A buy is a row in which p(UP) reaches 0.400. That threshold is given and not" in given
    assert "what luck was in choosing it cannot be seen here." in given


def test_whether_a_threshold_was_tuned_is_of_the_spec() -> None:
    each = [ThresholdSpec(), ThresholdSpec(at=0.5), ThresholdSpec(best=3)]
    none = Governance(**dict.fromkeys(f.name for f in fields(Governance)))
    windows = [Governed(none, (), (), (), ())]
    assert [thresholds_data(windows, spec).tuned for spec in each] == [True, False, False]


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (2 / 3, "97 % lies between dates on validation and 67 % on test: the model chooses days, "),
        (1 / 3, "and 33 % on test: the model chooses stocks, and hardly days."),
        (0.5, "and 50 % on test: the model chooses days as well as stocks."),
        (None, "The probability of UP is the same in every test row"),
    ],
)
def test_one_sentence_says_whether_days_or_stocks_are_chosen(
    test: float | None, words: str
) -> None:
    assert words in date_sentence(DateShares(0.97, test), speak("en")).replace("\xa0", " ")
    assert date_sentence(DateShares(0.97, test), speak("ko")).isascii() is False


def test_balanced_losses_stand_beside_a_third_for_each_class(
    page: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = page([WINDOW])
    monkeypatch.setitem(TRAINING, "balanced", True)
    balanced = page([WINDOW])
    assert "always forecasting the train frequencies" in plain
    assert "forecasting a third for each class" in balanced
    assert "always forecasting the train frequencies" not in balanced


@pytest.mark.parametrize("windows", [[WINDOW], [WINDOW, IDLE], [IDLE]])
@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
def test_korean_says_all_of_it(page: Any, windows: list[dict[str, Any]]) -> None:
    html = page(windows, "ko", **({} if WINDOW in windows else UNSETTLED))
    words = re.sub(r"<svg.*?</svg>|<[^>]*>", " ", html, flags=re.DOTALL)
    assert re.findall(r"\b(?:the|of|is|window|rows)\b", words) == []


BIN = AgeBin(
    first=1, last=10, rows=1200, windows=2, gain=0.01, gain_low=-0.001, gain_high=0.021, buys=0,
    precision=None, edge=None, edge_low=None, edge_high=None, net_return=None, net_return_low=None,
    net_return_high=None,
)  # fmt: skip


def aged(low: float | None, high: float | None, say: Say) -> str:
    slope = None if low is None or high is None else (low + high) / 2
    return model_age(ModelAge(10, (BIN,), AgeSlope(slope, low, high, None)), say)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.003, -0.001, "The models decay: in ten sessions the gain changes by -0.0020 nats"),
        (0.001, 0.003, "The gain grows with age: by +0.0020 nats"),
        (-0.001, 0.003, "No decay can be told from luck"),
        (None, None, "too few windows"),
    ],
)
def test_decay_is_said_only_where_its_interval_leaves_out_none(
    low: float | None, high: float | None, words: str
) -> None:
    html = aged(low, high, speak("en"))
    assert words in html
    assert "<td>-0.0010 to 0.0210</td>" in html
    assert "<td>\N{EN DASH}</td>" in html  # no buys, no precision


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
def test_korean_says_all_of_model_age() -> None:
    words = re.sub(r"<svg.*?</svg>|<[^>]*>", " ", aged(-0.1, 0.1, speak("ko")), flags=re.DOTALL)
    assert set(re.findall(r"[A-Za-z]{3,}", words)) == {"nat"}  # the unit


def test_without_a_label_there_is_no_age() -> None:
    html = model_age(ModelAge(10, (), AgeSlope(None, None, None, None)), speak("en"))
    assert "No test row has a label yet." in html


@pytest.mark.parametrize("key", ["thresholds", "age"])
def test_a_runs_page_holds_the_section(finished: Run, key: str) -> None:
    # The figures' identifiers are drawn anew; the words and tables are the page's.
    say = speak("en")
    _, make = sections_of(say, spec_toml="", sheet="")[key]
    html = make(finished.numbers, say)
    for part in re.findall(r"<table>.*?</table>|<p>.*?</p>", html, flags=re.DOTALL):
        assert part in finished.html
