"""README and the pages of docs: their blocks of code, and the code in their sentences."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
FENCE = re.compile(
    r"^(?:<!-- (?P<mark>.*?) -->\n)?```(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?\n"
    r"(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A block of code: its language, the file that it is, and the comment above it."""

    where: str
    language: str
    title: str | None
    mark: str
    text: str


def blocks(page: Path, language: str | None = None) -> Iterator[Block]:
    """Yield the blocks of a page, in their order."""
    source = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(source):
        if language in (None, found["language"]):
            line = source.count("\n", 0, found.start("text"))
            yield Block(
                f"{page.relative_to(ROOT)}:{line}", found["language"], found["title"],
                found["mark"] or "", found["text"],
            )  # fmt: skip


def calls(block: Block) -> Iterator[list[str]]:
    """Yield the words of each command of a block of the shell."""
    for line in block.text.replace("\\\n", " ").splitlines():
        if words := shlex.split(line, comments=True):
            yield words


def inline(page: Path) -> Iterator[str]:
    """Yield the code in a page's sentences and tables."""
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    yield from re.findall(r"`([^`\n]+)`", prose)
