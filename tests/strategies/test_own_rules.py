"""A user's own rule says what is bought and sold, and cannot leave what holds for every rule."""

from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pytest

from rollsight.backtests.account.backtest import trade
from rollsight.base.errors import RollsightError
from rollsight.strategies.rules import RULES, Order, Position, Session, Signal
from rollsight.strategies.rules.asked import NamedRule
from rollsight.strategies.spec import StrategySpec
from tests.support.panels import costs_of, filled_on, flat, panel, signals_of, traded

A, B, C = "000010", "000020", "000030"
FADING = StrategySpec(rule="tests.support.toys.rules:fading", cash=10_000.0, max_positions=2)
CHOOSY = FADING.model_copy(update={"rule": "tests.support.toys.rules:choosy"})


def test_a_rule_says_what_is_bought_for_how_much_and_when_it_is_sold() -> None:
    market = panel([[200.0] * 8, [100.0] * 8, [50.0] * 8])
    rows = [(0, 0, 0.9), (1, 0, 0.8), (2, 0, 0.7), (0, 3, 0.9), (1, 3, 0.1), (2, 4, 0.1)]
    signals = signals_of(market, rows, horizon=6)
    signals["buy"] = signals["score"] > 0.5
    done = trade(market, signals, first=0, horizon=6, spec=FADING, costs=costs_of(market))
    # Of 10,000 C for 5,000 and B for 2,500, then no place; B is sold with its row of session 3, and
    # A bought for half of what is free: 2,500 and the 2,500 that B brings.
    assert filled_on(done, market) == [
        (C, "buy", 1, 50.0), (B, "buy", 1, 100.0), (B, "sell", 4, 100.0), (A, "buy", 4, 200.0),
        (C, "sell", 5, 50.0),
    ]  # fmt: skip
    assert done.orders["filled"].tolist() == [100, 25, 25, 12, 100]
    assert done.trades["exit_reason"].tolist() == ["rule", "rule", "end"]
    assert done.action.tolist() == ["no free position", "bought", "bought", "bought", "", ""]


def test_hold_says_of_each_buy_that_the_cash_is_too_little_while_there_are_places() -> None:
    spec = StrategySpec(max_positions=3, cash_buffer=0.0)
    buys = tuple(Signal(code, 0.9, 60.0, True) for code in (A, B, C, "000040"))
    session = Session(date(2024, 1, 2), buys, (), equity=300.0, free=100.0, places=3, spec=spec)
    # A third and a half of the 100 buy no share of 60, the whole does: one position, of three.
    poor = "too little cash for another position"
    assert RULES["hold"].buys(session) == [
        Order(A, 100.0), Order(B, 0.0, poor), Order(C, 0.0, poor), Order("000040", 0.0, poor),
    ]  # fmt: skip


def test_a_rules_own_reason_stands_in_the_tables_and_what_it_passes_over_is_named() -> None:
    market = panel([[200.0] * 5, [50.0] * 5])
    done = traded(market, [(0, 0, 0.9), (1, 0, 0.8)], spec=CHOOSY)
    assert done.action.tolist() == ["dear", "bought"]
    assert done.orders["reason"].tolist() == ["dear", ""]
    assert done.orders["status"].tolist() == ["rejected", "completed"]
    market = panel([[100.0, 99, 98, 97, 96, 95]])
    nothing = FADING.model_copy(update={"rule": "tests.support.toys.rules:idle"})
    assert traded(market, [(0, 0, 0.9)], spec=nothing).action.tolist() == ["not taken by the rule"]


def test_stops_delistings_halts_and_places_hold_for_every_rule() -> None:
    falls = [[50.0, 50, 50, 40, 40, 40, 40, 40]]
    stop = CHOOSY.model_copy(update={"stop_loss": 0.1})
    done = traded(panel(falls), [(0, 0, 0.9)], spec=stop)
    assert done.trades["exit_reason"].tolist() == ["stop"]
    done = traded(panel(falls, ends={0: (4, 20.0)}), [(0, 0, 0.9)], spec=CHOOSY)
    assert done.trades["exit_reason"].tolist() == ["delisted"]
    halted = panel([[50.0] * 6], halted=[(0, 0)])
    done = traded(halted, [(0, 0, 0.9)], spec=CHOOSY)
    assert done.action.tolist() == ["did not trade at the decision"]
    done = traded(panel(flat(3, 6, 50.0)), [(n, 0, 0.9) for n in range(3)], spec=CHOOSY)
    assert done.action.tolist() == ["bought", "bought", "no free position"]


def test_a_stop_of_ones_own_is_a_rule_of_five_lines() -> None:
    # The highest close is 103, and three of the buy's standard deviations of 2 % below it 96.82.
    closes = [[100.0, 101, 103, 97, 96.8, 90, 90, 90], [50.0, 50, 50, 50, 50, 50, 50, 50]]
    market = panel(closes)
    signals = signals_of(market, [(0, 0, 0.9), (1, 0, 0.8)], horizon=6)
    signals["volatility"] = [0.02, np.nan]
    spec = FADING.model_copy(update={"rule": "tests.support.toys.rules:chandelier"})
    done = trade(market, signals, first=0, horizon=6, spec=spec, costs=costs_of(market))
    assert filled_on(done, market)[2:] == [(A, "sell", 5, 90.0), (B, "sell", 7, 50.0)]
    assert done.trades["exit_reason"].tolist() == ["rule", "horizon"]
    ageing = spec.model_copy(update={"rule": "tests.support.toys.rules:ageing"})
    done = trade(market, signals, first=0, horizon=6, spec=ageing, costs=costs_of(market))
    # Four sessions are over at the close of session 5.
    assert filled_on(done, market)[2:] == [(A, "sell", 6, 90.0), (B, "sell", 6, 50.0)]


def test_a_position_is_seen_with_its_age_its_time_to_the_horizon_and_its_score() -> None:
    seen: list[Session] = []

    class Watching:
        def sells(self, session: Session) -> list[str]:
            seen.append(session)
            return []

        def buys(self, session: Session) -> list[Order]:
            seen.append(session)
            return [Order(A, 5_000)]

    market = panel([[100.0, 101, 102, 103, 104, 105]], [[100.5, 101.5, 102.5, 103.5, 104.5, 105.5]])
    signals = signals_of(market, [(0, 1, 0.9), (0, 3, 0.4)], horizon=2)
    signals["buy"] = signals["score"] > 0.5
    rule, spec = NamedRule("watching", Watching()), FADING
    trade(market, signals, first=0, horizon=2, spec=spec, costs=costs_of(market), rule=rule)
    day = [date.fromisoformat(str(d)) for d in market.sessions]
    # 5,000 money buy 49 shares at the close of 101.5, and cost 102 each.
    first = Session(day[1], (Signal(A, 0.9, 101.5, True),), (), 10_000, 10_000, 2, spec)
    # The second session of the account, and the horizon of its labels.
    assert seen[0] == first._replace(number=1, horizon=2)
    left = 10_000 - 49 * 102
    assert [(s.date, s.free, s.places) for s in seen[1:]] == [(d, left, 1) for d in day[2:5]]
    seen_as = partial(Position, A, 49, 102.0, traded=True)
    assert [s.positions for s in seen[1:]] == [
        (seen_as(close=102.5, age=0, left=1, score=None, buy=False, highest=102.5),),
        (seen_as(close=103.5, age=1, left=0, score=0.4, buy=False, highest=103.5),),
        (seen_as(close=104.5, age=2, left=-1, score=None, buy=False, highest=104.5),),
    ]


class Answering:
    """A rule that answers the same always."""

    def __init__(self, sold: Any = (), bought: Any = ()) -> None:
        self.sold, self.bought = sold, bought

    def sells(self, _: Session) -> Any:
        return self.sold

    def buys(self, _: Session) -> Any:
        return self.bought


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (Answering(sold=["000040"]), "it sells '000040', which is not held (have ['000010'])"),
        (Answering(sold="000010"), "it answers '000010': give a list, even of one"),
        (Answering(sold=None), "TypeError: 'NoneType' object is not iterable"),
        (Answering(bought=["000020"]), "it buys '000020', which is no Order(code, money)"),
        (Answering(bought=[Order("000010", 1.0)]), "it buys '000010', which is no buy of this "
                                                   "session (have ['000020'])"),
        (Answering(bought=[Order(B, 1.0), Order(B, 1.0)]), "it buys '000020', twice"),
        (Answering(bought=[Order(B, float("nan"))]), "it gives nan for '000020', which is no sum "
                                                     "of money: give a finite number, 0 or more"),
        (Answering(bought=[Order(B, -1.0)]), "it gives -1.0 for '000020', which is no sum of "
                                             "money: give a finite number, 0 or more"),
        (Answering(bought=[Order(B, True)]), "it gives True for '000020', which is no sum of "
                                             "money: give a finite number, 0 or more"),
        (Answering(bought=[Order(B, 10**400)]), f"it gives {10**400} for '000020', which is no sum "
                                                "of money: give a finite number, 0 or more"),
        (Answering(bought=[Order([B], 1.0)]), "it buys Order(code=['000020'], money=1.0, "  # type: ignore[arg-type]
                                              "reason=''), which is no Order(code, money)"),
        (Answering(bought=[Order(B, 0.0, 1)]), "its reason for '000020' is 1: "  # type: ignore[arg-type]
                                               "give a text, or none"),
        (Answering(bought=[Order(B, 4_950.5)]), "its buys up to '000020' take 4,950.50, and "
                                                "4,950.00 are free: give less money"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_is_refused_by_rule_session_and_value(
    rule: Answering, line: str
) -> None:
    class Buying(Answering):
        def buys(self, session: Session) -> Any:
            return [Order(A, 5_050)] if session.date == market.sessions[0] else rule.bought

    market = panel(flat(2, 6, 101.0))
    named = NamedRule("mine:rule", Buying(rule.sold))
    with pytest.raises(RollsightError) as caught:
        trade(
            market,
            signals_of(market, [(0, 0, 0.9), (1, 1, 0.9)], horizon=3),
            first=0, horizon=3, spec=FADING, costs=costs_of(market), rule=named,
        )  # fmt: skip
    assert str(caught.value) == f"rule 'mine:rule' on {market.sessions[1]}: {line}"


def test_numbers_of_numpy_are_sums_of_money() -> None:
    market = panel(flat(1, 6, 100.0))
    named = NamedRule("mine:rule", Answering(bought=[Order(A, np.int64(5_000))]))
    done = trade(
        market, signals_of(market, [(0, 0, 0.9)], horizon=2), first=0, horizon=2, spec=FADING,
        costs=costs_of(market), rule=named,
    )  # fmt: skip
    assert done.orders["filled"].tolist() == [50]
