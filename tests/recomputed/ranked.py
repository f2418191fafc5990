"""The account of the best of each date, with its tranches written down by name."""

import math
from dataclasses import dataclass, field

from tests.recomputed.account import Account, Holding, Rules


@dataclass(frozen=True)
class RankRules(Rules):
    """What of the specification decides what the best of a date are bought for."""

    rule: str
    every: int
    keep: int
    tranches: int
    weight: str


@dataclass
class RankedAccount(Account):
    """An account that is chosen anew tranche by tranche.

    Attributes
    ----------
    places
        by session every stock that was decided on, the best first
    moved
        by session and stock its volatility
    tranche
        of each order to buy
    """

    rules: RankRules
    places: dict[int, list[int]] = field(default_factory=dict)
    moved: dict[tuple[int, int], float] = field(default_factory=dict)
    tranche: dict[int, int] = field(default_factory=dict)

    def _chooses(self, session: int) -> int | None:
        """Return the tranche that chooses in a session."""
        for tranche in range(self.rules.tranches):
            begins = tranche * self.rules.every // self.rules.tranches
            if session >= begins and (session - begins) % self.rules.every == 0:
                return tranche
        return None

    def _of(self, holding: Holding) -> int:
        return self.tranche[id(holding.bought)]

    def _leaves(self, number: int, holding: Holding, session: int) -> bool:
        if self._of(holding) == self._chooses(session):
            order = self.places.get(session, [])
            if number not in order or order.index(number) >= self.rules.keep:
                return True
        return self._stops(number, holding, session)

    def _buy(self, wanted: list[int], session: int, freed: float, slots: int) -> None:
        tranche = self._chooses(session)
        if tranche is None or not slots:
            return
        wanted = [s for s in wanted if self._bears(s, session) >= 1]
        size = self.rules.max_positions // self.rules.tranches
        slots = min(slots, size - sum(self._holds(tranche, session)))
        asked = self._asked(wanted, session, slots)
        total = sum(money for _, money, fits in asked if fits)
        short = min(1.0, (self.cash + freed) / total) if total else 1.0
        for s, money, _ in asked:
            shares = math.floor(
                money * short * (1 - self.rules.cash_buffer) / self._price(s, session)
            )
            if not self.stocks[s].traded(session):
                self._refuse(s, session, "did not trade at the decision")
            elif not shares:
                self._refuse(s, session, "one share costs more than the position")
            else:
                self._submit(s, session, "buy", int(min(shares, self._bears(s, session))))
                self.tranche[id(self.orders[-1])] = tranche

    def _holds(self, tranche: int, session: int) -> list[bool]:
        """Return whether each holding is of a tranche and stays, by what is known at a close."""
        stays = []
        for s, holding in self.held.items():
            # That a stock ends in the next session is known in that one.
            ends = self.stocks[s].ends == session + 1 and not self._waits_since_before(s, session)
            unknown = ends and not self._leaves(s, holding, session)
            stays.append(self._of(holding) == tranche and (not holding.leaving or unknown))
        return stays

    def _waits_since_before(self, stock: int, session: int) -> bool:
        sales = [o for o in self.orders if (o.stock, o.side) == (stock, "sell")]
        return any(o.submitted < session and not o.filled and o in self.waiting for o in sales)

    def _asked(self, wanted: list[int], session: int, slots: int) -> list[tuple[int, float, bool]]:
        """Return stocks, their money, and whether it buys a share of what traded."""
        equal = self.equity[session] / self.rules.max_positions
        known = [self.moved[session, s] for s in wanted if self.moved[session, s] > 0]
        inverse = self.rules.weight == "inverse-volatility"
        asked: list[tuple[int, float, bool]] = []
        for s in wanted:
            if sum(fits for _, _, fits in asked) >= slots:
                break
            weight, own = 1.0, self.moved[session, s]
            if inverse and own > 0:
                # An equal part where it moved as much as the harmonic mean of all that are wanted.
                weight = min(len(known) / sum(1 / v for v in known) / own, 2.0)
            buys = equal * weight * (1 - self.rules.cash_buffer) / self._price(s, session) >= 1
            asked.append((s, equal * weight, buys and self.stocks[s].traded(session)))
        return asked


def order_of(rows: list[tuple[float, int]]) -> list[int]:
    """Return stocks by score, the highest first, and equal ones by number."""
    return [s for _, s in sorted((-score, s) for score, s in rows)]
