"""The command rollsight new."""

import shlex

import click


@click.command()
@click.argument("kind", type=click.Choice(["feature", "model", "rule"]))
@click.argument("name")
def new(kind: str, name: str) -> None:
    """Write NAME.py with a feature, model or rule that works, to be changed into your own."""
    from rollsight.workflows.own.members import change_of, new_member

    path = new_member(kind, name)
    change = shlex.quote(change_of(kind, path.stem))
    click.echo(f"Wrote {path}: its first lines say what to change. Then:")
    click.echo(f"  rollsight check {path.stem}:{kind}")
    click.echo(f"  rollsight run sample --out runs/{path.stem} --set {change}")
