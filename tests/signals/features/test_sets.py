"""A set's name stands for its features; what a folder lacks for some of them is told."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.features import STOCK_FEATURES, STOCK_SETS
from rollsight.signals.features.daily import OF_VALUE
from rollsight.signals.features.groups import groups_of
from rollsight.signals.features.sets import expanded
from rollsight.signals.inputs.samples import SampleSet, build_samples
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from tests.support.markets import Recipe, small_market

DAILY = STOCK_SETS["daily"]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """Return three stocks of 800 sessions."""
    return small_market(tmp_path_factory.mktemp("m"), Recipe(n_days=800, first="2020-01-02"))


def built(market: Market, *stock: str) -> SampleSet:
    return build_samples(
        market, MarketSpec(), FeatureSpec(lookback=2, stock=stock), LabelSpec(horizon=2)
    )[0]


def test_a_sets_name_stands_for_its_features_in_order(market: Market) -> None:
    assert set(DAILY) <= STOCK_FEATURES.keys()
    samples = built(market, "change", "daily")
    assert samples.channels[: len(DAILY) + 1] == ("close", *DAILY)
    assert samples.notes == ()
    assert samples.usable.any()


def test_a_feature_named_beside_its_set_keeps_its_own_place(market: Market) -> None:
    others = [name for name in DAILY if name != "vol20"]
    assert expanded(["daily", "vol20"], market) == ((*others, "vol20"), ())


def test_channels_are_grouped_as_their_features_say_or_by_themselves(market: Market) -> None:
    samples = built(market, "change", "ret5", "ret10", "tests.support.toys.features:day_range")
    groups = groups_of(samples.own, samples.shared)
    assert [groups[name] for name in samples.channels[:4]] == [
        "close", "reversal", "reversal", "day_range"
    ]  # fmt: skip
    assert [channel.title for channel in samples.own][1] == "Change over 5 sessions"


def test_what_a_folder_lacks_is_left_out_of_a_set_with_a_note(market: Market) -> None:
    closes = replace(market, closes_only=True, volume=None)
    samples = built(closes, "change", "daily")
    left = [name for name in DAILY if set(STOCK_FEATURES[name].needs) <= {"Close"}]
    assert samples.channels[1 : len(left) + 1] == tuple(left)
    (note,) = samples.notes
    out = [name for name in DAILY if name not in left]
    assert note.endswith(f"{len(out)} features of 'daily' left out, {', '.join(out)}")
    assert note.startswith("prices has no High, Low, Open, Volume beside its closes: ")


def test_traded_value_is_the_folders_amount_where_it_has_one_and_a_note_says_of_what(
    market: Market,
) -> None:
    assert market.volume is not None
    plain = built(market, "change", "daily")
    exact = built(replace(market, amount=market.close * market.volume), "change", "daily")
    assert np.array_equal(exact.stocks, plain.stocks)
    amount = market.close * market.volume * (1 + np.arange(market.close.shape[1]) % 7)
    other = built(replace(market, amount=amount), "change", "daily")
    differs = (other.stocks != plain.stocks).any(axis=(0, 1))
    names = tuple(np.array(other.channels[: len(differs)])[differs])
    assert names == OF_VALUE
    assert other.notes == (
        "Features of traded value are made of the folder's column Amount, not of close times "
        f"volume: {', '.join(names)}",
    )
    assert built(replace(market, amount=amount), "change", "vrel1_20").notes == ()
    traded = np.where(market.traded, amount, 0.0)[0]
    logval60 = other.stocks[0, 100, other.channels.index("logval60")]
    assert logval60 == pytest.approx(np.log(traded[41:101].mean() + 1))


def test_a_split_that_volumes_ignore_changes_no_feature_of_the_folders_amount(
    market: Market,
) -> None:
    assert market.volume is not None
    amount = market.close * market.volume
    shares = market.volume.copy()
    shares[:, :500] /= 50  # closes are adjusted for the split, volumes are not
    split = replace(market, volume=shares, amount=amount)
    one, two = (built(m, "change", *OF_VALUE) for m in (split, replace(market, amount=amount)))
    assert np.array_equal(one.stocks, two.stocks)


def test_a_feature_named_by_itself_is_refused_where_its_column_lacks(market: Market) -> None:
    with pytest.raises(RollsightError, match=r"feature 'range1': prices has no column 'High'"):
        built(replace(market, closes_only=True), "change", "range1")


def test_a_set_that_is_misspelt_is_told_like_a_feature(market: Market) -> None:
    with pytest.raises(RollsightError, match=r"'dayly' .*did you mean 'daily'\?"):
        built(market, "change", "dayly")
