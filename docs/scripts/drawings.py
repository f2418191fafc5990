"""Write the drawings of the concepts: ``python -m docs.scripts.drawings``."""

from collections.abc import Callable
from html import escape
from pathlib import Path

import numpy as np

from rollsight.signals.spec import LabelSpec
from rollsight.training.fitting.windows import walk
from rollsight.training.spec import WindowSpec

LATE = LabelSpec().horizon + 1  # sessions of a span whose labels settle behind it
FOLDER = Path(__file__).parents[1] / "drawings"
INK, GREY, FAINT = "#24313a", "#7b8791", "#d8dee2"
TRAIN, VALIDATION, TEST, PURGED = "#6aa6a6", "#e0b25c", "#3b6ea8", "#b5533c"


def text(
    x: float, y: float, said: str, *, at: str = "start", ink: str = INK, size: int = 13
) -> str:
    """Return a line of text."""
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{at}" fill="{ink}" font-size="{size}">'
        f"{escape(said)}</text>"
    )


def box(x: float, y: float, width: float, height: float, fill: str) -> str:
    """Return a filled rectangle."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="2" fill="{fill}"/>'


def line(x1: float, y1: float, x2: float, y2: float, *, ink: str = GREY, dash: str = "") -> str:
    """Return a line, dashed where asked."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{ink}" '
        f'stroke-width="1.5"{dashed}/>'
    )


def dot(x: float, y: float, fill: str, radius: float = 5) -> str:
    """Return a filled circle."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}"/>'


def arrow(x1: float, y1: float, x2: float, y2: float, ink: str) -> str:
    """Return a line that ends in a point."""
    angle = np.arctan2(y2 - y1, x2 - x1)
    ends = [(x2 - 9 * np.cos(angle + turn), y2 - 9 * np.sin(angle + turn)) for turn in (0.4, -0.4)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(x2, y2), *ends])
    return line(x1, y1, x2, y2, ink=ink) + f'<polygon points="{points}" fill="{ink}"/>'


def drawing(width: int, height: int, about: str, *parts: str) -> str:
    """Return an SVG on a light card, readable on any page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="system-ui, sans-serif" role="img">\n<title>{escape(about)}</title>\n'
        f'<rect width="{width}" height="{height}" rx="6" fill="#fbfcfc"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def windows() -> str:
    """Draw three windows as the walk-forward lays them, and the rows that a purge leaves out."""
    spec = WindowSpec(train_days=100, validation_days=30, test_days=30)
    left, scale = 110, 3.1
    parts = [text(left, 26, "sessions →", ink=GREY)]
    for n, window in enumerate(walk(0, 220, spec)):
        y = 44 + 46 * n
        parts.append(text(14, y + 20, f"window {n + 1}"))
        for span, fill in (
            (window.train, TRAIN), (window.validation, VALIDATION), (window.test, TEST)
        ):  # fmt: skip
            start = left + scale * span.start
            parts.append(box(start, y, scale * (span.stop - span.start) - 1, 30, fill))
        for span in (window.train, window.validation):
            start = left + scale * (span.stop - LATE)
            parts += [box(start, y, scale * LATE - 1, 30, PURGED)]
    y = 44 + 46 * 3 + 22
    for n, (fill, said) in enumerate((
        (TRAIN, "train: learnt"), (VALIDATION, "validation: threshold"),
        (TEST, "test: traded and reported"), (PURGED, "purged: settles too late"),
    )):  # fmt: skip
        parts += [box(14 + 200 * n, y - 11, 13, 13, fill), text(33 + 200 * n, y, said)]
    return drawing(820, y + 16, "Windows of a walk-forward, and the purge", *parts)


def known() -> str:
    """Draw which close in New York a decision at the close in Seoul may use."""
    left, hour = 130, 13.0  # of 48 hours of Seoul, beginning at midnight of 5 March
    at = lambda hours: left + hour * hours  # noqa: E731
    parts = [
        text(14, 62, "Seoul"), text(14, 132, "New York"),
        line(left, 58, at(49), 58, ink=FAINT), line(left, 128, at(49), 128, ink=FAINT),
    ]  # fmt: skip
    for day, name in ((0, "5 March in Seoul"), (24, "6 March in Seoul")):
        parts += [
            line(at(day), 30, at(day), 160, ink=FAINT, dash="3 4"),
            text(at(day) + 6, 28, name, ink=GREY, size=12),
        ]
    for day in (0, 24):
        parts += [box(at(day + 9), 50, hour * 6.5, 16, TRAIN)]
    for day in (-1, 23):
        start = max(day + 0.5, 0)
        parts += [box(at(start), 120, hour * (day + 7 - start), 16, VALIDATION)]
    parts += [
        dot(at(15.5), 58, TEST, 7), text(at(15.5) + 12, 46, "decision of 5 March, 15:30", ink=TEST),
        text(at(6), 160, "close dated 4 March, 06:00 in Seoul", at="start"),
        text(at(30) + 8, 160, "close dated 5 March"),
        arrow(at(6), 116, at(15.3), 68, TRAIN), text(at(4.5), 100, "known", at="end", ink=TRAIN),
        arrow(at(30), 116, at(16.4), 66, PURGED),
        text(at(27.5), 88, "not known yet: a join by date would use it", ink=PURGED),
    ]  # fmt: skip
    return drawing(820, 180, "What a decision in Seoul knows of New York", *parts)


def label() -> str:
    """Draw a decision, its entry at the next open, its exit after the horizon."""
    closes = [100, 101.2, 100.4, 101, 102.3, 101.6, 103.1, 102.7, 104.2, 105, 104.1, 105.6, 105.2]
    at = lambda n: 70 + 55 * n  # noqa: E731
    level = lambda price: 190 - 22 * (price - 99)  # noqa: E731
    points = " ".join(f"{at(n):g},{level(c):g}" for n, c in enumerate(closes))
    enter, leave = (at(1) + 22, level(100.9)), (at(11) + 22, level(105.4))
    return drawing(
        820, 260, "The label is the trade",
        f'<polyline points="{points}" fill="none" stroke="{FAINT}" stroke-width="2"/>',
        *(dot(at(n), level(c), GREY, 3) for n, c in enumerate(closes)),
        dot(at(1), level(closes[1]), TEST, 6),
        text(at(1) - 4, level(closes[1]) - 34, "decided at the close of t", at="middle", ink=TEST),
        line(at(1), level(closes[1]) - 28, at(1), level(closes[1]) - 8, ink=TEST),
        dot(*enter, TRAIN, 6),
        text(enter[0], enter[1] + 28, "bought at the open of t+1", ink=TRAIN),
        dot(*leave, PURGED, 6),
        text(leave[0], leave[1] - 16, "sold at the open of t+1+horizon", at="end", ink=PURGED),
        line(*enter, leave[0], enter[1], ink=GREY, dash="4 4"),
        arrow(leave[0], enter[1], leave[0], leave[1] + 8, INK),
        text(leave[0] - 10, (enter[1] + leave[1]) / 2 + 22, "the label: this return", at="end"),
        text(70, 245, "What the network learns is what the trade earns, before costs.", ink=GREY),
    )  # fmt: skip


def threshold() -> str:
    """Draw scores of a validation span, the threshold, and the buys above it."""
    drawn = np.random.default_rng(3)
    scores = np.clip(drawn.normal(0.36, 0.07, 150), 0.15, 0.62)
    up = drawn.random(150) < scores + 0.12 * (scores > 0.45)
    at = lambda n: 60 + 4.6 * n  # noqa: E731
    level = lambda score: 230 - 380 * (score - 0.12)  # noqa: E731
    cut, parts = 0.45, []
    for n, (score, rose) in enumerate(zip(scores, up, strict=True)):
        if score >= cut:
            parts.append(dot(at(n), level(score), TEST if rose else PURGED, 4.5))
        else:
            parts.append(dot(at(n), level(score), FAINT, 3))
    return drawing(
        820, 262, "A threshold on the scores of a validation span",
        line(60, level(cut), 735, level(cut), ink=INK, dash="6 4"),
        text(741, level(cut) + 4, "threshold", size=12), *parts,
        text(14, 30, "score", ink=GREY),
        text(760, 250, "rows of the validation span", at="end", ink=GREY),
        dot(70, 246, TEST), text(80, 250, "a buy that went UP"),
        dot(240, 246, PURGED), text(250, 250, "a buy that did not"),
        dot(400, 246, FAINT), text(410, 250, "no buy"),
    )  # fmt: skip


def verdict() -> str:
    """Draw intervals of an edge beside zero, and what each is called."""
    rows = (
        ("More than luck", 2.0, 1.4, "#2e7d4f"),
        ("Not distinguishable from luck", 0.8, 1.9, GREY),
        ("Worse than luck", -1.7, 1.4, PURGED),
        ("Too little to tell", 0.3, None, ""),
    )
    at = lambda points: 510 + 55 * points  # noqa: E731
    parts = [line(at(0), 22, at(0), 190, ink=INK, dash="4 4"), text(at(0), 208, "0", at="middle")]
    for n, (name, lead, margin, fill) in enumerate(rows):
        y = 44 + 42 * n
        parts.append(text(14, y + 5, name))
        if margin is not None:
            parts.append(box(at(lead - margin), y - 4, 110 * margin, 8, fill))
        parts.append(dot(at(lead), y, INK, 5))
    told = "a buy's lead over stocks as volatile on the same date, and its 95 % interval if any"
    return drawing(820, 236, "Four verdicts", *parts, text(at(0), 226, told, at="middle", ink=GREY))


DRAWINGS: dict[str, Callable[[], str]] = {
    "windows": windows, "known": known, "label": label, "threshold": threshold, "verdict": verdict
}  # fmt: skip

if __name__ == "__main__":
    for name, draw in DRAWINGS.items():
        (FOLDER / f"{name}.svg").write_text(draw(), encoding="utf-8")
