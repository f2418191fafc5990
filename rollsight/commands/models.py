"""The command rollsight models."""

import click


@click.command()
def models() -> None:
    """List the families of models: the cost of a training row, 1 of resnet, and what each can do.

    The cost of what learns in no steps, such as trees, is a whole fit's beside resnet's.
    """
    from rollsight.workflows.zoo.families import table

    rows = table()
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
