"""A rule that says in which sessions it does nothing is asked nothing there: nothing changes."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.base.errors import RollsightError
from rollsight.strategies.engines.arrays import run_arrays
from rollsight.strategies.plan import OrderPlan, Terms, asleep
from rollsight.strategies.rules import Order, Session
from rollsight.strategies.rules.asked import NamedRule
from rollsight.strategies.rules.rank import RANK
from rollsight.strategies.spec import StrategySpec
from tests.support.examples import examples
from tests.support.simulated.plans import any_plan


class Awake:
    """The best of each date, asked in every session."""

    sells, buys = staticmethod(RANK.sells), staticmethod(RANK.buys)


class Sleepless:
    """A rule that fails when it is asked for its sleep."""

    def sleeps(self, number: int, spec: StrategySpec, horizon: int) -> bool:
        return number // 0 == horizon

    def sells(self, session: Session) -> Sequence[str]:
        return ()

    def buys(self, session: Session) -> Sequence[Order]:
        return ()


def trades(plan: OrderPlan) -> tuple[str, ...]:
    """Return what an account did, without the reasons why buys were not even ordered."""
    diary = run_arrays(plan)
    return tuple(map(repr, (diary.orders, diary.trips, diary.equity, diary.cash, diary.payments)))


@examples(30)
@given(st.integers(0, 2**32 - 1))
def test_the_best_of_each_date_are_the_same_whether_asked_in_every_session_or_not(
    seed: int,
) -> None:
    plan = any_plan(seed)
    tranches = {"rule": "rank", "every": 4, "tranches": 2, "max_positions": 4}
    spec = plan.terms[0].spec.model_copy(update=tranches)
    plan = replace(plan, terms=[Terms(plan.terms[0].horizon, spec)] * len(plan.terms))
    sleeping = replace(plan, rule=NamedRule("rank", RANK))
    assert trades(sleeping) == trades(replace(plan, rule=NamedRule("awake", Awake())))


def test_it_sleeps_between_the_choices_of_its_tranches_and_never_where_terms_change() -> None:
    spec = StrategySpec(rule="rank", every=4, tranches=2, max_positions=4)
    same = [Terms(3, spec)] * 6
    assert asleep(NamedRule("rank", RANK), same) == [False, True] * 3
    other = Terms(3, spec.model_copy(update={"every": 2}))
    assert asleep(NamedRule("rank", RANK), [*same, other]) == [False] * 7
    assert asleep(NamedRule("awake", Awake()), same) == [False] * 6


def test_a_rule_that_fails_over_its_sleep_is_named_with_the_session() -> None:
    with pytest.raises(RollsightError, match=r"rule 'own': sleeps\(0\): ZeroDivisionError"):
        asleep(NamedRule("own", Sleepless()), [Terms(3, StrategySpec())] * 2)
