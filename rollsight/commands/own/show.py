"""The command rollsight show."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rollsight.workflows.own.keys import Key, Section


@click.command()
@click.argument("key", required=False)
def show(key: str | None) -> None:
    """Explain KEY of a specification: what it means, its values, default, presets, an example.

    A key that families of models have in several senses is explained in each.

    Of a section, such as label, list the keys; without KEY, list the sections.
    """
    from rollsight.workflows.own import keys

    if key is None:
        names = ["run", *keys.sections()]
        lines = iter(_columns([(name, keys.section_of(name).meaning) for name in names]))
    elif key in ("run", *keys.sections()):
        lines = _of_section(keys.section_of(key))
    else:
        lines = _of_senses(keys.keys_of(key))
    click.echo("\n".join(lines))


def _of_section(section: "Section") -> Iterator[str]:
    yield f"[{section.name}] {section.meaning}"
    yield ""
    yield from _columns([(key.name, key.default, _meaning(key)) for key in section.keys])


def _meaning(key: "Key") -> str:
    among = ", ".join(key.families)
    return f"{key.meaning} ({among})" if among and key.name != "name" else key.meaning


def _of_senses(keys: "tuple[Key, ...]") -> Iterator[str]:
    for n, key in enumerate(keys):
        yield from [""] if n else []
        yield from _of_key(key)


def _of_key(key: "Key") -> Iterator[str]:
    yield f"{key.path}: {key.meaning}"
    yield ""
    facts = {
        "type": key.kind,
        "default": key.default,
        "models": ", ".join(key.families),
        "presets": ", ".join(f"{name} ({value})" for name, value in key.presets.items()),
    }
    yield from _columns([fact for fact in facts.items() if fact[1]])
    yield ""
    if key.section == "sweep":
        yield f"In TOML: [sweep] {key.example}"
        return
    family = key.families[0] if key.families and "resnet" not in key.families else None
    chosen = f"--set model.name={family} " if family else ""
    yield f"rollsight run sample --out runs/try {chosen}--set {shlex.quote(key.example)}"


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    lines = []
    for *first, last in rows:
        cells = [cell.ljust(width) for cell, width in zip(first, widths, strict=True)]
        lines.append("  ".join([*cells, last]).rstrip())
    return lines
