"""The notebook of the documentation runs, and shows what is kept of it."""

import json

import pytest

from docs.scripts.notebook import NOTEBOOK, executed

pytestmark = pytest.mark.slow


def test_the_notebook_runs_and_shows_as_much_as_it_did() -> None:
    kept = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    again = executed(kept)
    kinds, before = (
        [[sorted(o.get("data", {"stream": ""})) for o in c.get("outputs", [])] for c in n["cells"]]
        for n in (again, kept)
    )
    assert kinds == before
    assert any(kinds)
