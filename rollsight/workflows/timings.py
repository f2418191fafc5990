"""How long a run took, and how much memory."""

import os
import sys
from typing import Any

from rollsight.base.arithmetic import processor_features, processor_name
from rollsight.base.progress import Stopwatch


def timings_of(watch: Stopwatch, jobs: int, *, lay_ready: bool) -> dict[str, Any]:
    """Return what a run notes of its own time and memory."""
    return {
        "seconds": watch.since_first(),
        "stages": watch.seconds,
        # Of all networks, or not at all.
        "seconds_training": None if lay_ready else watch.seconds["train networks"],
        "jobs": jobs,
        "cores": os.cpu_count(),
        "peak_process_mib": _peak_mib(),
        "platform": sys.platform,
        "processor": processor_name(),
        "wide_registers": "avx512f" in processor_features(),
    }


def _peak_mib() -> float | None:
    """Return the most memory that one process of this run has held; None where none is counted."""
    if sys.platform == "win32":
        return None
    import resource

    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kilobytes elsewhere
    return max(resource.getrusage(w).ru_maxrss for w in who) / unit
