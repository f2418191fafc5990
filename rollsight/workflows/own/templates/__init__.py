"""Files that rollsight new writes, each as it stands here but for its name."""

from importlib import resources


def template(kind: str, name: str) -> str:
    """Return the file of a member of a user's own.

    Parameters
    ----------
    kind
        feature, model or rule
    name
        of its module, which its docstring speaks of
    """
    source = resources.files(__name__) / f"{kind}.py"
    return source.read_text(encoding="utf-8").replace("NAME", name)
