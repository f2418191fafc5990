"""The figures of some of a run's rows: what they were as forecasts, and what the buys came to."""

from dataclasses import dataclass

from rollsight.backtests.ranks.information import Information
from rollsight.reports.statistics.breakeven import BreakEven
from rollsight.reports.statistics.calibration import Skill, Tenth
from rollsight.reports.statistics.judgement import Verdict
from rollsight.reports.statistics.randombuys import Beside
from rollsight.training.deciding.evaluation import Figures


@dataclass(frozen=True)
class Accuracy:
    """How often the most probable class came, beside knowing nothing; shares of labelled rows.

    Attributes
    ----------
    low, high, edge_low, edge_high
        95 % intervals; None where there are too few dates
    base_of_constant
        of always forecasting the class that was most frequent in the window's training
    base_of_date, base_of_alike
        of the forecast classes dealt out anew among the other stocks of the date, and among those
        as volatile
    edge
        value less ``base_of_alike``, over the rows that have one
    """

    value: float | None
    low: float | None
    high: float | None
    base_of_constant: float | None
    base_of_date: float | None
    base_of_alike: float | None
    edge: float | None
    edge_low: float | None
    edge_high: float | None
    edge_p_value: float | None


@dataclass(frozen=True)
class Classes:
    """The share of each class among labelled buys, beside its base rates.

    Attributes
    ----------
    precision, soso_fail, crucial_fail
        went UP, nowhere and DOWN; with 95 % intervals, None where there are too few dates
    base_up_of_date, base_up_of_alike
        share of the other stocks of the same dates that went UP, and of those as volatile
    independent_buys
        buys that do not overlap and would know the precision as well
    edge
        precision less ``base_up_of_alike``, over the buys that have one
    """

    labelled: int
    precision: float | None
    precision_low: float | None
    precision_high: float | None
    base_up_of_date: float | None
    base_up_of_alike: float | None
    independent_buys: float | None
    soso_fail: float | None
    soso_fail_low: float | None
    soso_fail_high: float | None
    base_hold_of_date: float | None
    base_hold_of_alike: float | None
    crucial_fail: float | None
    crucial_fail_low: float | None
    crucial_fail_high: float | None
    base_down_of_date: float | None
    base_down_of_alike: float | None
    edge: float | None
    edge_low: float | None
    edge_high: float | None
    edge_p_value: float | None


@dataclass(frozen=True)
class _Buys:
    buys: int


@dataclass(frozen=True)
class AllBuys(Classes, _Buys):
    """All buys, whether they became trades or not; returns are means of their labels."""

    gross_return: float | None
    net_return: float | None
    random_buys: Beside | None


@dataclass(frozen=True)
class _Trades:
    trades: int


@dataclass(frozen=True)
class Taken(Classes, _Trades):
    """The buys that became trades.

    Attributes
    ----------
    gross_return, net_return
        means of the trades
    profitable
        share of them after costs
    profit
        after costs, in quote currency
    """

    gross_return: float | None
    net_return: float | None
    profitable: float | None
    profit: float
    random_buys: Beside | None


@dataclass(frozen=True)
class Scores:
    """The figures of some of the rows."""

    figures: Figures
    accuracy: Accuracy
    all_buys: AllBuys
    taken: Taken
    break_even: BreakEven
    information: Information


@dataclass(frozen=True)
class _Year:
    year: int


@dataclass(frozen=True)
class YearScores(Scores, _Year):
    """The figures of the rows that were decided in a year."""


@dataclass(frozen=True)
class Draws:
    """How random buys were drawn: how often, and the chance that a stock's is renewed a date."""

    draws: int
    renewed: float


@dataclass(frozen=True)
class DrawsOf:
    """Of all buys and of those that became trades; None where there are none."""

    all_buys: Draws | None
    taken: Draws | None


@dataclass(frozen=True)
class Scorecard:
    """The verdict on a run, its figures over the whole, by year and window, and its calibration."""

    verdict: Verdict
    overall: Scores
    years: tuple[YearScores, ...]
    windows: tuple[Scores, ...]
    skill: Skill
    calibration: tuple[Tenth, ...]
    random_buys: DrawsOf
