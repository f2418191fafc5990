"""What the page says of base rates that a label's shares make."""

from html import unescape

from rollsight.reports.page.language import speak
from rollsight.reports.run.learning.classes import by_construction, date_classes
from rollsight.signals.spec import LabelSpec

WITHIN = LabelSpec(band="date-volatility", up_share=0.3, down_share=0.25)


def spaced(text: str) -> str:
    """Return a page's text with plain spaces."""
    return unescape(text).replace("\u00a0", " ").replace("\u2060", "")


def test_shares_of_a_date_are_said_to_make_the_base_rates() -> None:
    said = spaced(by_construction(date_classes(WITHIN), speak("en")))
    assert "highest 30.0 % and the lowest 25.0 % of the returns of its members of like" in said
    plain = spaced(by_construction(date_classes(LabelSpec(band="date")), speak("en")))
    assert "the highest 33.3 % and the lowest 33.3 % of its members' returns" in plain


def test_the_same_is_said_in_korean() -> None:
    said = spaced(by_construction(date_classes(WITHIN), speak("ko")))
    assert "상위 30.0 %가 UP" in said
    assert "alike" not in said


def test_bands_that_are_no_dates_say_nothing_of_it() -> None:
    for label in (LabelSpec(), LabelSpec(band="volatility")):
        assert date_classes(label) is None
        assert by_construction(date_classes(label), speak("en")) == ""
