"""The command rollsight init."""

from pathlib import Path

import click

from rollsight.base.errors import RollsightError


@click.command()
@click.argument("name")
@click.option(
    "--preset", default=None, help="Preset to start from; unset: NAME where it is one, or sample."
)
def init(name: str, preset: str | None) -> None:
    """Write NAME.toml: every key of a preset, with its default and what it means."""
    from rollsight.backtests.spec import preset_names, read_spec, to_toml

    if not name.removesuffix(".toml"):
        raise RollsightError(f"NAME={name!r} is empty: name the spec, as in rollsight init mine")
    path = Path(name if name.endswith(".toml") else f"{name}.toml")
    if path.exists():
        raise RollsightError(f"{path} exists already: delete it, or choose another name")
    if not path.parent.is_dir():
        raise RollsightError(f"{path.parent} is no folder: make it first")
    chosen = preset or (path.stem if path.stem in preset_names() else "sample")
    spec = read_spec(chosen, [f"name={path.stem}"])
    path.write_text(to_toml(spec), encoding="utf-8")
    click.echo(
        f"Wrote {path}, as the preset {chosen} is; try: rollsight run {path} --out runs/{path.stem}"
    )
