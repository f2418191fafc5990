"""What several commands have in common."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from rollsight.base.errors import RollsightError

LANG = click.option(
    "--lang", default="en", type=click.Choice(["en", "ko"]), help="Language of the page."
)
MARKET = click.option("--market", type=str, help="Market folder, in place of the spec's.")
CHANGES = click.option(
    "--set", "changes", multiple=True, metavar="SECTION.KEY=VALUE", help="Change a key."
)
STORE = click.option(
    "--store", type=click.Path(path_type=Path), help="Networks that runs and sweeps share."
)
SECTIONS = click.option(
    "--sections",
    callback=lambda _ctx, _option, text: None if text is None else names_of("sections", text),
    help="Of the page these alone, as in headline,trades. [default: all]",
)


@contextmanager
def kept(ctx: click.Context, what: str, call: str = "the same call") -> Iterator[None]:
    """End with exit code 130 where the user interrupts, saying what is kept and what goes on."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"Interrupted; {what}: {call} goes on", err=True)
        ctx.exit(130)


def tell_notes(notes: Iterable[str]) -> None:
    """Say on stderr what a reader must know of the data, a line each."""
    for note in notes:
        click.echo(f"Note: {note}", err=True)


def names_of(option: str, text: str) -> tuple[str, ...]:
    """Return the names of a list such as A,B."""
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise RollsightError(f"--{option}={text!r} names nothing between commas: write A,B")
    return names


def now() -> datetime:
    """Return this instant."""
    return datetime.now(UTC)
