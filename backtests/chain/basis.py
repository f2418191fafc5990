"""What a window's decisions rest on, in one digest: where it stands, so do they."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rollsight.backtests.chain.networks import keys
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.chain.signals import net_at
from rollsight.backtests.spec import RunSpec
from rollsight.base.digests import content_digest
from rollsight.training.fitting.rows import rows_of
from rollsight.training.fitting.windows import Window, known_rows


def basis(ready: Prepared, window: Window, stop: int) -> str:
    """Return the digest of what a window's threshold and its decisions before a session rest on.

    That is all but what its networks were fitted on, which their keys stand for: what the labels of
    the validation rows earned, and stocks, sessions and inputs of the test rows.
    """
    samples, market, test = ready.samples, ready.market, window.test
    known = known_rows(samples, window.validation, test.start)
    tuned_on = rows_of(known, window.validation.start)
    usable = samples.usable[:, test.start : min(test.stop, stop)]
    days = np.flatnonzero(usable.any(axis=0))
    # Sessions without a row to decide may or may not belong to the last window.
    usable = usable[:, : days[-1] + 1 if len(days) else 0]
    own = known.any(axis=1) | usable.any(axis=1)
    seen = slice(test.start - samples.lookback + 1, test.start + usable.shape[1])
    parts = [
        [market.codes[stock] for stock in np.flatnonzero(own)],
        net_at(ready, tuned_on.stock, tuned_on.day),
        usable[own],
        market.sessions[seen],
        samples.stocks[own, seen],
        samples.indices[seen],
    ]
    if samples.given is not None:
        # Of the validation rows too: their keys hold no inputs, and the threshold is tuned on them.
        until = test.start + usable.shape[1]
        parts.append(samples.given[own, window.validation.start : until])
    return content_digest(parts)


def standing(
    ready: Prepared, spec: RunSpec, manifest: Mapping[str, Any], windows: Sequence[Window]
) -> list[bool]:
    """Return whether windows of a finished run would be fitted and decide as they did then.

    Parameters
    ----------
    ready
        of the run's market folder as it is now, which may have later sessions
    manifest
        of the run
    windows
        of ``ready``; where networks start from those before, the first ones in order
    """
    after = int(np.searchsorted(ready.market.sessions, last_session(manifest), side="right"))
    now = [keys(ready.samples, windows, spec, seed) for seed in manifest["seeds"]]
    stored = manifest.get("basis")  # runs of earlier versions have none
    return [
        stored is not None
        and manifest["model_keys"][window.number] == [of[at] for of in now]
        and stored[window.number] == basis(ready, window, after)
        for at, window in enumerate(windows)
    ]


def last_session(manifest: Mapping[str, Any]) -> np.datetime64:
    """Return the last session of a run's market folder when the run was made."""
    return np.datetime64(manifest["market"]["last_session"], "D")
