"""The code that a run depends on: ours, and what its spec names of a user's own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rollsight.backtests.spec import RunSpec
from rollsight.base.digests import chain_digest, content_digest
from rollsight.base.errors import RollsightError
from rollsight.base.named import source_of
from rollsight.base.own.ran import require_ran

NAMING = ("baselines", "features", "model", "strategy")  # what of a spec may name code


def require_known_code(content: object, where: Path) -> None:
    """Raise unless this user has had all code imported that a finished run's spec names.

    Parameters
    ----------
    content
        a spec as TOML or JSON has it, which nobody has checked yet

    Raises
    ------
    UnknownCodeError
        See `require_ran`.
    """
    if isinstance(content, Mapping):
        require_ran([content.get(section) for section in NAMING], where)


def run_digest(spec: RunSpec) -> str:
    """Return the digest of all code from a market folder to the account of a spec.

    Where a spec names nothing of a user's own, it is `chain_digest`.

    Raises
    ------
    RollsightError
        If what it names cannot be imported.
    """
    return _digest(_of_all(spec))


def forecast_digest(spec: RunSpec) -> str:
    """Return the digest of all code from a market folder to the forecasts, as `run_digest` does."""
    return _digest(_of_forecasts(spec))


def own_sources(spec: RunSpec) -> dict[str, str]:
    """Return what a spec names of a user's own, with the digest of its source."""
    return {f"{kind} {name!r}": content_digest(code) for kind, name, code in _own(_of_all(spec))}


def require_same_sources(spec: RunSpec, manifest: Mapping[str, Any], out: Path) -> None:
    """Raise unless what a run's spec names of a user's own has the source that it was made with.

    Raises
    ------
    RollsightError
        Naming what has another.
    """
    now, then = own_sources(spec), manifest.get("own_sources", {})
    other = [named for named in now if now[named] != then.get(named)]
    if other:
        raise RollsightError(
            f"{out} was made with another source of the {other[0]}: restore it, or run into a new "
            f"folder with rollsight run {out / 'run.toml'} --out FOLDER"
        )


def _of_all(spec: RunSpec) -> list[tuple[str, str]]:
    baselines = [("family", name) for name in spec.baselines if name != spec.model.name]
    return [*_of_forecasts(spec), ("rule", spec.strategy.rule), *baselines]


def _of_forecasts(spec: RunSpec) -> list[tuple[str, str]]:
    return [
        ("family", spec.model.name),
        *(("feature", name) for name in spec.features.stock),
        *(("index feature", name) for name in spec.features.index),
    ]


def _own(named: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    found = [(kind, name, source_of(kind, name)) for kind, name in named]
    return [one for one in found if one[2]]


def _digest(named: list[tuple[str, str]]) -> str:
    own = [code for _, _, code in _own(named)]
    return content_digest([chain_digest(), *own]) if own else chain_digest()
