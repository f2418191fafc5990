"""The command line: one file a command."""

from importlib import import_module
from traceback import format_exception
from typing import Any

import click

from rollsight.base.errors import RollsightError
from rollsight.commands.examples import add_examples
from rollsight.commands.options import VERBOSE, add_common

__all__ = ["main"]

COMMANDS = (
    "audit",
    "own.check",
    "compare",
    "data.importing",
    "decisions.live",
    "decisions.signals",
    "fetch",
    "own.init",
    "ledger",
    "own.new",
    "models",
    "finished.export",
    "finished.report",
    "finished.reveal",
    "finished.update",
    "run",
    "own.show",
    "sweep",
    "zoo",
)


class _Group(click.Group):
    """Commands whose own errors end in one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except RollsightError as error:
            if ctx.meta.get(VERBOSE):
                click.echo("".join(format_exception(error)), err=True)
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)


@click.group(
    cls=_Group,
    context_settings={"show_default": True, "help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="rollsight")
def main() -> None:
    """Walk-forward backtests that say what they knew, what they earned and why."""


for _path in COMMANDS:
    _module = import_module(f"{__name__}.{_path}")
    _command = getattr(_module, _path.rpartition(".")[2])
    add_common(_command)
    main.add_command(_command)
add_examples(main)
