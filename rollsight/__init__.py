"""Walk-forward backtests that say what they knew, what they earned and why."""

from importlib import import_module
from typing import TYPE_CHECKING

from rollsight.base.arithmetic import choose_instructions

if TYPE_CHECKING:
    from rollsight import live
    from rollsight.backtests.spec import RunSpec, read_spec
    from rollsight.base.errors import RollsightError
    from rollsight.signals.memory.market import market
    from rollsight.workflows.audit import audit
    from rollsight.workflows.backtest import backtest
    from rollsight.workflows.decide import decide
    from rollsight.workflows.reading.compare import compare
    from rollsight.workflows.reading.ledger import ledger
    from rollsight.workflows.reading.report import load, report
    from rollsight.workflows.reveal import reveal
    from rollsight.workflows.run import Run, run
    from rollsight.workflows.sweep import Sweep, sweep
    from rollsight.workflows.update import update
    from rollsight.workflows.zoo.walk import zoo

__all__ = [
    "RollsightError",
    "Run",
    "RunSpec",
    "Sweep",
    "audit",
    "backtest",
    "compare",
    "decide",
    "ledger",
    "live",
    "load",
    "market",
    "read_spec",
    "report",
    "reveal",
    "run",
    "sweep",
    "update",
    "zoo",
]

_HOME = {
    "RollsightError": "rollsight.base.errors",
    "Run": "rollsight.workflows.run",
    "RunSpec": "rollsight.backtests.spec",
    "Sweep": "rollsight.workflows.sweep",
    "audit": "rollsight.workflows.audit",
    "backtest": "rollsight.workflows.backtest",
    "compare": "rollsight.workflows.reading.compare",
    "decide": "rollsight.workflows.decide",
    "ledger": "rollsight.workflows.reading.ledger",
    "load": "rollsight.workflows.reading.report",
    "market": "rollsight.signals.memory.market",
    "read_spec": "rollsight.backtests.spec",
    "report": "rollsight.workflows.reading.report",
    "reveal": "rollsight.workflows.reveal",
    "run": "rollsight.workflows.run",
    "sweep": "rollsight.workflows.sweep",
    "update": "rollsight.workflows.update",
    "zoo": "rollsight.workflows.zoo.walk",
}


# Before anything of ours loads a numeric library, which reads the environment once.
choose_instructions()


def __getattr__(name: str) -> object:
    # torch alone takes seconds to import: a name is fetched when it is first used.
    if name == "live":
        return import_module("rollsight.live")
    if name not in _HOME:
        raise AttributeError(f"module 'rollsight' has no attribute {name!r} (have {__all__})")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
