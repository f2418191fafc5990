"""A digest of code is one of what computes."""

from pathlib import Path

import pytest

from rollsight.base.digests import code_of

CODE = '''"""What it is for."""
import numpy as np


class Half:
    """A half."""

    def of(self, x):
        """Return it."""
        return x / 2  # exact
'''


def of(text: str, folder: Path) -> str:
    path = folder / "module.py"
    path.write_text(text, encoding="utf-8")
    return code_of(path)


@pytest.mark.parametrize(
    "words", [("What it is for", "겉말"), ("A half", "A part"), ("Return it", "Give it"),
              ("  # exact", ""), ("x / 2", "(x / 2)"), ("\n\n\n", "\n\n\n\n# new\n")],
)  # fmt: skip
def test_words_and_layout_are_no_code(words: tuple[str, str], tmp_path: Path) -> None:
    assert of(CODE.replace(*words), tmp_path) == of(CODE, tmp_path)


@pytest.mark.parametrize(
    "code", [("x / 2", "x / 3"), ("of(self, x)", "of(self, x=1)"), ("import numpy as np", ""),
             ("Half", "Third"), ("return x / 2", "'x'\n        return x / 2")],
)  # fmt: skip
def test_whatever_computes_is_code(code: tuple[str, str], tmp_path: Path) -> None:
    assert of(CODE.replace(*code), tmp_path) != of(CODE, tmp_path)


def test_a_body_of_a_docstring_alone_stays_a_body(tmp_path: Path) -> None:
    assert of('class E(Exception):\n    """An error."""\n', tmp_path) == of(
        "class E(Exception):\n    pass\n", tmp_path
    )
