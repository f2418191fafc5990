"""What volumes tell of splits that they ignore, and that the rest is said and not guessed."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.page.words import word
from rollsight.signals.inputs.universe import universe
from rollsight.signals.prices.market import Market
from rollsight.signals.prices.splits import forward_splits, reverse_suspects
from rollsight.signals.spec import UniverseSpec
from tests.support.markets import market_of, sessions

RESUMED = 50


def resumed(factor: float, halt: int = 10, price: float = 100.0) -> Market:
    """Return a stock of 1,000 shares a day at 100 won, halted up to session 50, then changed."""
    volume, close = np.full((1, 100), 1000.0), np.full((1, 100), 100.0)
    volume[:, RESUMED:] *= factor
    volume[:, RESUMED - halt : RESUMED] = 0
    close[:, RESUMED:] = price
    return replace(market_of(close, traded=volume > 0), volume=volume)


def suspects(market: Market) -> list[int]:
    assert market.volume is not None
    return reverse_suspects(market, market.volume[0], 0)


@pytest.mark.parametrize("factor", [1 / 3, 0.2, 0.01])
def test_volumes_that_fall_behind_a_halt_of_two_weeks_are_suspected(factor: float) -> None:
    assert suspects(resumed(factor)) == [RESUMED]


@pytest.mark.parametrize(
    "market",
    [
        resumed(0.4),
        resumed(0.009),
        resumed(5),
        resumed(0.2, halt=8),  # too short for a consolidation
        resumed(0.2, halt=31),
        resumed(0.2, halt=0),
        resumed(0.2, price=140.0),  # the price went another way
    ],
    ids=["too little", "too much", "a rise", "short", "long", "no halt", "another price"],
)
def test_what_is_no_reverse_split_is_not_suspected(market: Market) -> None:
    assert suspects(market) == []


def test_a_suspect_is_named_and_its_volumes_are_left_as_they_are() -> None:
    market = resumed(0.2)
    found = universe(market, UniverseSpec(top=1, splits="repair"))
    assert found.repaired == {}
    assert found.value is not None
    assert found.value[0, 0] == 100_000
    assert found.notes[1] == (
        f"After 1 halt of 1 stock, such as '000010' until {sessions(100)[RESUMED]}, volumes are "
        "a third or less while the price goes on, as after a reverse split that volumes ignore: "
        "look at them"
    )
    assert "거래정지 1번 뒤에는" in word(found.notes[1], speak("ko"))


def test_a_ranking_by_volumes_says_what_it_cannot_see_and_one_by_amounts_does_not() -> None:
    # A split 5:1 without a halt that prices are adjusted for: nothing tells it from a busy month.
    market = resumed(5, halt=0)
    assert market.volume is not None
    assert forward_splits(market, market.volume[0], 0) == []
    (note,) = universe(market, UniverseSpec(top=1)).notes
    assert note.startswith("Members are ranked by close times volume; volumes that ignore a split")
    assert "거래정지 없는 분할 이전에는" in word(note, speak("ko"))
    exact = replace(market, amount=market.volume * 100)
    assert universe(exact, UniverseSpec(top=1)).notes == ()
    assert universe(market, UniverseSpec()).notes == ()
