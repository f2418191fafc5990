"""What a page says of held-out sessions that are opened."""

from rollsight.reports.page.language import speak
from rollsight.reports.run.holdout.facts import Holdout
from rollsight.reports.run.holdout.sentence import holdout_said


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
