"""Every feature keeps to the rules, and each rule catches the feature that breaks it."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.base.conformance import findings
from rollsight.signals.features import INDEX_FEATURES, STOCK_FEATURES, IndexPanel, StockPanel
from rollsight.signals.features.checks import INDEX_CHECKS, STOCK_CHECKS
from rollsight.signals.features.daily import DAILY
from rollsight.signals.features.daily.bars import BARS
from tests.conformance.feature import IndexFeatureConformance, StockFeatureConformance
from tests.support.toys.features import DayRange, Excess, Level, Tomorrow

DECLARED, SHAPE, SAME, AHEAD, WARM_UP, ALONE = STOCK_CHECKS


class TestChange(StockFeatureConformance):
    name = "change"


class TestDayRange(StockFeatureConformance):
    name = "tests.support.toys.features:day_range"


class TestCrowd(StockFeatureConformance):
    name = "tests.support.toys.features:crowd"


class TestExcess(StockFeatureConformance):
    name = "tests.support.toys.features:excess"


@pytest.mark.parametrize("name", [*DAILY, *BARS])
class TestDaily:
    def test_it_keeps_every_rule_of_its_kind(self, name: str) -> None:
        assert [f for f in findings(STOCK_FEATURES[name], STOCK_CHECKS) if f.fault] == []


class TestIndexChange(IndexFeatureConformance):
    name = "change"


class TestLevel(IndexFeatureConformance):
    name = "tests.support.toys.features:level"


def test_every_feature_has_its_class() -> None:
    own = {own.name for own in StockFeatureConformance.__subclasses__()}
    assert STOCK_FEATURES.keys() <= own | DAILY.keys() | BARS.keys()
    assert INDEX_FEATURES.keys() <= {own.name for own in IndexFeatureConformance.__subclasses__()}


DRAWN = np.random.default_rng(0)
ASKED = itertools.count()


class Wrong(DayRange):
    """A range that something is done to."""

    def __init__(self, do: Any, **declared: Any) -> None:
        self.do = do
        vars(self).update(declared)

    def __call__(self, panel: StockPanel) -> Any:
        return self.do(panel["High"] / panel["Low"] - 1, panel)


def expanding(values: np.ndarray) -> np.ndarray:
    return pd.DataFrame(values.T).expanding().mean().to_numpy().T


def written(values: np.ndarray, panel: StockPanel) -> np.ndarray:
    panel["High"][0, 0] = 1.0
    return values


def warned(values: np.ndarray, panel: StockPanel) -> np.ndarray:
    """Know of leaps that come: there is none until prices are edited."""
    return values + (panel["High"][:, 1:] > 1.4 * panel["High"][:, :-1]).any()


FAULTS = [
    (DECLARED, Wrong(None, unit=" "), "its unit is ' ': say it in words"),
    (DECLARED, Wrong(None, warm_up=-1), "warm_up=-1: say of how many sessions"),
    (DECLARED, Wrong(None, warm_up=2.5), "warm_up=2.5"),
    (DECLARED, Wrong(None, needs="High"), "needs='High': name columns, as in ('Close',)"),
    (DECLARED, Wrong(None, needs=("Vol",)), "needs has 'Vol' (have ['Amount', 'Close', 'Dividend'"),
    (DECLARED, Wrong(None, cross_sectional=None), "cross_sectional=None"),
    (SHAPE, Wrong(lambda v, _: v[:, 1:]), "it returned the shape (5, 119): return (n_stocks, n_"),
    (SHAPE, Wrong(lambda v, _: v.T), "it returned the shape (120, 5)"),
    (SHAPE, Wrong(lambda v, _: pd.DataFrame(v)), "it returned DataFrame: return a numpy array of"),
    (SHAPE, Wrong(lambda v, _: v > 0), "it returned an array of bool: return a numpy array of"),
    (SHAPE, Wrong(lambda v, _: np.log(v * 0)), "it is -inf at (0, 0), which no network can"),
    (SHAPE, Wrong(lambda v, _: v + 1e39), "it is 1e+39 at (0, 0), which no network can be given"),
    (SHAPE, Wrong(lambda v, _: v * np.nan), "it is NaN throughout, also after its warm-up"),
    (SHAPE, Wrong(lambda _, p: p["Close"]), "it: the column 'Close' is not among its needs"),
    (SHAPE, Wrong(written), "it failed with ValueError: assignment destination is read-only"),
    (SAME, Wrong(lambda v, _: v + DRAWN.random()), "asked again of the same prices"),
    (SAME, Wrong(lambda v, _: v + next(ASKED)), "asked again of the same prices"),
    (AHEAD, Tomorrow(), "nan where the data ends with session 36"),
    (AHEAD, Wrong(lambda v, _: v[:, ::-1].copy()), "where the data ends with session 36"),
    (AHEAD, Wrong(lambda v, _: v - np.nanmean(v)), "where the data ends with session 36"),
    (AHEAD, Wrong(lambda v, _: pd.DataFrame(v).bfill(axis=1).to_numpy()), "nan where the data"),
    (AHEAD, Wrong(warned), "where sessions after 36 are edited"),
    (WARM_UP, Wrong(lambda v, _: expanding(v)), "where the data begins with session 1"),
    (ALONE, Wrong(lambda v, _: v - v.mean(axis=0)), "where stock 0 is alone (say cross_sec"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "feature", "line"), FAULTS, ids=[line for *_, line in FAULTS])
def test_a_stock_feature_that_breaks_a_rule_is_told_which_and_how(
    rule: str, feature: Any, line: str
) -> None:
    found = {f.rule: f.fault for f in findings(feature, STOCK_CHECKS)}
    assert line in found[rule]
    assert "\n" not in found[rule]


def test_what_is_cross_sectional_may_look_at_other_stocks_and_nothing_else() -> None:
    undeclared = Excess()
    undeclared.cross_sectional = False
    told = [f.rule for f in findings(undeclared, STOCK_CHECKS) if f.fault]
    assert told == [ALONE]


class Later(Level):
    """An index level of the next session."""

    def __call__(self, panel: IndexPanel) -> np.ndarray:
        return np.roll(panel.values, -1, axis=0)


class Sudden(Level):
    """A level that says it needs no session before."""

    warm_up = 0


def test_an_index_feature_that_breaks_a_rule_is_told_which_and_how() -> None:
    told = {f.rule: f.fault for f in findings(Later(), INDEX_CHECKS) if f.fault}
    assert "where the data ends with session" in told.pop("No value depends on a later session.")
    (fault,) = (f.fault for f in findings(Sudden(), INDEX_CHECKS) if f.fault)
    assert "nan where the data begins with session 1 and warm_up=0" in fault
