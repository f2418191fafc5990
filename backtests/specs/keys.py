"""Keys of a specification as a user writes them: what is changed, and what was meant."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from rollsight.base.errors import RollsightError

Changes = Mapping[str, Any] | Iterable[str]


def read_changes(changes: Changes) -> list[tuple[str, list[str], Any]]:
    """Return the words for each change, its key's parts, and its value.

    Parameters
    ----------
    changes
        values by ``section.key``, None where it is to be unset, or ``section.key=value`` texts,
        in which values are TOML and bare words are text

    Raises
    ------
    RollsightError
        If a change is none.

    >>> read_changes({"label.horizon": 5})
    [("changes 'label.horizon'", ['label', 'horizon'], 5)]
    >>> read_changes(["label.horizon=5"])
    [("--set 'label.horizon=5'", ['label', 'horizon'], 5)]
    """
    if isinstance(changes, Mapping):
        return [_of_mapping(key, value) for key, value in changes.items()]
    return [_of_text(change) for change in ([changes] if isinstance(changes, str) else changes)]


def _of_mapping(key: str, value: Any) -> tuple[str, list[str], Any]:
    told, parts = f"changes {key!r}", str(key).split(".")
    if len(parts) > 2 or not all(parts):
        raise RollsightError(f"{told} is not section.key, such as label.horizon")
    if isinstance(value, Mapping):
        raise RollsightError(
            f"{told} would take the place of a whole section: name its keys one by one, such as "
            "label.horizon"
        )
    return told, parts, value


def _of_text(change: str) -> tuple[str, list[str], Any]:
    told = f"--set {change!r}"
    key, equals, text = change.partition("=")
    parts = key.strip().split(".")
    if not equals or len(parts) > 2 or not all(parts):
        raise RollsightError(f"{told} is not section.key=value, such as label.horizon=5")
    if "\n" in text:
        raise RollsightError(f"{told} holds more than one line: set one key at a time")
    try:
        value = tomllib.loads(f"value = {text.strip()}")["value"]
    except (ValueError, RecursionError):
        value = text.strip()
    return told, parts, value


def keys_of(root: type[BaseModel], model: type[BaseModel]) -> Iterator[str]:
    """Yield every ``section.key`` of a specification, and the keys that are in no section.

    Parameters
    ----------
    model
        type of its section ``[model]``
    """
    for name, field in root.model_fields.items():
        kind = model if name == "model" else field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (f"{name}.{key}" for key in kind.model_fields)
        else:
            yield name


def meant(name: str, keys: Iterable[str], others: Iterable[str] = ()) -> str:
    """Return the names that are meant by one that does not exist, quoted; nothing where none is.

    Parameters
    ----------
    keys
        ``section.key``, of which the key alone, or both joined otherwise, may be what was written
    others
        names that may be meant as well

    >>> meant("horizon", ["label.horizon"]), meant("label_horizn", ["label.horizon"])
    ("'label.horizon'", "'label.horizon'")
    >>> meant("start", ["market.start", "holdout.start"]), meant("job", [], ["jobs"])
    ("'market.start' or 'holdout.start'", "'jobs'")
    """
    known, written = list(keys), dict[str, list[str]]()
    for key in known:
        for one in (key.rpartition(".")[2], key.replace(".", "_")):
            written.setdefault(one, []).append(key)
    written |= {whole: [whole] for whole in (*known, *others)}
    asked = name.replace("__", "_")
    near = [asked] if asked in written else get_close_matches(asked, written, n=1, cutoff=0.66)
    return " or ".join(repr(one) for found in near for one in written[found])
