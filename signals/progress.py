"""How far a run is: what every stage reports to whoever shows it."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # stage, steps done, steps in all


def silent(_stage: str, _done: int, _total: int) -> None:
    """Show nothing."""
