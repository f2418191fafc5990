"""Daily features, their units and groups are said in Korean too."""

import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.page.words import word
from rollsight.signals.features.daily import DAILY
from rollsight.signals.features.daily.bars import BARS
from rollsight.signals.features.daily.daily import Daily

KOREAN = speak("ko")


@pytest.mark.parametrize("feature", [*DAILY.values(), *BARS.values()], ids=[*DAILY, *BARS])
def test_a_daily_feature_is_said_in_korean(feature: Daily) -> None:
    units = [] if feature.unit == "fraction" else [feature.unit]
    for text in (feature.title, *units, feature.group):
        said = word(text, KOREAN)
        assert said != text
        assert "{" not in said


def test_each_has_a_title_of_its_own() -> None:
    assert len({feature.title for feature in DAILY.values()}) == len(DAILY)
    assert word(DAILY["mom120_20"].title, KOREAN) == "최근 20거래일을 제외한 120거래일 변화율"
    assert word(DAILY["vol5"].title, KOREAN) == "일간 변화율, 5거래일 표준편차"
