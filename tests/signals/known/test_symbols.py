"""The one table of symbols: what is asked for under each name, and what is not."""

import pytest

from rollsight.backtests.spec import read_spec
from rollsight.base.errors import RollsightError
from rollsight.signals.known.symbols import KRX_INDICES, SYMBOLS, find_symbol

ORIGINAL = {
    "KS11": "KS11", "IXIC": "YAHOO:^IXIC", "KQ11": "KQ11", "USD/KRW": "YAHOO:KRW=X",
    "KS200": "KS200", "NG": "YAHOO:NG=F", "ZG": "YAHOO:GC=F", "VCB": "HOSE:VCB",
    "US1MT=X": "FRED:DGS1MO", "US1MT": "FRED:DGS1MO", "KS50": None, "KS100": None,
}  # fmt: skip


@pytest.mark.parametrize("name", list(ORIGINAL))
def test_every_index_of_the_original_work_has_its_symbol_of_today(name: str) -> None:
    assert SYMBOLS[find_symbol(name)].vendor == ORIGINAL[name]


@pytest.mark.parametrize("name", ["NG", "ZG", "VCB", "US1MT=X", "KS50", "KS100"])
def test_a_name_that_means_something_else_now_says_so(name: str) -> None:
    assert SYMBOLS[find_symbol(name)].note


def test_every_symbol_that_cannot_be_had_says_why() -> None:
    assert all(entry.note for entry in SYMBOLS.values() if entry.vendor is None)


def test_no_name_means_two_symbols() -> None:
    names = [*SYMBOLS, *(alias for entry in SYMBOLS.values() for alias in entry.aliases)]
    assert len(set(names)) == len(names)


def test_references_are_symbols_and_never_run_in_a_circle() -> None:
    for symbol in SYMBOLS:
        seen, at = {symbol}, SYMBOLS[symbol].reference
        while at is not None:
            assert at[0] not in seen
            seen.add(at[0])
            at = SYMBOLS[at[0]].reference


def test_the_preset_looks_at_what_is_fetched() -> None:
    assert read_spec("krx").market.indices == KRX_INDICES


def test_a_name_that_nobody_knows_is_refused_with_the_nearest() -> None:
    with pytest.raises(RollsightError, match=r"no index is called 'KS12'.*did you mean 'KS1"):
        find_symbol("KS12")
