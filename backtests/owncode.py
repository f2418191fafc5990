"""The code that a run depends on: ours, and what its spec names of a user's own."""

from rollsight.backtests.spec import RunSpec
from rollsight.base.digests import chain_digest, content_digest
from rollsight.base.named import source_of


def run_digest(spec: RunSpec) -> str:
    """Return the digest of all code from a market folder to the account of a spec.

    Where a spec names nothing of a user's own, it is `chain_digest`.

    Raises
    ------
    RollsightError
        If what it names cannot be imported.
    """
    return _digest(*_of_forecasts(spec), ("rule", spec.strategy.rule))


def forecast_digest(spec: RunSpec) -> str:
    """Return the digest of all code from a market folder to the forecasts, as `run_digest` does."""
    return _digest(*_of_forecasts(spec))


def _of_forecasts(spec: RunSpec) -> list[tuple[str, str]]:
    return [
        ("family", spec.model.name),
        *(("feature", name) for name in spec.features.stock),
        *(("index feature", name) for name in spec.features.index),
    ]


def _digest(*named: tuple[str, str]) -> str:
    own = [code for kind, name in named if (code := source_of(kind, name))]
    return content_digest([chain_digest(), *own]) if own else chain_digest()
