"""What the page holds of a trade is what the tables say of it."""

import base64

import numpy as np
import pandas as pd
import pytest

from rollsight.base.records import record
from rollsight.reports.run.account.tradefacts import TradeMaps, decoded_map, mapped_trades
from rollsight.workflows.run import Run


def test_columns_are_the_tables(finished: Run) -> None:
    columns = finished.metrics["trades"]["columns"]
    for name in ("trade", "code", "net_return", "profit", "tax", "outcome"):
        assert columns[name] == finished.trades[name].tolist()
    signals = finished.signals.loc[finished.trades["signal"]]
    assert columns["p_up"] == signals["p_up"].tolist()
    assert columns["threshold"] == signals["threshold"].tolist()
    assert set(columns["band_up"]) == {finished.spec.label.up}


def test_a_path_holds_the_closes_around_its_trade_to_a_thousandth_of_a_percent(
    finished: Run,
) -> None:
    paths = finished.metrics["trades"]["paths"]
    for at in (0, 7, len(finished.trades) - 1):
        trade = finished.trades.iloc[at]
        cells = np.frombuffer(base64.b64decode(paths["close"][at]), dtype="<u2")
        first = paths["from"][at]
        days = paths["sessions"][first : first + len(cells)]
        own = finished.closes[finished.closes["code"] == trade["code"]].set_index("date")["close"]
        wanted = own.loc[days[0] : days[-1]].to_numpy()
        assert cells / 65_535 * paths["top"][at] == pytest.approx(wanted, rel=1e-5 + 1e-5)
        assert days[40] == f"{trade['decided_at']:%Y-%m-%d}"
        assert f"{trade['exit_at']:%Y-%m-%d}" in days


def test_a_map_holds_the_contributions_to_half_a_step_of_its_scale(finished: Run) -> None:
    maps = finished.metrics["trades"]["maps"]
    assert maps["trade"] == finished.trades["trade"].tolist()
    own = finished.attribution[finished.attribution["trade"] == 3]
    grid = own.pivot_table(index="channel", columns="lag", values="contribution", observed=True)
    wanted = grid.reindex(maps["channels"]).to_numpy()
    found = decoded_map(record(TradeMaps, maps), 3)
    assert np.abs(found - wanted).max() <= np.abs(wanted).max() / 127 / 2 * 1.001


def test_of_too_many_trades_the_extremes_and_an_even_sample_keep_their_maps() -> None:
    # Returns fall with the number: of 100 trades 0..4 are the best and 95..99 the worst, and ten
    # of the ninety between stand 89 / 9 apart.
    trades = pd.DataFrame({"trade": range(100), "net_return": np.linspace(1, -1, 100)})
    even = [5, 15, 25, 35, 45, 54, 64, 74, 84, 94]
    assert mapped_trades(trades, 20) == [0, 1, 2, 3, 4, *even, 95, 96, 97, 98, 99]
    assert mapped_trades(trades, 100) == list(range(100))


def test_the_largest_winners_and_losers_come_first(finished: Run) -> None:
    net = finished.trades.set_index("trade")["net_return"]
    facts = finished.metrics["trades"]
    assert net[facts["winners"]].tolist() == sorted(net)[::-1][:4]
    assert net[facts["losers"]].tolist() == sorted(net)[:4]
