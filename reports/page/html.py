"""Small pieces of HTML, every text escaped."""

import base64
import gzip
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Cell:
    """A table cell.

    Attributes
    ----------
    tone
        ``good``, ``bad`` or empty
    text
        left-aligned words rather than a number
    """

    value: str
    tone: str = ""
    text: bool = False


NONE = "\N{EN DASH}"  # stands where a number does not exist
SIGNS = {"KRW": "\N{WON SIGN}", "USD": "$"}
UNCUT = ("KRW", "JPY")  # currencies whose unit is not divided


def percent(value: float | None, digits: int = 1, *, sign: bool = False) -> str:
    """Return a fraction as per cent, a dash where there is none.

    >>> percent(0.1234), percent(-0.05, sign=True), percent(None) == NONE
    ('12.3 %', '-5.0 %', True)
    """
    if value is None:
        return NONE
    return f"{round(100 * value, digits) + 0.0:{'+' if sign else ''},.{digits}f} %"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands apart, a dash where there is none."""
    # The sum makes zero of minus zero.
    return NONE if value is None else f"{round(value, digits) + 0.0:,.{digits}f}"


def money(value: float | None, currency: str, *, digits: int | None = None) -> str:
    """Return money with its sign or code, thousands apart; won without decimals.

    >>> money(-1234.5, "KRW"), money(1234.5, "USD"), money(None, "EUR") == NONE
    ('-\N{WON SIGN}1,234', '$1,234.50', True)
    """
    if value is None:
        return NONE
    places = (0 if currency in UNCUT else 2) if digits is None else digits
    text = number(value, places)
    less = "-" if text.startswith("-") else ""
    return f"{less}{SIGNS.get(currency, f'{currency} ')}{text.removeprefix('-')}"


def signed(value: float | None, digits: int = 2) -> str:
    """Return a per cent with its sign, and in no colour: a gain may be luck."""
    return percent(value, digits, sign=True)


def words(value: object) -> Cell:
    """Return a left-aligned cell."""
    return Cell(str(value), text=True)


def table(
    heads: Sequence[Cell | str],
    rows: Iterable[Sequence[Cell | str]],
    *,
    texts: int = 1,
    groups: Sequence[tuple[str, int]] = (),
) -> str:
    """Return a scrolling table whose first ``texts`` columns hold words.

    Parameters
    ----------
    groups
        headings over the headings, each with the number of columns that it spans
    """
    over = "".join(f'<th class="group" colspan="{n}">{escape(name)}</th>' for name, n in groups)
    over = f"<tr>{over}</tr>" if groups else ""
    top = "".join(_tag("th", _cell(h, i < texts)) for i, h in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(_tag("td", _cell(c, i < texts)) for i, c in enumerate(row)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table><thead>{over}<tr>{top}</tr></thead><tbody>{body}</tbody>'
        "</table></div>"
    )


def figure(svg: str, caption: str) -> str:
    """Return a figure with its caption, which may hold HTML of ours."""
    return f"<figure>{svg}<figcaption>{caption}</figcaption></figure>"


def section(key: str, title: str, *parts: str) -> str:
    """Return a section of the page."""
    return f'<section id="{key}"><h2>{escape(title)}</h2>{"".join(parts)}</section>'


def folding(whole: str, gist: str = "", *, opened: bool = False) -> str:
    """Return a section of `section` that folds under its heading.

    A browser opens it where a link, its own search or paper asks for what is inside.

    Parameters
    ----------
    gist
        a sentence that stands beside the heading, folded or not
    """
    head, content = whole.split("</h2>", 1)
    start, heading = head.split("<h2>", 1)
    said = f'<span class="gist">{prose(gist)}</span>' if gist else ""
    return (
        f'{start}<details class="more"{" open" if opened else ""}><summary><h2>{heading}</h2>'
        f"{said}</summary>{content.removesuffix('</section>')}</details></section>"
    )


def paragraph(text: str) -> str:
    """Return a paragraph of escaped text."""
    return f"<p>{prose(text)}</p>"


def prose(text: str) -> str:
    r"""Return escaped text that no line parts from its per cent sign, nor that from its ending.

    >>> prose("3 % & more")
    '3\xa0% &amp; more'
    """
    kept = text.replace(" %", "\N{NO-BREAK SPACE}%")
    return escape(re.sub(r"%(?=[\uac00-\ud7a3])", "%\N{WORD JOINER}", kept))


def embedded(key: str, content: object) -> str:
    """Return JSON in the page that a script reads; no text in it can end its element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    safe = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="{key}">{safe}</script>'


def packed(key: str, content: object) -> str:
    """Return JSON in the page as base64 of gzip, the same bytes for the same content."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    small = base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode("ascii")
    return f'<script type="application/gzip" id="{key}">{small}</script>'


def folded(summary: str, content: str) -> str:
    """Return content that opens on a click."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def _cell(cell: Cell | str, text: bool) -> Cell:
    return cell if isinstance(cell, Cell) else Cell(cell, text=text)


def _tag(tag: str, cell: Cell) -> str:
    classes = " ".join(c for c in (cell.tone, "text" if cell.text else "") if c)
    attribute = f' class="{classes}"' if classes else ""
    return f"<{tag}{attribute}>{escape(cell.value)}</{tag}>"
