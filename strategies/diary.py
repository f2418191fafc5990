"""What a backtest writes down: holdings, orders, round trips."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter


@dataclass(slots=True)
class Holding:
    """A position while it is open; sessions count from the backtest's first.

    ``quiet`` are the prices between which no close sells it, see `exits.quiet`; ``marked`` is the
    session up to which ``highest`` knows the closes.
    """

    signal: int
    entry_order: int
    due: int
    shares: int
    exit_orders: tuple[int, ...] = ()
    sell_reason: str = ""
    quiet: tuple[float, float] = (-math.inf, math.inf)
    marked: int = 0
    highest: float = 0.0

    def highest_close(self, closes: Sequence[float], now: int) -> float:
        """Return the highest of its stock's closes from the entry's session to this one."""
        if self.marked <= now:
            self.highest = max(self.highest, *closes[self.marked : now + 1])
            self.marked = now + 1
        return self.highest


@dataclass(slots=True, eq=False)
class OrderRecord:
    """An order from its submission to its end; money in quote currency.

    ``wanted`` are the shares that its money would have bought, were there no capacity;
    ``volatility`` is its buy's. Orders are equal whose fields are, the price of none included.
    """

    feed: int
    submitted_at: int
    side: str
    shares: int
    signal: int
    filled: int = 0
    status: str = "submitted"
    filled_at: int = -1
    price: float = float("nan")
    slippage: float = 0.0
    commission: float = 0.0
    tax: float = 0.0
    reason: str = ""
    wanted: int = 0
    volatility: float | None = None

    def __eq__(self, other: object) -> bool:
        """Compare as tuples do, for which the NaN of an unfilled price is one and the same."""
        return isinstance(other, OrderRecord) and _fields(self) == _fields(other)

    __hash__ = None  # type: ignore[assignment]  # it changes


_fields = attrgetter(*OrderRecord.__slots__)


@dataclass(frozen=True)
class Payment:
    """A dividend of what was held at the close before its ex-date; money in quote currency."""

    feed: int
    at: int
    money: float
    tax: float


@dataclass(slots=True)
class Trip:
    """A round trip; positions of its orders in the record, no exits where it was never sold."""

    feed: int
    signal: int
    entry_order: int
    exit_orders: tuple[int, ...]
    exit_reason: str


@dataclass
class Diary:
    """All that happened in a backtest, in order.

    ``told`` is what became of single buys, by their rows of the signal table; ``others`` are all
    the rows of each session, what became of those that are not among them, and how many these are.
    """

    orders: list[OrderRecord] = field(default_factory=list)
    trips: list[Trip] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    equity: list[float] = field(default_factory=list)
    cash: list[float] = field(default_factory=list)
    told: dict[int, str] = field(default_factory=dict)
    others: list[tuple[Sequence[int], str, int]] = field(default_factory=list)

    @property
    def action(self) -> dict[int, str]:
        """What became of each buy, by its row of the signal table."""
        found: dict[int, str] = {}
        for rows, why, _ in self.others:
            found |= dict.fromkeys(rows, why)
        return found | self.told

    def counts(self) -> Counter[str]:
        """Return how many buys each of these words is said of."""
        found = Counter(self.told.values())
        for _, why, number in self.others:
            found[why] += number
        return found
