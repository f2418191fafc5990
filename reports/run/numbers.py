"""All numbers of a run's report, section by section: what metrics.json holds."""

from dataclasses import dataclass, field

from rollsight.base.records import IF_ANY
from rollsight.reports.run.account.costs import YearCosts
from rollsight.reports.run.account.moneyfacts import Money
from rollsight.reports.run.account.randomaccounts import RandomAccounts
from rollsight.reports.run.account.tradefacts import TradeFacts
from rollsight.reports.run.account.turnover import Turnover
from rollsight.reports.run.baselines.facts import Baselines
from rollsight.reports.run.beside.benchmarks import BesideBenchmark
from rollsight.reports.run.data.datafacts import DataFacts, LeakFigure
from rollsight.reports.run.data.deaths import Deaths
from rollsight.reports.run.forecast.facts import ReturnForecasts
from rollsight.reports.run.headfacts import Headline
from rollsight.reports.run.holdout.facts import Holdout
from rollsight.reports.run.learning.classes import DateClasses
from rollsight.reports.run.learning.dateshares import DateShares
from rollsight.reports.run.learning.governance import Governed, Thresholds
from rollsight.reports.run.learning.modelage import ModelAge
from rollsight.reports.run.learning.modes import Training
from rollsight.reports.run.learning.windowfacts import WindowFacts
from rollsight.reports.run.outliers.facts import Outliers
from rollsight.reports.run.ranking.facts import Ranking
from rollsight.reports.run.saliency.attribution import Attribution, Saliency
from rollsight.reports.run.scores.scorefacts import DrawsOf, Scores, YearScores
from rollsight.reports.run.scores.seeds import Seeds
from rollsight.reports.run.scores.stretches import Stretch
from rollsight.reports.run.teacher.facts import Teacher
from rollsight.reports.statistics.calibration import Skill, Tenth
from rollsight.reports.statistics.judgement import Verdict

QuantStats = dict[str, dict[str, str | float | None]]  # its figures by column and row


@dataclass(frozen=True)
class WindowNumbers(Governed, Scores, WindowFacts):  # fields of the last base are written first
    """A window: its row of the table, its scores, and what came of its threshold."""


@dataclass(frozen=True)
class Equity:
    """Daily equity at the close in quote currency, and returns beside it, fractions.

    Attributes
    ----------
    benchmark_return, universe_return
        None on a session without a value
    benchmarks
        returns of further benchmarks, by name
    risk_free_return
        what cash earned at the risk-free rate
    """

    date: tuple[str, ...]
    equity: tuple[float, ...]
    return_: tuple[float, ...]
    benchmark_return: tuple[float | None, ...]
    universe_return: tuple[float | None, ...]
    benchmarks: dict[str, tuple[float | None, ...]] | None = field(default=None, metadata=IF_ANY)
    risk_free_return: tuple[float, ...] | None = field(default=None, metadata=IF_ANY)


@dataclass(frozen=True)
class Digests:
    """By what the run can be had again; digests of models by window."""

    rollsight: str
    libraries: dict[str, str]
    instructions: dict[str, str] | None
    spec_digest: str
    data_digest: str
    seeds: tuple[int, ...]
    model_digests: tuple[str, ...]
    chain_digest: str | None


@dataclass(frozen=True)
class RunNumbers:
    """Every number of a run's report; shares and returns are fractions.

    Attributes
    ----------
    buys, unfilled, exits
        what became of buys, why orders did not fill, why trades ended: how many of each
    ranking
        None where no date has thirty labelled stocks and the run is not about ranks
    leak
        beside the same run with same-date joins; None where that was not made
    holdout
        what was held out, and the looks at it; None without either
    deaths
        delistings of the exchange, and those that the data hold
    classes
        how a date's returns are cut into classes; None where bands are not the date's
    forecasts
        of returns, and how far they were off; None where classes are learnt
    teacher
        what soft labels were learnt; None where labels alone were
    outliers
        rows beyond the gate, and what buys on both sides of it earned; None without a gate
    benchmarks
        the run beside each of several benchmarks; None of fewer
    random_accounts
        what random buyers made by the same rule; None where nothing was bought, and of a run of
        an earlier version
    quantstats
        QuantStats' figures by column and row; empty where the page was not drawn
    """

    name: str
    verdict: Verdict
    headline: Headline
    baselines: Baselines
    seeds: Seeds
    overall: Scores
    years: tuple[YearScores, ...]
    windows: tuple[WindowNumbers, ...]
    skill: Skill
    calibration: tuple[Tenth, ...]
    random_buys: DrawsOf
    thresholds: Thresholds
    date_shares: DateShares
    training: Training
    model_age: ModelAge
    buys: dict[str, int]
    unfilled: dict[str, int]
    costs_by_year: tuple[YearCosts, ...]
    exits: dict[str, int]
    money: Money
    saliency: tuple[Saliency, ...]
    attribution: Attribution
    trades: TradeFacts
    stretches: tuple[Stretch, ...]
    equity: Equity
    data: DataFacts
    digests: Digests
    turnover: Turnover
    ranking: Ranking | None = None
    leak: tuple[LeakFigure, ...] | None = None
    holdout: Holdout | None = None
    deaths: tuple[Deaths, ...] = ()
    classes: DateClasses | None = None
    forecasts: ReturnForecasts | None = None
    teacher: Teacher | None = field(default=None, metadata=IF_ANY)
    outliers: Outliers | None = field(default=None, metadata=IF_ANY)
    random_accounts: RandomAccounts | None = field(default=None, metadata=IF_ANY)
    benchmarks: tuple[BesideBenchmark, ...] | None = field(default=None, metadata=IF_ANY)
    quantstats: QuantStats = field(default_factory=dict)
