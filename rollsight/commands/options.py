"""What several commands have in common."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from rollsight.base.errors import RollsightError
from rollsight.base.progress import Progress, Stopwatch, silent
from rollsight.display import shown as bars

QUIET, VERBOSE = "rollsight.quiet", "rollsight.verbose"  # in click's notes of a call

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
    help="Of the page these alone, as in headline,trades or their titles. [default: all]",
)
OPEN = click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")


def add_common(command: click.Command) -> None:
    """Give a command the options that every command has."""
    command.params += [
        _noted("--quiet", QUIET, "Say nothing beside the result: no progress, no notes."),
        _noted("--verbose", VERBOSE, "Also say what each stage took, and where an error arose."),
    ]


def _noted(name: str, key: str, about: str) -> click.Option:
    def note(ctx: click.Context, _option: click.Parameter, value: bool) -> None:
        ctx.meta[key] = value
        if ctx.meta.get(QUIET) and ctx.meta.get(VERBOSE):
            raise click.UsageError("--quiet and --verbose: leave one of the two out")

    return click.Option([name], is_flag=True, expose_value=False, callback=note, help=about)


def asked(key: str) -> bool:
    """Return whether this call is to be `QUIET` or `VERBOSE`."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(ctx.meta.get(key))


@contextmanager
def shown() -> Iterator[Progress]:
    """Show stages and the time left, as the call asks for it."""
    if asked(QUIET):
        yield silent
        return
    with bars() as progress:
        watch = Stopwatch(progress)
        yield watch
    if asked(VERBOSE):
        for stage, seconds in watch.seconds.items():
            click.echo(f"Took {seconds:.1f} s: {stage}", err=True)


@contextmanager
def kept(ctx: click.Context, what: str, call: str = "the same call") -> Iterator[None]:
    """End with exit code 130 where the user interrupts, saying what is kept and what goes on."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"Interrupted; {what}: {call} goes on", err=True)
        ctx.exit(130)


def tell(line: str) -> None:
    """Say on stderr what is no part of the result."""
    if not asked(QUIET):
        click.echo(line, err=True)


def tell_notes(notes: Iterable[str]) -> None:
    """Say on stderr what a reader must know of the data, a line each."""
    for note in notes:
        tell(f"Note: {note}")


def show_page(kind: str, path: Path, *, opens: bool) -> None:
    """Say where a page lies, and open it where that is asked for."""
    click.echo(f"\n{kind}: {path}")
    if opens and click.launch(str(path.absolute())):
        tell("Note: no browser could be started here: open the file yourself")


def names_of(option: str, text: str) -> tuple[str, ...]:
    """Return the names of a list such as A,B."""
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise RollsightError(f"--{option}={text!r} names nothing between commas: write A,B")
    return names


def now() -> datetime:
    """Return this instant."""
    return datetime.now(UTC)
