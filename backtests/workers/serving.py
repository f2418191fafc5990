"""A worker's life: it ends with its run, and leaves Ctrl-C to it."""

import math
import os
import signal
import threading
import time
from functools import cache

from joblib.externals.loky import process_executor

ORPHANED = 0.25  # seconds between two looks at whether the run is still there


@cache
def serve(run: int) -> None:
    """Have this process end with the run of that number, and leave Ctrl-C to it."""
    # loky looks for leaks each second: it takes a market that is kept for one, and ends the worker,
    # or collects garbage, which takes a tenth of a second with torch in memory.
    process_executor._MEMORY_LEAK_CHECK_DELAY = math.inf
    # Ctrl-C reaches every process of a terminal; the run's own ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A killed run cannot end its processes, and they would write what the next run must not find.
    threading.Thread(target=_end_with, args=(run,), daemon=True).start()


def _end_with(run: int) -> None:
    # On Windows the parent's number stays: there an orphan ends with the tasks that it has.
    while os.getppid() == run:
        time.sleep(ORPHANED)
    os._exit(1)
