"""What stands in for indices where a market has none."""

from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.signals.folder.reading import Folder, market_folder
from rollsight.signals.folder.tablefiles import find_table
from rollsight.signals.spec import EQUAL_WEIGHT


def with_stand_in(spec: RunSpec, held: object = None) -> RunSpec:
    """Return a spec that asks a market without indices for none: its universe is the benchmark.

    Parameters
    ----------
    held
        a market in memory; anything else leaves the spec's own folder to be looked at
    """
    own = spec.market
    asked = own.indices != () or any(name != EQUAL_WEIGHT for name in own.benchmarks)
    if not asked or _has_indices(own.folder, held):
        return spec
    without = own.model_copy(update={"indices": (), "benchmark": EQUAL_WEIGHT})
    return spec.model_copy(update={"market": without})


def stand_in_notes(spec: RunSpec) -> tuple[str, ...]:
    """Return a note where the universe is the benchmark."""
    if EQUAL_WEIGHT not in spec.market.benchmarks:
        return ()
    return (
        "The benchmark equal-weight is no index: it holds the universe in equal parts, set anew at "
        "every close, before costs, and is no input, so that no saliency tells of it",
    )


def _has_indices(folder: str, held: object) -> bool:
    if isinstance(held, Folder):
        return not held.indices.columns.empty
    try:
        return find_table(market_folder(folder), "indices") is not None
    except RollsightError:  # which is told where the folder is read
        return True
