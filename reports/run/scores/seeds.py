"""The luck of the seed: what parts of a run's networks would have come to by themselves."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rollsight.backtests.directory.result import Result
from rollsight.base.records import IF_ANY, record
from rollsight.reports.page.language import Say
from rollsight.training.models.families import family_of


@dataclass(frozen=True)
class SeedAccount:
    """The account of some of the networks; returns and shares are fractions.

    Attributes
    ----------
    networks
        which of them, by their order
    """

    networks: tuple[int, ...]
    total_return: float
    annual_return: float | None
    sharpe: float | None
    max_drawdown: float
    trades: int
    buys: int
    precision: float | None


@dataclass(frozen=True)
class Seeds:
    """The same run with other seeds: each network's account alone, and those of its halves.

    Attributes
    ----------
    networks
        of a window; of one nothing is known
    seeded
        another seed gives another model
    """

    networks: int
    accounts: tuple[SeedAccount, ...]
    seeded: bool = field(default=True, metadata=IF_ANY)

    def range(self, figure: str) -> tuple[float, float] | None:
        """Return the lowest and the highest of a figure that some part has; None without any."""
        found = [getattr(account, figure) for account in self.accounts]
        known = [value for value in found if value is not None]
        return (min(known), max(known)) if known else None


def seeds_data(result: Result) -> Seeds:
    """Return what the run's manifest says of its parts."""
    accounts = result.manifest["seed_accounts"]
    return Seeds(
        networks=len(result.manifest["seeds"]),
        accounts=tuple(record(SeedAccount, account) for account in accounts),
        seeded=family_of(result.spec.model.name).can.seeded,
    )


def range_said(seeds: Seeds, figure: str, shown: Callable[..., str], say: Say) -> str:
    """Return the range of a figure, by its name, in a few words; empty without seeds."""
    if not seeds.seeded:
        return ""
    found = seeds.range(figure)
    if found is None:
        return say("spread over seeds unknown")
    return say("other seeds {low} to {high}", low=shown(found[0]), high=shown(found[1]))
