"""What the page of a sweep says of other seeds of the best two settings."""

import re
from dataclasses import replace
from typing import Any

import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.seeds import Lead, SettingSpread, Spreads, spread
from rollsight.reports.sweep.numbers.tables import summary_lines
from rollsight.reports.sweep.page.page import render_page
from rollsight.reports.sweep.page.seeds import lead_said, lead_section
from tests.support.sweeps.numbers import few

EN = speak("en")
LEADS = {
    "within": [0.2, -0.1, 0.3],
    "stands": [0.2, 0.1, 0.3],
    "never traded": [None, None, None],
    "unknown": [],
}
SAID = {
    "within": "it is ahead in 2 of 3 cases, by -0.10 to 0.30: the lead is within what the seed",
    "stands": "by 0.10 to 0.30: no seed turns it round, which settings that do not differ "
    "show once in 4 times.",
    "never traded": "one of the two never traded, in all 3 cases.",
    "unknown": "is unknown where a setting has one network a window: set training.seeds",
}
LINE = {
    "within": "0.2500, with other seeds ahead in 2 of 3 (-0.1000 to 0.3000)",
    "stands": "0.2500, with other seeds ahead in 3 of 3 (0.1000 to 0.3000)",
    "never traded": "0.2500, with other seeds ahead in 0 of 3",
    "unknown": "0.2500",
}


def led(kind: str) -> SweepNumbers:
    """Return a sweep whose best setting leads the next by .25, and by these with other seeds."""
    leads, data = LEADS[kind], few()
    known = [v for v in leads if v is not None]
    best = next(t for t in data.trials if t.chosen)
    second = next(t for t in data.trials if not t.chosen)
    over = spread([0.1, 0.25, -0.3]) if leads else None

    def figures(number: int, *, chosen: bool) -> SettingSpread:
        return SettingSpread({}, (number,), chosen, over, Spreads(over, over, over, over))

    both = figures(best.number, chosen=True), figures(second.number, chosen=False)
    own = Lead(*both, 0.25, spread(known), sum(v > 0 for v in known), len(leads), len(leads))
    return replace(data, lead=own)


@pytest.mark.parametrize("kind", LEADS)
def test_one_sentence_holds_the_lead_against_other_seeds(kind: str) -> None:
    ((tone, text),) = lead_said(led(kind), EN)
    text = text.replace("\xa0", " ").replace("\N{MINUS SIGN}", "-")
    assert "On validation (Sharpe ratio) the setting of trial" in text
    assert "is 0.25 ahead of the setting of trial 0, the next one." in text
    assert SAID[kind] in text
    assert tone == ("bad" if kind in {"within", "never traded"} else "")


@pytest.mark.parametrize("kind", LEADS)
def test_the_terminal_has_the_lead_and_the_range(kind: str) -> None:
    lines = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in summary_lines(led(kind))[:6])
    assert lines["Lead over the second"].replace("\N{MINUS SIGN}", "-") == LINE[kind]
    told = lines["Other seeds, validation"].replace("\N{MINUS SIGN}", "-")
    assert told == ("spread unknown" if kind == "unknown" else "-0.3000 to 0.2500")
    assert ("Other seeds, test" in lines) == (kind != "unknown")


def test_the_table_has_three_rows_a_setting() -> None:
    html = lead_section(led("within"), EN).replace("\xa0", " ").replace("\N{MINUS SIGN}", "-")
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr><td.*?</tr>", html)]
    assert [row[1] for row in rows[:3]] == [
        "Validation: Sharpe ratio", "Test: Sharpe ratio", "Test: A year, net",
    ]  # fmt: skip
    # Of .1, .25 and -.3: a mean of .0167 and a deviation of .284.
    assert rows[0][3:] == ["3", "0.02", "0.28", "-0.30 to 0.25"]
    assert rows[2][3:] == ["3", "+1.67 %", "28.43 %", "-30.00 % to +25.00 %"]
    assert len(rows) == 6


@pytest.mark.parametrize(
    ("data", "tile"),
    [(led("within"), "other seeds -0.30 to 0.25"), (led("unknown"), "spread over seeds unknown")],
    ids=["known", "unknown"],
)
def test_a_tile_has_the_range_and_the_section_stands_where_it_is_known(
    data: Any, tile: str
) -> None:
    html = render_page(data, EN).replace("\N{MINUS SIGN}", "-")
    assert f"<span>{tile}</span>" in html.replace("\xa0", " ")
    assert ('id="seeds"' in html) == (tile != "spread over seeds unknown")


def test_settings_that_earned_the_same_have_no_lead() -> None:
    data = led("within")
    assert data.lead is not None
    ((tone, text),) = lead_said(replace(data, lead=replace(data.lead, own=0.0)), EN)
    assert (tone, text.endswith("and 0 are equal, and the best.")) == ("", True)
    alike = replace(data, statistics=replace(data.statistics, alike=True))
    assert lead_said(alike, EN) == []
    assert lead_said(replace(data, lead=None), EN) == []


def test_of_models_that_no_seed_changes_none_is_called_unknown() -> None:
    data = led("unknown")
    assert data.lead is not None
    data = replace(data, lead=replace(data.lead, seeded=False))
    ((_, text),) = lead_said(data, EN)
    assert text.endswith("No seed changes models of these families.")
    assert not [line for line in summary_lines(data) if "seeds" in line.split("  ")[0]]
    assert "spread over seeds unknown" not in render_page(data, EN)
