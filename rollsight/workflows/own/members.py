"""A file for a member of a user's own, ready to be changed."""

import keyword
from importlib.util import find_spec
from pathlib import Path

from rollsight.base.errors import RollsightError
from rollsight.base.files import write_text
from rollsight.workflows.own.templates import template

CHANGES = {
    "feature": 'features.stock=["change", "{name}:feature"]',
    "model": "model.name={name}:model",
    "rule": "strategy.rule={name}:rule",
}


def new_member(kind: str, name: str) -> Path:
    """Write a file with a member of a kind into the current folder, and return its path.

    Parameters
    ----------
    kind
        feature, model or rule
    name
        of the file, with or without ``.py``

    Raises
    ------
    RollsightError
        If no module can have that name, another has it, or there is such a file.
    """
    name = name.removesuffix(".py")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise RollsightError(
            f"NAME={name!r} is no name of a module of Python: take letters, digits and _, as in "
            f"my_{kind}; the file is written into the current folder"
        )
    path = Path(f"{name}.py")
    if path.exists():
        raise RollsightError(f"{path} exists already: delete it, or choose another name")
    if find_spec(name) is not None:
        raise RollsightError(
            f"NAME={name!r} is a module that is installed, which would be found in the place of "
            f"yours: choose another, as my_{name}"
        )
    write_text(path, template(kind, name))
    return path


def change_of(kind: str, name: str) -> str:
    """Return what ``--set`` takes to have a member in a run."""
    return CHANGES[kind].format(name=name)
