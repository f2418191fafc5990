"""The command rollsight check."""

import click


@click.command()
@click.argument("name")
@click.option("--as", "kind", help="What it is, such as rule. [default: told by what it has]")
@click.pass_context
def check(ctx: click.Context, /, name: str, kind: str | None) -> None:
    """Hold your own rule or other member, NAME=package.module:name, to the rules of its kind.

    A line a rule; exit code 1 where one is broken.
    """
    from rollsight.workflows.check import check as hold

    kind, found = hold(name, kind)
    click.echo(f"{name} is a {kind}")
    for finding in found:
        fault = f": {finding.fault}" if finding.fault else ""
        click.echo(f"{'FAILED' if fault else 'passed'}  {finding.rule}{fault}")
    if any(finding.fault for finding in found):
        ctx.exit(1)
