"""Which sessions a run held out, and how often those of its market folder were looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rollsight.backtests.holdout.looks import known_looks, real_folder
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError

LAST_DAY = "9999-12-31"


@dataclass(frozen=True)
class Holdout:
    """A run's holdout, and the looks at its market folder's.

    Attributes
    ----------
    start
        of this run's own holdout; None where it has none
    opened
        a reveal has made this run
    first
        first session that anybody has looked at; None without a look
    looks, specs
        how often, and with how many specifications
    """

    start: str | None
    opened: bool
    first: str | None
    looks: int
    specs: int

    @property
    def tries(self) -> int:
        """Among how many looks at these sessions this run is one."""
        if self.start is None:
            return self.specs + 1  # it has read them too, without being counted
        return max(self.specs, 1) if self.opened else 1


def holdout_of(spec: RunSpec, manifest: Mapping[str, Any]) -> Holdout | None:
    """Return what a run held out and the looks at it, None without a holdout and without a look."""
    own, market = manifest.get("holdout"), manifest["market"]
    if own is None:
        span = market["first_session"], market["last_session"]
        return looked_at(spec.market.folder, None, span, manifest.get("rows"))
    return looked_at(
        spec.market.folder,
        own["start"],
        (own["start"], LAST_DAY),
        own["rows"],
        opened=own["opened"],
    )


def looked_at(
    folder: str,
    start: str | None,
    span: tuple[str, str],
    rows: str | None = None,
    *,
    opened: bool = False,
) -> Holdout | None:
    """Return the looks at the sessions of a market folder from a day to a day."""
    try:
        name = real_folder(folder).name
    except RollsightError:  # it is no longer there
        name = folder
    found = known_looks(folder, market=name, rows=rows, first=span[0], last=span[1])
    if start is None and not found:
        return None
    return Holdout(
        start=start,
        opened=opened,
        first=min((look.start for look in found), default=None),
        looks=len(found),
        specs=len({look.spec_digest for look in found}),
    )
