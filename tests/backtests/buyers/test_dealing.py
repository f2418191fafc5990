"""Scores dealt out anew stay within their date and among stocks as volatile."""

import numpy as np
import pytest

from rollsight.backtests.buyers.alike import volatility_groups
from rollsight.backtests.buyers.dealing import deal, deck_of, renewal_of
from rollsight.backtests.chain.prepared import Prepared
from tests.support.simulated.signals import market, signals_of


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return market(tmp_path_factory.mktemp("market"))[1]


def test_each_score_goes_to_a_row_of_its_own_date_and_group_and_none_twice(
    ready: Prepared,
) -> None:
    signals = signals_of(ready, 0)
    group = volatility_groups(signals).to_numpy()
    for whole in (True, False):
        deck = deck_of(signals, whole=whole)
        to = deal(deck, 0.3, np.random.default_rng(1))
        assert sorted(to) == list(range(len(to)))
        assert (to != np.arange(len(to))).any()
        for of in (signals["day"].to_numpy(), group):
            assert (of[deck.row[to]] == of[deck.row]).all()
        # As many buys as the real ones in each date and group, all of them dealt.
        assert deck.buy.sum() == signals["buy"].sum()
        assert (len(to) == len(signals)) == whole


def test_what_has_no_threshold_keeps_its_score_and_is_never_bought(ready: Prepared) -> None:
    signals = signals_of(ready, 0)
    shut = signals["stock"].isin([1, 4])
    signals = signals.assign(threshold=signals["threshold"].mask(shut), buy=signals["buy"] & ~shut)
    bought, whole = (deck_of(signals, whole=w) for w in (False, True))
    assert not shut.to_numpy()[bought.row].any()
    to = deal(whole, 0.3, np.random.default_rng(1))
    closed = shut.to_numpy()[whole.row]
    assert closed.sum() == shut.sum()
    assert (to[closed] == np.flatnonzero(closed)).all()


def test_draws_stay_in_a_stock_the_longer_the_real_buys_do(ready: Prepared) -> None:
    fresh, lasting = (
        renewal_of(deck_of(signals_of(ready, 1, kept=k), whole=False), 6, np.random.default_rng(2))
        for k in (0.0, 0.97)
    )
    assert fresh >= 0.5 > 0.25 >= lasting


def test_the_better_score_goes_to_the_smaller_key(ready: Prepared) -> None:
    signals = signals_of(ready, 3)
    deck = deck_of(signals, whole=True)
    key = np.random.default_rng(4).random(deck.grid[0] * deck.grid[1], dtype=np.float32)
    to, score = deck.dealt(key), signals["score"].to_numpy()[deck.row]
    same = deck.cell[1:] == deck.cell[:-1]
    assert (np.diff(score)[same] <= 0).all()
    assert (np.diff(key[deck.place[to]])[same] >= 0).all()


def test_some_dates_are_dealt_as_they_are_in_the_whole(ready: Prepared) -> None:
    signals = signals_of(ready, 3)
    whole = deck_of(signals, whole=True)
    kept = signals["day"].to_numpy()[whole.row] % 3 == 0
    part = whole.part(kept)
    key = np.random.default_rng(4).random(whole.grid[0] * whole.grid[1], dtype=np.float32)
    assert (part.row[part.dealt(key)] == whole.row[whole.dealt(key)[kept]]).all()
    assert 0 < kept.sum() < len(kept)
