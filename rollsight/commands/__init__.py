"""The command line: one file a command."""

from importlib import import_module
from typing import Any

import click

from rollsight.base.errors import RollsightError

__all__ = ["main"]

COMMANDS = (
    "audit",
    "check",
    "compare",
    "fetch",
    "init",
    "ledger",
    "live",
    "report",
    "run",
    "signals",
    "sweep",
    "update",
)


class _Group(click.Group):
    """Commands whose own errors end in one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except RollsightError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Group, context_settings={"show_default": True})
@click.version_option(package_name="rollsight")
def main() -> None:
    """Walk-forward backtests that say what they knew, what they earned and why."""


for _name in COMMANDS:
    main.add_command(getattr(import_module(f"{__name__}.{_name}"), _name))
