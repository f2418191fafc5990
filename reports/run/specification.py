"""The last section: what the run was told, and the digests by which it can be had again."""

import json
from html import escape

from rollsight.base.records import plain
from rollsight.reports.page.html import folded, money, paragraph, percent, section
from rollsight.reports.page.language import Say
from rollsight.reports.run.numbers import RunNumbers


def specification(numbers: RunNumbers, say: Say, *, spec_toml: str) -> str:
    """Return the checks of the accounts, the whole specification and the digests."""
    head = numbers.headline
    checks = say(
        "Equity agrees with the accounts recomputed from orders and prices to {gap}.",
        gap=money(head.equity_residual, head.currency, digits=9),
    )
    if head.label_is_trade is not None:
        held = say(
            "Trades held to the horizon whose gross return is exactly their label's return: "
            "{share}.",
            share=percent(head.label_is_trade, 0),
        )
        checks = f"{checks} {held}"
    digests = json.dumps(plain(numbers.digests), indent=1)
    return section(
        "spec",
        say("Specification and digests"),
        paragraph(checks),
        f'<pre tabindex="0">{escape(spec_toml)}</pre>',
        folded(say("Digests and versions"), f'<pre tabindex="0">{escape(digests)}</pre>'),
    )
