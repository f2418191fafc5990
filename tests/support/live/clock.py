"""A clock that tests move."""

from dataclasses import dataclass


@dataclass
class Clock:
    """Seconds that stand until they are moved, or go on by a step with every look."""

    now: float = 0.0
    step: float = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now
