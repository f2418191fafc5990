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
    "data.importing",
    "decisions.live",
    "decisions.signals",
    "fetch",
    "init",
    "ledger",
    "models",
    "finished.report",
    "finished.reveal",
    "finished.update",
    "run",
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
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Group, context_settings={"show_default": True})
@click.version_option(package_name="rollsight")
def main() -> None:
    """Walk-forward backtests that say what they knew, what they earned and why."""


for _path in COMMANDS:
    _module = import_module(f"{__name__}.{_path}")
    main.add_command(getattr(_module, _path.rpartition(".")[2]))
