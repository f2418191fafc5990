"""A whole run with dividends: labels are trades, the steps add up, and the page says so."""

import numpy as np
import pytest

from rollsight.backtests.account.standing import account_at
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.directory.result import Result
from rollsight.backtests.spec import RunSpec
from rollsight.reports.page.language import speak
from rollsight.reports.page.words import word
from rollsight.reports.run.data.section import data_notes
from rollsight.reports.run.metrics import build_metrics
from rollsight.training.models.baselines.logistic import LogisticSpec
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market

FIRST = 160
RECIPE = Recipe(n_stocks=5, n_days=230, halts=((1, 180),), last_rows={4: 190}, pays=True)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    folder = write_market(tmp_path_factory.mktemp("market"), RECIPE)
    spec = spec_of(folder, min_buys=100)
    return spec.model_copy(update={"model": LogisticSpec(name="logistic")})


@pytest.fixture(scope="module")
def result(spec: RunSpec) -> Result:
    return walk_forward(spec)


def test_labels_are_trades_and_the_steps_to_the_money_leave_nothing_over(result: Result) -> None:
    trades, equity = result.trades, result.equity
    assert (trades["dividends"] > 0).sum() > 10
    numbers = build_metrics(result)  # a step that is missing would be refused there
    assert numbers.headline.label_is_trade == 1.0
    # What is withheld of 15.4 % stands within the tax.
    withheld = 0.154 * trades["dividends"].sum()
    sales = result.orders["tax"].sum()
    assert trades["tax"].sum() == pytest.approx(withheld + sales)
    paid = equity["dividends"].sum()
    assert paid == pytest.approx(trades["dividends"].sum() - withheld)
    made = equity["equity"].iloc[-1] - equity["equity"].iloc[0]
    assert trades["profit"].sum() == pytest.approx(made)


def test_the_first_lines_of_the_page_say_what_the_returns_hold(result: Result) -> None:
    (said,) = (note for note in data_notes(build_metrics(result).data) if "dividend" in note)
    assert said.startswith("Returns and labels hold ")
    assert "in net figures 15.4% of each is withheld" in said
    assert "15.4%를 원천징수" in word(said, speak("ko"))
    # Opens of random prices do not fall on ex-dates.
    assert abs(int(said.split("opens fall by ")[1].split("%")[0])) < 60


def test_the_account_at_a_close_has_what_was_paid_by_then(spec: RunSpec, result: Result) -> None:
    ready = prepare(spec)
    place = {code: i for i, code in enumerate(ready.market.codes)}
    days = ready.market.sessions.astype("datetime64[ms]")
    signals = result.signals.assign(
        stock=result.signals["code"].map(place),
        day=np.searchsorted(days, result.signals["decided_at"].to_numpy("datetime64[ms]")),
    )
    paid = np.flatnonzero(result.equity["dividends"] > 0)
    for at in (paid[0], paid[0] + 1, paid[len(paid) // 2]):
        account = account_at(
            ready.market, signals, first=FIRST, last=FIRST + int(at), horizon=5,
            spec=spec.strategy, costs=ready.costs,
        )  # fmt: skip
        assert account.equity.tolist() == result.equity["equity"].tolist()[: at + 1]
        assert account.cash.tolist() == result.equity["cash"].tolist()[: at + 1]


def test_without_dividends_the_same_trades_make_as_much_less(spec: RunSpec, result: Result) -> None:
    market = spec.market.model_copy(update={"dividends": "without"})
    plain = walk_forward(spec.model_copy(update={"market": market}))
    assert "dividends" not in plain.trades
    assert not np.array_equal(plain.signals["label_return"], result.signals["label_return"])
    (said,) = (n for n in data_notes(build_metrics(plain).data) if "ividend" in n)
    assert said == (
        "Dividends are left out of returns and labels, as market.dividends='without' asks"
    )
    assert word(said, speak("ko")) != said
