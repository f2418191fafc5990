"""Features become channels: in their order, by their names, known where they say so."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.features.panel import stock_panel
from rollsight.signals.inputs.losses import Loss, refuse_losses
from rollsight.signals.inputs.samples import SampleSet, build_samples, ledger_of
from rollsight.signals.inputs.volatility import trailing_volatility
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from tests.support.markets import Recipe, market_of, write_market

TOYS = "tests.support.toys.features"
RANGE, CROWD, LEVEL = (f"{TOYS}:{name}" for name in ("day_range", "crowd", "level"))
LOOKBACK = 5
MODULE = """
class Mine:
    unit, needs, warm_up, cross_sectional = "fraction", ("Close",), 0, False
    def __call__(self, panel):
        return {0}

mine = Mine()
"""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """Return three stocks of 60 sessions, the second without rows in sessions 30 and 31."""
    recipe = Recipe(missing=((1, 30), (1, 31)))
    return read_market(MarketSpec(folder=str(write_market(tmp_path_factory.mktemp("m"), recipe))))


def built(
    market: Market, *stock: str, index: tuple[str, ...] = ("change",), label: str = "fixed"
) -> tuple[SampleSet, tuple[Loss, ...]]:
    features = FeatureSpec(lookback=LOOKBACK, stock=stock, index=index)
    asked = LabelSpec.model_validate({"horizon": 2, "band": label})
    return build_samples(market, MarketSpec(), features, asked)


def refusal(market: Market, *stock: str, index: tuple[str, ...] = ("change",)) -> str:
    with pytest.raises(RollsightError) as caught:
        built(market, *stock, index=index)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_channels_have_the_features_order_names_and_units(market: Market) -> None:
    samples, _ = built(market, "change", RANGE, CROWD, index=("change", LEVEL))
    symbols = list(market.indices)
    assert samples.channels == (
        "close", "day_range", "crowd", *symbols, *(f"{s} level" for s in symbols)
    )  # fmt: skip
    assert [c.unit for c in samples.own] == ["fraction", "fraction", "log"]
    assert [c.title for c in samples.own] == ["The stock's own close", RANGE, CROWD]
    assert [c.index for c in samples.shared] == [*symbols, *symbols]
    names = [market.publications[s].name for s in symbols]
    assert [c.title for c in samples.shared] == [*names, *(f"{n} level" for n in names)]
    other, _ = built(market, CROWD, "change")
    assert other.channels[:2] == ("crowd", "close")
    assert np.array_equal(other.stocks[..., 1], samples.stocks[..., 0])


def test_values_are_the_features_own_of_every_stock_and_session(market: Market) -> None:
    samples, _ = built(market, "change", RANGE, CROWD, index=(LEVEL,))
    assert samples.stocks.shape == (3, 60, 3)
    assert samples.stocks.dtype == samples.indices.dtype == np.float32
    high, low, volume = market.high[2, 20], market.low[2, 20], market.volume
    assert volume is not None
    assert samples.stocks[2, 20, 1] == np.float32(high / low - 1)
    before = volume[2, 15:20].mean()
    assert samples.stocks[2, 20, 2] == np.float32(np.log((1 + volume[2, 20]) / (1 + before)))
    known = ledger_of(market, FeatureSpec()).value  # as it was known at each close
    assert samples.indices[20, 0] == np.float32(known[20, 0] / known[16:21, 0].mean())


def test_no_row_reaches_into_a_warm_up(market: Market) -> None:
    # Changes begin in session 1, and a lookback of five ends in 5; the crowd begins in session 5.
    assert np.flatnonzero(built(market, "change")[0].usable[0])[0] == 5
    assert np.flatnonzero(built(market, "change", RANGE)[0].usable[0])[0] == 5
    samples, losses = built(market, "change", CROWD)
    assert np.flatnonzero(samples.usable[0])[0] == 5 + LOOKBACK - 1
    assert (samples.stocks[:, :5, 1] == 0).all()
    assert samples.warm_up == 5
    # The warm-up is nobody's loss.
    assert {loss.series: loss.rows for loss in losses}["crowd"] == 0


def test_where_a_stock_has_no_row_the_last_close_stands_and_nothing_is_traded(
    market: Market,
) -> None:
    panel = stock_panel(market, ("Open", "High", "Low", "Close", "Volume"), np.zeros(60))
    for day in (30, 31):
        for column in ("Open", "High", "Low", "Close"):
            assert panel[column][1, day] == market.close[1, 29]
        assert panel["Volume"][1, day] == 0
    assert panel["Open"][1, 32] == market.open[1, 32]
    samples, _ = built(market, "change", RANGE)
    assert samples.stocks[1, 30:32, 1].tolist() == [0, 0]


def test_a_feature_cannot_change_the_market(market: Market) -> None:
    panel = stock_panel(market, ("Volume",), np.zeros(60))
    for array in (panel["Volume"], panel.leaps, panel.traded, panel.market, panel.sessions):
        with pytest.raises(ValueError, match="read-only"):
            array[..., 0] = array[..., 1]


def test_volatility_is_that_of_closes_whether_their_change_is_a_channel_or_not(
    market: Market,
) -> None:
    seen, _ = built(market, "change", RANGE, label="volatility")
    unseen, _ = built(market, RANGE, label="volatility")
    assert unseen.channels[0] == "day_range"
    assert np.array_equal(seen.changes, unseen.changes)
    assert np.array_equal(seen.labels.label, unseen.labels.label)
    assert (trailing_volatility(unseen.changes, LOOKBACK)[:, 20] > 0).all()


def test_a_column_that_the_folder_lacks_is_told_with_those_that_it_has(market: Market) -> None:
    closes = replace(market, closes_only=True, volume=None)
    assert refusal(closes, "change", CROWD) == (
        f"feature {CROWD!r}: prices has no column 'Volume' (have ['Close']): add it, or "
        "leave the feature out of features.stock"
    )
    assert refusal(closes, RANGE).startswith(f"feature {RANGE!r}: prices has no column 'High' (ha")
    assert built(closes, "change")[0].channels[0] == "close"


@pytest.mark.parametrize(
    ("returned", "line"),
    [
        ("panel['Close'][:, 1:]", "returned the shape (3, 59): return (n_stocks, n_days), (3, 60)"),
        ("panel['Close'] > 0", "returned an array of bool: return a numpy array of float64"),
        ("panel['Close'].tolist()", "returned list: return a numpy array of float64"),
        ("panel['Close'] * 1e40", "which no network can be given: return numbers that float32"),
        ("1 / (panel['Close'] * 0)", " is inf at (0, 0), which no network can be given"),
        ("panel['High']", ": the column 'High' is not among its needs ('Close',): add it there"),
        ("1 / 0", " failed with ZeroDivisionError: division by zero"),
        ("panel['Close'] * float('nan')", " has no value in any row, after its warm-up of 0"),
    ],
)
def test_what_cannot_be_used_is_refused_by_feature_and_rule(
    market: Market, mine: Path, returned: str, line: str
) -> None:
    mine.write_text(MODULE.format(returned), encoding="utf-8")
    found = refusal(market, "change", "mine:mine")
    assert found.startswith("feature 'mine:mine'")
    assert line in found


def test_values_that_are_not_known_take_rows_and_are_counted(market: Market, mine: Path) -> None:
    # Unknown on sessions 20 of all stocks: rows 20 to 24 go.
    expression = "__import__('numpy').where(panel.sessions == panel.sessions[20], float('nan'), 1.0"
    mine.write_text(MODULE.format(f"{expression} + panel['Close'])"), encoding="utf-8")
    samples, losses = built(market, "change", "mine:mine")
    gone = np.flatnonzero(~samples.usable[0])
    assert gone.tolist() == [0, 1, 2, 3, 4, 20, 21, 22, 23, 24]
    (loss,) = (loss for loss in losses if loss.series == "mine")
    assert loss.rows == 3 * 5
    # 55 sessions of three stocks, but for the two without a row.
    assert loss.share == loss.rows / (3 * 55 - 2)
    with pytest.raises(RollsightError, match="feature 'mine', unknown after its warm-up, costs 20"):
        refuse_losses([replace(loss, share=0.2)], market, FeatureSpec())


def test_names_that_cannot_be_told_apart_or_found_are_refused(market: Market, mine: Path) -> None:
    assert refusal(market, "change", "change").startswith("two inputs are called 'close'")
    mine.write_text(MODULE.format("panel['Close']"), encoding="utf-8")
    text = mine.read_text(encoding="utf-8").replace("mine =", f"{next(iter(market.indices))} =")
    mine.write_text(text, encoding="utf-8")
    symbol = next(iter(market.indices))
    assert refusal(market, "change", f"mine:{symbol}").startswith(
        f"two inputs are called {symbol!r}, mine:{symbol} and "
    )
    told = refusal(market, "chagne")
    assert told.startswith("no feature is called 'chagne' (have ['")
    assert "; did you mean 'change'?; one of your own is written package.module:name" in told
    assert refusal(market, "change", index=("levle",)).startswith("no index feature is called")
    assert refusal(market, LEVEL) == (
        f"feature {LEVEL!r} has no 'unit': it is {_shown(LEVEL)}, and no feature"
    )


def _shown(name: str) -> str:
    from tests.support.toys import features as toyfeatures

    text = repr(getattr(toyfeatures, name.partition(":")[2]))
    return text if len(text) <= 60 else f"{text[:57]}..."


def test_a_warm_up_longer_than_the_data_is_told(mine: Path) -> None:
    market = market_of(np.ones((1, 20)))
    mine.write_text(MODULE.format("panel['Close']").replace(", 0,", ", 16,"), encoding="utf-8")
    assert "'mine:mine' leaves no row: with a warm-up of 16 sessions" in refusal(
        market, "change", "mine:mine"
    )
