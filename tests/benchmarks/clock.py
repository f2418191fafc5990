"""How a measurement takes its time: CPU seconds, which other processes disturb least."""

import time
from collections.abc import Callable

import numpy as np


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Return the median CPU seconds of a piece of work, after one run to warm up."""
    work()
    taken = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return float(np.median(taken))
