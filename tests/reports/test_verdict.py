"""The sentences at the top of the page follow from the intervals beside them."""

from typing import Any

import pytest

from rollsight.reports.language import speak
from rollsight.reports.run import Run
from rollsight.reports.verdict import verdict


def said_of(finished: Run, part: str, changes: dict[str, Any]) -> tuple[str, str]:
    """Return the verdict of a run whose skill (0) or buys (1) are changed."""
    metrics = finished.metrics
    if part == "skill":
        return verdict({**metrics, "skill": {**metrics["skill"], **changes}}, speak("en"))[0]
    overall = metrics["overall"]
    buys = {**overall["all_buys"], **changes}
    return verdict({**metrics, "overall": {**overall, "all_buys": buys}}, speak("en"))[1]


@pytest.mark.parametrize(("part", "key"), [("skill", "gain"), ("buys", "edge")])
@pytest.mark.parametrize(
    ("low", "high", "tone", "words"),
    [
        (-0.01, 0.02, "bad", "within luck"),
        (0.01, 0.02, "good", "more than luck alone explains"),
        (-0.02, -0.01, "bad", "worse than"),
    ],
)
def test_a_verdict_follows_its_interval(
    finished: Run, part: str, key: str, low: float, high: float, tone: str, words: str
) -> None:
    found = said_of(finished, part, {f"{key}_low": low, f"{key}_high": high})
    assert found[0] == tone
    assert words in found[1]


def test_without_an_interval_nothing_is_judged(finished: Run) -> None:
    tone, sentence = said_of(finished, "buys", {"edge_low": None, "edge_high": None})
    assert tone == ""
    assert sentence.endswith("Too few dates for an interval.")
