"""What a page says of held-out sessions that are opened."""

import numpy as np

from rollsight.reports.page.language import speak
from rollsight.reports.run.holdout.alone import alone_said
from rollsight.reports.run.holdout.facts import Holdout
from rollsight.reports.run.holdout.sentence import holdout_said
from rollsight.reports.run.numbers import Equity


def opened(looks: int, specs: int) -> str:
    found = Holdout(start="2017-01-01", opened=True, first="2017-01-01", looks=looks, specs=specs)
    return holdout_said(found, speak("en"))[0]


def test_a_first_look_asks_no_more_than_a_run_without_a_holdout() -> None:
    assert opened(1, 1).endswith("looked at 1 time with 1 specification (holdout.jsonl).")


def test_a_look_with_another_specification_asks_twice_as_much() -> None:
    assert opened(3, 2).endswith(
        "looked at 3 times with 2 specifications (holdout.jsonl), and the verdict asks 2 times as "
        "much as of one."
    )


def test_the_opened_sessions_are_told_by_themselves() -> None:
    days = np.arange("2014-01-01", "2020-01-01", dtype="datetime64[D]").astype(str)
    later = days >= "2017-01-01"
    # Every other session it makes .2 % before, and .02 % after, while others stand still.
    own = np.where(later, 0.0002, 0.002) * (np.arange(len(days)) % 2)
    equity = Equity(
        date=tuple(days), equity=tuple(np.cumprod(1 + own)), return_=tuple(own),
        benchmark_return=(0.0,) * len(days), universe_return=(0.0,) * len(days),
    )  # fmt: skip
    said = alone_said(equity, "2017-01-01", 250, speak("en"))
    # 1.0002 ** 125 = 1.0253, 125 log 1.0002 = .0250; 1.002 ** 125 = 1.2837, 125 log 1.002 = .2498
    assert said == [
        "From 2017-01-01 on alone the account made +2.5 % a year, +2.5 % beside the equal-weight "
        "universe (log, 95 % interval +2.5 % to +2.5 %); before that +28.4 % and +25.0 %."
    ]


def test_nothing_is_said_of_a_few_opened_sessions() -> None:
    days = tuple(np.arange("2016-12-28", "2017-01-03", dtype="datetime64[D]").astype(str))
    still = (0.0,) * len(days)
    equity = Equity(
        date=days, equity=(1.0,) * len(days), return_=still, benchmark_return=still,
        universe_return=still,
    )  # fmt: skip
    assert alone_said(equity, "2017-01-01", 250, speak("en")) == []
