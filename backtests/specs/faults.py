"""What is said of the first fault of a specification."""

from typing import Any

from pydantic import BaseModel, ValidationError

from rollsight.backtests.specs.keys import keys_of, meant
from rollsight.base.errors import did_you_mean
from rollsight.base.faults import OWN_CHECKS, key_of, rule_of, value_text
from rollsight.training.spec import ModelSpec, NetworkSpec


def first_fault(
    error: ValidationError, root: type[BaseModel], model: type[ModelSpec] = NetworkSpec
) -> str:
    """Return one line about the first fault of a specification, made of sections with keys.

    Parameters
    ----------
    model
        of its section ``[model]``
    """
    fault = error.errors()[0]
    path = key_of(error)
    if path[:2] != ["sweep", "grid"]:
        path = path[:2]  # behind that stands the kind that a value was taken for
    if fault["type"] == "extra_forbidden":
        if len(path) == 1:
            told = no_key("a run has no section or key", path[0], root)
            near = meant(path[0], keys_of(root, model), root.model_fields)
            return f"{told.partition('; did')[0]}; did you mean {near}?" if near else told
        section = root.model_fields[path[0]].annotation
        return no_key(f"[{path[0]}] has no key", path[-1], model if path[0] == "model" else section)
    return key_fault(".".join(path), error)


def key_fault(key: str, error: ValidationError) -> str:
    """Return one line about the first value at fault, which a key has; the key may be empty."""
    fault = error.errors()[0]
    if fault["type"] == "missing":
        return f"{key} {rule_of(error)}"
    if fault["type"] in OWN_CHECKS:
        return f"{key}: {rule_of(error)}" if key else rule_of(error)
    return f"{key}={value_text(fault['input'])} is not allowed: {rule_of(error)}"


def no_key(where: str, key: str, kind: Any) -> str:
    """Return one line about a key that a type has not."""
    known = kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else {}
    return f"{where} {key!r} {did_you_mean(key, known)}"
