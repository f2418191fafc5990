"""The workers of a cluster: whether there are any, and whether they have the same code."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rollsight.base.errors import RollsightError

PATIENCE = 60.0  # seconds that a cluster may be without a worker


@dataclass
class Workforce:
    """The workers of a cluster, which come, go and die as they like."""

    cluster: str  # its address
    way_out: str  # how a worker is started
    checked: set[str] = field(default_factory=set)  # workers that have the same rollsight
    seen: float = field(default_factory=time.monotonic)  # when there was a worker

    def check(self, answers: Mapping[str, str | None]) -> None:
        """Take up new workers, by what they answered to ``installed()``.

        Raises
        ------
        RollsightError
            If one has another rollsight.
        """
        own = installed()()
        for worker, theirs in answers.items():
            if theirs != own:
                raise RollsightError(
                    f"worker {worker} has {theirs or 'no rollsight'}, this process has {own}: "
                    "install the same rollsight and torch on both, and start both alike"
                )
            self.checked.add(worker)

    def wait(self, places: int) -> int:
        """Return the number of places.

        Raises
        ------
        RollsightError
            If there was none for long.
        """
        if places:
            self.seen = time.monotonic()
        elif time.monotonic() - self.seen > PATIENCE:
            raise RollsightError(
                f"no worker was at {self.cluster} for {PATIENCE:g} seconds: {self.way_out}"
            )
        return places


def installed() -> Callable[[], str | None]:
    """Return a function that says in a worker which rollsight it has."""

    # A function inside a function travels whole, and arrives where there is no rollsight.
    def code() -> str | None:
        try:
            from importlib.metadata import version

            from rollsight.backtests.spec import DEFAULT_FAMILY
            from rollsight.base.arithmetic import instructions
            from rollsight.base.digests import chain_digest
            from rollsight.training.fitting.keys import code_digest
        except ImportError:
            return None
        # The second knows torch's version and instructions too.
        code = f"{chain_digest()[:12]}-{code_digest(DEFAULT_FAMILY)[:12]}"
        used = instructions("torch")
        return f"rollsight {version('rollsight')} of code {code} with instructions {used}"

    return code
