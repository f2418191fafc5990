"""Every number of a zoo's page."""

from dataclasses import dataclass

from rollsight.backtests.ranks.information import Information
from rollsight.reports.statistics.judgement import Word
from rollsight.reports.zoo.ranks import Ranks


@dataclass(frozen=True)
class Interval:
    """A mean with its interval of 95 %, None where there are too few dates."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def above(self) -> bool:
        """The whole interval lies above zero."""
        return self.low is not None and self.low > 0

    @property
    def below(self) -> bool:
        """The whole interval lies below zero."""
        return self.high is not None and self.high < 0


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation over the networks of single seeds; None of one alone."""

    mean: float | None
    deviation: float | None


@dataclass(frozen=True)
class Member:
    """What one family forecast and earned; shares and returns are fractions, losses nats.

    Attributes
    ----------
    word
        of the verdict on its run, which asks as many times as much as there are families
    gain
        log-loss of the class frequencies less the model's, a row
    against
        log-loss of another family less this one's, by that family's name
    coefficient
        rank information coefficient; volatility-matched beside it where dates have names enough
    buys
        rows that the shares below are of: the best of each window, equally many of every model
    total_return, drawdown, trades
        of the account, at the model's own thresholds
    seeds
        spread of four figures over single seeds
    seconds
        of training; None where networks lay ready
    parameters
        numbers that one network of one window has
    losses
        by epoch of the last window's first network, learnt and left out: log-loss, or squared error
    squared
        they are squared errors of returns
    """

    name: str
    word: Word
    networks: int
    gain: Interval
    against: dict[str, Interval]
    coefficient: Information
    matched: Information | None
    accuracy: float | None
    buys: int
    precision: float | None
    crucial_fail: float | None
    soso_fail: float | None
    total_return: float
    drawdown: float
    trades: int
    seeds: dict[str, Spread]
    seconds: float | None
    parameters: int
    losses: tuple[tuple[float, ...], tuple[float, ...]]
    squared: bool


@dataclass(frozen=True)
class Segment:
    """Consecutive decisions of one stock, and what each model said of them.

    Attributes
    ----------
    dates
        of the decisions
    outcome
        return of each label
    said
        ``p_up - p_down`` of each model by name
    """

    code: str
    dates: tuple[str, ...]
    outcome: tuple[float, ...]
    said: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Maps:
    """What the families look at on the same rows.

    Attributes
    ----------
    channels
        by name
    shares
        of the absolute gradients by model, one a channel
    agreement
        mean rank correlation of the shares over all pairs of models; None of fewer than two
    rows
        that were explained
    """

    channels: tuple[str, ...]
    shares: dict[str, tuple[float, ...]]
    agreement: float | None
    rows: int


@dataclass(frozen=True)
class ZooNumbers:
    """Every number of a zoo's page.

    Attributes
    ----------
    left_out
        families that took no part, with the reason
    every
        sessions from one that is learnt to the next, of every model
    base
        share of UP among all labelled rows
    teacher
        source of the soft labels that families learnt beside the labels; None where none did
    untaught
        families that learnt labels alone
    """

    name: str
    first_session: str
    last_session: str
    rows: int
    windows: int
    every: int
    base: float
    members: tuple[Member, ...]
    left_out: tuple[tuple[str, str], ...]
    ranks: Ranks | None
    segments: tuple[Segment, ...]
    maps: Maps | None
    teacher: str | None
    untaught: tuple[str, ...]
