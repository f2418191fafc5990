"""What a run's report says of its data, and of what they would show if the future were seen."""

from dataclasses import dataclass

from rollsight.backtests.directory.result import Result
from rollsight.base.records import plain, record
from rollsight.reports.run.data.moves import Moves, moves_data


@dataclass(frozen=True)
class MarketFacts:
    """The market folder.

    Attributes
    ----------
    book
        the rule book; None without one
    stocks_ending_for_good
        whose rows end before the folder's do
    """

    exchange: str
    currency: str
    book: str | None
    stocks: int
    stocks_ending_for_good: int
    closes_only: bool
    first_session: str
    last_session: str
    sessions_per_year: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class UniverseYear:
    """How many names had a row in a year, were members, were left out, were delisted."""

    year: int
    alive: int
    members: int
    excluded_by_kind: int
    below_top: int
    delisted: int


@dataclass(frozen=True)
class Survivors:
    """What the same models would have shown without the stocks delisted later.

    Attributes
    ----------
    names, names_of_all
        that are left, and that there are
    """

    names: int
    names_of_all: int
    buys: int
    precision: float | None
    crucial_fail: float | None
    total_return: float


@dataclass(frozen=True)
class UniverseFacts:
    """Who was there and who was left out.

    Attributes
    ----------
    excluded
        of each kind, how many names were left out for it
    volumes_repaired
        of a code, the session of the split
    survivors
        None where no stock that was decided on was delisted
    """

    names: int
    delisted: int
    members: int
    excluded: dict[str, int]
    notes: tuple[str, ...]
    volumes_repaired: dict[str, str]
    years: tuple[UniverseYear, ...]
    survivors: Survivors | None


@dataclass(frozen=True)
class ChannelFacts:
    """A channel of the networks' inputs."""

    name: str
    title: str
    unit: str


@dataclass(frozen=True)
class IndexFacts:
    """When an index is known.

    Attributes
    ----------
    verified
        where the time of its publication is documented
    """

    symbol: str
    name: str
    known: str
    lag_hours: float
    unit: str
    verified: str | None


@dataclass(frozen=True)
class Leading:
    """An index of a verified time that tells of the session to come; see `LeadLag`."""

    symbol: str
    before: float
    after: float
    later: float
    t: float
    session: str
    verified: str


@dataclass(frozen=True)
class LostRows:
    """Rows that an index, a feature or a stock's own closes made unusable.

    Attributes
    ----------
    share
        of the rows that the stocks' own closes allow
    """

    series: str
    rows: int
    share: float


@dataclass(frozen=True)
class DataFacts:
    """The data of a run: what is impossible in them, who was there, and what was known when.

    Attributes
    ----------
    join
        how indices are joined, as ``features.join`` says
    """

    join: str
    impossible: Moves
    leading: tuple[Leading, ...]
    market: MarketFacts
    universe: UniverseFacts
    channels: tuple[ChannelFacts, ...]
    ledger: tuple[IndexFacts, ...]
    losses: tuple[LostRows, ...]


@dataclass(frozen=True)
class LeakFigure:
    """A figure of the honest run and of the leaking one: a fraction, or nats for log-loss.

    Attributes
    ----------
    key, title
        from `FIGURES`
    """

    key: str
    title: str
    honest: float | None
    leaked: float | None


def data_facts(result: Result) -> DataFacts:
    """Return what the report says of a run's data."""
    own = {"join": result.spec.features.join, "impossible": plain(moves_data(result))}
    return record(DataFacts, {"leading": [], **plain(result.manifest), **own})
