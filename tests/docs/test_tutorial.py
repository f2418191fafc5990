"""The tutorial, followed by the letter in an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.documents import DOCS, Block, blocks, calls

pytestmark = pytest.mark.slow


def follow(block: Block, folder: Path) -> None:
    """Do what a reader does with a block."""
    if block.title is not None:
        (folder / block.title).write_text(block.text, encoding="utf-8")
    elif block.language == "python":
        _run([sys.executable, "-c", block.text], folder)
    else:
        for words in calls(block):
            assert words[0] == "rollsight"
            _run([sys.executable, "-m", *words], folder, 1 if block.mark == "exit code 1" else 0)


def _run(call: list[str], folder: Path, code: int = 0) -> None:
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False,
                          env={**os.environ, "COLUMNS": "100"})  # fmt: skip
    assert done.returncode == code, (call, done.stdout[-2000:], done.stderr[-2000:])


def test_the_tutorial_works_from_its_first_block_to_its_last(tmp_path: Path) -> None:
    for block in blocks(DOCS / "tutorial.md"):
        if not block.mark.startswith("parsed only"):
            follow(block, tmp_path)
    assert (tmp_path / "runs" / "high" / "report.html").is_file()
    assert (tmp_path / "compared.html").is_file()
