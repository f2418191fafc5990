"""How many examples a property is tried on."""

from typing import Any

from hypothesis import settings


def examples(n: int, **more: Any) -> settings:
    """Return settings of so many examples, of which the quick tests draw a third."""
    quick = settings.default is not None and settings.default.derandomize
    return settings(max_examples=max(n // 3, 2) if quick else n, **more)
