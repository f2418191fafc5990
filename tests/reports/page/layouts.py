"""Where a browser puts what a page holds: what sticks out, overlaps, or is cut."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTHS = (360, 768, 1280, 1920)
THEMES = ("light", "dark")

# Folded parts are opened, and lists that are made when they come into sight are waited for.
UNFOLD = """async () => {
    document.querySelectorAll('details').forEach(d => d.open = true);
    for (const section of document.querySelectorAll('section')) {
        section.scrollIntoView({behavior: 'instant'});
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    }
    scrollTo({top: 0, behavior: 'instant'});
}"""
# A narrow screen folds the contents once it has been laid out.
OPEN = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    document.querySelectorAll('details').forEach(d => d.open = true);
}"""
MISPLACED = """() => {
    const found = [], box = e => e.getBoundingClientRect();
    const of = (e, up = 3) => !e || e === document.body ? '' : (up ? of(e.parentElement, up - 1)
        : '') + ' ' + e.tagName.toLowerCase() + (e.id && '#' + e.id)
        + [...e.classList].map(c => '.' + c).join('');
    // A box around what is wide by its nature, a table, a figure or code, may scroll sideways.
    const scrolls = (e, style) => ['auto', 'scroll'].includes(style.overflowX)
        && (e.matches('pre') || e.querySelector(':scope > table, :scope > svg') !== null);
    const blocks = [];
    const walk = (e, above) => {
        const style = getComputedStyle(e), own = box(e), wide = scrolls(e, style);
        // What is cut away altogether is for readers of screens.
        if (style.display === 'none' || !own.width || style.clipPath !== 'none') return;
        if (!['absolute', 'fixed'].includes(style.position)
            && (own.right > above.right + 1 || own.left < above.left - 1))
            found.push('wider:' + of(e));
        if (e.clientWidth && !wide && e.scrollWidth > e.clientWidth + 1)
            found.push('holds more than its width:' + of(e));
        if (e.closest('section') && (wide
            || e.matches('svg, table, p, h2, h3, h4, li, dl, figcaption, .tile')))
            blocks.push([e, own]);
        if (!wide && e.tagName !== 'svg') for (const child of e.children) walk(child, own);
    };
    for (const child of document.body.children) walk(child, box(document.body));
    blocks.forEach(([one, a], at) => blocks.slice(at + 1).forEach(([other, b]) => {
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1 && !one.contains(other))
            found.push('overlap:' + of(one) + ' and' + of(other));
    }));
    return found;
}"""
# Figures grow and shrink as a whole: what is cut at one width is cut at each.
CUT = """() => [...document.querySelectorAll('svg text')].flatMap(text => {
    const a = text.getBoundingClientRect(), b = text.ownerSVGElement.getBoundingClientRect();
    const out = Math.max(b.left - a.left, a.right - b.right, b.top - a.top, a.bottom - b.bottom);
    return a.width && out > 2 ? ['cut: ' + text.textContent.trim()] : [];
})"""


def misplaced(
    page: "Page", widths: Sequence[int] = WIDTHS, themes: Sequence[str] = THEMES
) -> list[str]:
    """Return what is wider than its parent, overlaps or is cut, at each width in each theme."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(UNFOLD)
    found: list[str] = page.evaluate(CUT)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(OPEN)
        for theme in themes:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            found += [f"{width} {theme} {fault}" for fault in page.evaluate(MISPLACED)]
    return found
