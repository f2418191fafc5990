"""The command rollsight models."""

import click


@click.command()
def models() -> None:
    """List the families of models: what each is, whether seeds change it, what maps it has."""
    from rollsight.training.models.listing import listed

    for line in listed():
        click.echo(line)
