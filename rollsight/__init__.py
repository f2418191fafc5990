"""Walk-forward backtests that say what they knew, what they earned and why."""

from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.reports.run import Run, load, run
from rollsight.signals.errors import RollsightError

__all__ = ["RollsightError", "Run", "RunSpec", "load", "read_spec", "run"]
