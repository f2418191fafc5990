"""Every class within a date of random Korean markets, worked out again from the files alone."""

from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest

from rollsight.signals.inputs.labels import trade_labels
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import LabelSpec, MarketSpec
from tests.recomputed.classes import classes
from tests.recomputed.markets import ERAS, write
from tests.recomputed.stocks import Terms, label, read
from tests.recomputed.test_recomputed import sessions_from

SHARES = [(Fraction(1, 3), Fraction(1, 3)), (Fraction(1, 5), Fraction(3, 10))]


def compared(folder: Path, seed: int) -> dict[str, int]:
    """Compare one market by both kinds of bands, and return how much of it there was."""
    rng = Random(seed)
    terms = Terms(rng.randint(1, 6), rng.choice([0, 5]), 0.0, 1.0)
    whole = sessions_from(rng.choice(ERAS))
    write(folder, seed, whole[:35], rng.randint(33, 48))
    market = read_market(
        MarketSpec(folder=str(folder), delisting_gap=terms.delisting_gap, delisting_haircut=0.0)
    )
    first, n = whole.index(market.sessions[0].item()), len(market.sessions)
    stocks = read(folder, whole[first:], n, terms)
    trades = {
        (s, day): own
        for s, stock in enumerate(stocks)
        for day in range(n)
        if (own := label(stock, day, n, terms))
    }
    wild = np.random.default_rng(seed).choice([0.01, 0.02, np.nan, *rng.choices(range(9), k=9)],
                                              market.open.shape)  # fmt: skip
    down, up = rng.choice(SHARES)
    total = {"classes": 0, "late": 0, "early": 0}
    for band, given in (("date", None), ("date-volatility", wild)):
        spec = LabelSpec.model_validate(
            {"horizon": terms.horizon, "band": band, "down_share": float(down),
             "up_share": float(up)}
        )  # fmt: skip
        got = trade_labels(market, spec, volatility=given)
        own = classes(
            stocks, trades, n, terms, (down, up), None if given is None else given.tolist()
        )
        for (s, day), trade in trades.items():
            expected = own.get((s, day), (-1, -1))
            where = f"market {seed}, {band}, {stocks[s].code}, session {day}"
            assert (got.label[s, day], got.settled_at[s, day]) == expected, where
            if expected[0] >= 0:
                assert got.sold_at[s, day] == trade.settled, where
            due = day + 1 + terms.horizon
            total["classes"] += expected[0] >= 0
            total["late"] += expected[0] >= 0 and trade.settled > due
            total["early"] += expected[0] >= 0 and trade.settled < due
        assert int((got.label >= 0).sum()) == len(own)
    return total


def test_classes_within_a_date_come_out_as_the_files_say(tmp_path: Path) -> None:
    assert compared(tmp_path, 1)["late"] > 0


@pytest.mark.slow
def test_classes_of_many_markets_come_out_as_the_files_say(tmp_path: Path) -> None:
    total: dict[str, int] = {}
    for seed in range(25):
        folder = tmp_path / str(seed)
        folder.mkdir()
        for name, count in compared(folder, seed).items():
            total[name] = total.get(name, 0) + count
    print(f"25 markets without a difference: {total}")  # noqa: T201
    assert min(total.values()) > 25
