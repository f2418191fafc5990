"""Bytes of a text file as text: byte order marks, UTF-8, and what else the bytes prove."""

import codecs
from pathlib import Path

from rollsight.base.errors import RollsightError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
KOREAN_WORDS = ("날짜", "일자", "종가", "종목", "티커", "거래량")
SAMPLE = 2**18  # bytes that are enough to tell an encoding
SEPARATORS = ("\t", ";", "|")
LINES = 40  # that are looked at for separators


def text_of(data: bytes, path: Path, encoding: str | None) -> tuple[str, str]:
    """Return a file's text and its encoding.

    Raises
    ------
    RollsightError
        If it is no text in the encoding that is told, or in any that is known.
    """
    found = encoding or _marked(data) or _proven(data) or _likely(data, path)
    try:
        text = data.decode(found)
    except (UnicodeError, LookupError) as error:
        raise RollsightError(
            f"{path} is no text in {found}: name its encoding, as in --encoding cp949"
        ) from error
    if "\0" in text:
        raise RollsightError(f"{path} holds NUL bytes, which are no text: write it anew")
    return text.removeprefix("\ufeff"), found


def separator_of(text: str) -> str:
    """Return what separates the columns of a text: a tab, semicolon or bar, else a comma."""
    lines = [line for line in text[:SAMPLE].splitlines() if line.strip()][:LINES]
    for mark in SEPARATORS:
        # Commas stand beside it where they are decimal ones.
        if sum(mark in line for line in lines) * 2 > len(lines):
            return mark
    return ","


def _marked(data: bytes) -> str | None:
    return next((name for mark, name in MARKS if data.startswith(mark)), None)


def _proven(data: bytes) -> str | None:
    """Return UTF-8, or the encoding in which a Korean header is one."""
    if b"\0" in data[:SAMPLE]:
        return None
    for name in ("utf-8", "cp949"):
        try:
            text = data.decode(name)
        except UnicodeError:
            continue
        if name == "utf-8" or any(word in text[:SAMPLE] for word in KOREAN_WORDS):
            return name
    return None


def _likely(data: bytes, path: Path) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[: SAMPLE - SAMPLE % 4]).best()
    if best is None:
        raise RollsightError(
            f"{path} is text in no encoding that is known: name it, as in --encoding cp949"
        )
    return str(best.encoding)
