"""Pages of the reference, made from the code whenever the site is built (a hook of MkDocs)."""

import json
import re
import types
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import click
from annotated_types import Ge, Gt, Le, Lt, MinLen
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import rollsight
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.spec import SweepSpec
from rollsight.base.toml import toml_value
from rollsight.commands import main
from rollsight.commands.examples import EXAMPLES
from rollsight.signals.features import STOCK_FEATURES, STOCK_SETS
from rollsight.signals.folder.settings import IndexEntry, MarketToml
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.training.models.families import FAMILIES
from rollsight.workflows.zoo.families import table as families_table

Made = Mapping[str, Callable[[], Iterator[str]]]
BOUNDS = {Ge: ("≥", "ge"), Gt: (">", "gt"), Le: ("≤", "le"), Lt: ("<", "lt")}
PROTOCOLS = (
    "signals.features.StockFeature",
    "signals.features.IndexFeature",
    "training.models.family.Family",
    "training.models.family.Capabilities",
    "strategies.rules.Rule",
    "strategies.rules.Session",
    "strategies.rules.Position",
    "strategies.rules.Order",
    "signals.vendors.vendor.Vendor",
)
COMMON = ("help", "quiet", "verbose")
WORDS = {
    bool: "true or false", int: "whole number", float: "number", str: "text", type(None): "unset"
}  # fmt: skip


def spec() -> Iterator[str]:
    """Yield the keys of a run's specification, of a sweep and of a market folder."""
    yield "# Every key of a specification"
    yield (
        "`rollsight init mine` writes these keys into `mine.toml`, each with its default. "
        "`--set section.key=value` changes one for a single call, and `--set section.key=none` "
        "unsets one that may be unset. Unknown keys are refused. [The guide](../spec.md) says what "
        "belongs together."
    )
    plain = {n: f for n, f in RunSpec.model_fields.items() if not _is_section(f)}
    yield "## Above all sections"
    yield from _keys(plain)
    for name, field in RunSpec.model_fields.items():
        if _is_section(field) and name != "model":
            yield from _section(f"[{name}]", type(field.default))
        elif name == "model":
            yield from _families()
    yield from _section("[sweep]", SweepSpec)
    yield "## market.toml"
    yield "What a market folder says of itself; see [your own data](../data.md)."
    yield from _keys({n: f for n, f in MarketToml.model_fields.items() if n != "indices"})
    yield "### [indices.SYMBOL]"
    yield _first_line(IndexEntry)
    yield from _keys(IndexEntry.model_fields)


def _families() -> Iterator[str]:
    shared = RunSpec.model_fields["model"].annotation
    known = shared.model_fields if isinstance(shared, type) else {}
    yield "## [model]"
    yield "The model: its family, and that family's own keys. [Families](models.md) lists them."
    yield from _keys(known)
    for name, family in FAMILIES.items():
        own = {n: f for n, f in family.options.model_fields.items() if n not in known}
        if own:
            yield f'### model.name = "{name}"'
            yield from _keys(own)


def commands() -> Iterator[str]:
    """Yield each command with its options."""
    yield "# Commands"
    yield (
        "Each takes `--help`, `--quiet` and `--verbose`; [the guide](../commands.md) has what is "
        "common to all. Misuse and bad input end with exit code 2 and one line."
    )
    for name in sorted(main.commands):
        command = main.commands[name]
        yield from _command(command, click.Context(command, info_name=f"rollsight {name}"))


def _command(command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield f"## {ctx.info_name}"
    yield f"```\n{' '.join([ctx.info_name or '', *command.collect_usage_pieces(ctx)])}\n```"
    yield _escaped((command.help or "").replace("\b", "").strip())
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from _command(below, click.Context(below, info_name=f"{ctx.info_name} {name}"))
        return
    with ctx:
        records = [
            r for p in command.params if (r := p.get_help_record(ctx)) and p.name not in COMMON
        ]
    yield _table(("Option", ""), [(f"`{option}`", _escaped(told)) for option, told in records])
    yield "```bash\n" + "\n".join(EXAMPLES.get(command.name or "", ())) + "\n```"


def models() -> Iterator[str]:
    """Yield the families of models."""
    heading, *rows = families_table()
    yield "# Families of models"
    yield (
        "`model.name` takes one of these, or `package.module:name` of "
        "[your own](../extending.md). Cost is that of training a row, 1 of `resnet`; of what "
        "learns in no steps, such as trees, it is a whole fit's beside a whole fit of `resnet`."
    )
    yield _table(heading, [(f"`{row[0]}`", *row[1:]) for row in rows])


def features() -> Iterator[str]:
    """Yield the features of stocks."""
    yield "# Features"
    yield (
        "`features.stock` takes these names, `package.module:name` of "
        "[your own](../extending.md), or a set: "
        + "; ".join(f"`{name}` is {len(names)} of them" for name, names in STOCK_SETS.items())
        + ". Units are those before scaling or ranking; *sessions before* says how many earlier "
        "sessions a value uses."
    )
    rows = [
        (
            f"`{name}`",
            str(getattr(one, "title", "")) or "change of the close",
            str(getattr(one, "group", "")),
            one.unit,
            ", ".join(one.needs),
            str(one.warm_up),
        )
        for name, one in STOCK_FEATURES.items()
    ]
    yield _table(("Name", "What it is", "Group", "Unit", "Columns", "Sessions before"), rows)


def indices() -> Iterator[str]:
    """Yield the indices that are known by name."""
    yield "# Known indices"
    yield (
        "When the value of a date becomes known, for the symbols that rollsight knows. Any other "
        "index says it itself, in [market.toml](../data.md#indices)."
    )
    rows = []
    for symbol, entry in SYMBOLS.items():
        when = entry.publication
        clock = f"close of {when.calendar}" if when.calendar else f"{when.close:%H:%M}"
        lag = f" + {when.lag_hours:g} h" if when.lag_hours else ""
        kind = "yield in per cent" if when.unit == "percent" else "price"
        rows.append(
            (f"`{symbol}`", when.name, f"{clock}{lag}, {when.timezone}", kind,
             ", ".join(f"`{a}`" for a in entry.aliases), _escaped(entry.note or ""))
        )  # fmt: skip
    yield _table(("Symbol", "Name", "Known", "Unit", "Also called", ""), rows)


def api() -> Iterator[str]:
    """Yield the public names, for mkdocstrings to fill in."""
    yield "# Python"
    yield (
        "`import rollsight` gives these names. Everything else may change without notice, but for "
        "what [members of your own](../extending.md) build on, below."
    )
    for name in rollsight.__all__:
        public = getattr(rollsight, name)
        within = getattr(public, "__all__", None) if isinstance(public, types.ModuleType) else None
        yield from (f"::: rollsight.{name}.{below}" for below in within or ())
        if within is None:
            yield f"::: rollsight.{name}"
    yield "## Tables of a run"
    yield "::: rollsight.backtests.directory.result.Result"
    yield "## For members of your own"
    yield from (f"::: rollsight.{name}" for name in PROTOCOLS)


PAGES: Made = {
    "reference/spec.md": spec,
    "reference/commands.md": commands,
    "reference/api.md": api,
    "reference/models.md": models,
    "reference/features.md": features,
    "reference/indices.md": indices,
}


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.default, BaseModel)


def _section(heading: str, kind: type[BaseModel]) -> Iterator[str]:
    yield f"## {heading}"
    yield _first_line(kind)
    yield from _keys(kind.model_fields)


def _first_line(kind: type[BaseModel]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def _keys(fields: Mapping[str, FieldInfo]) -> Iterator[str]:
    rows = [
        (f"`{name}`", _default(field), _allowed(field), _escaped(field.description or ""))
        for name, field in fields.items()
    ]
    yield _table(("Key", "Default", "Takes", "What it means"), rows)


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined:
        return "unset"
    return f"`{toml_value(value)}`"


def _allowed(field: FieldInfo) -> str:
    bounds = [
        f"{sign} {getattr(rule, attribute):g}"
        for rule in field.metadata
        for kind, (sign, attribute) in BOUNDS.items()
        if isinstance(rule, kind)
    ]
    some = [f"at least {rule.min_length}" for rule in field.metadata if isinstance(rule, MinLen)]
    return ", ".join([_type(field.annotation), *some, *bounds])


def _type(kind: Any) -> str:
    origin = get_origin(kind)
    if origin is Literal:
        return " \\| ".join(f"`{choice}`" for choice in get_args(kind))
    if origin in (Union, types.UnionType):
        return " or ".join(_type(part) for part in get_args(kind) if part is not type(None))
    if origin in (tuple, list):
        return f"list of {_type(get_args(kind)[0])}"
    if origin is dict:
        return "table"
    if hasattr(kind, "__metadata__"):
        return _type(kind.__origin__)
    return WORDS.get(kind, getattr(kind, "__name__", str(kind)))


def _escaped(text: str) -> str:
    for sign in ("|", "<", "*", "[", "]"):
        text = text.replace(sign, f"\\{sign}")
    return text


def _table(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heading, ("---",) * len(heading), *rows]
    return "\n".join("| " + " | ".join(" ".join(c.split()) for c in row) + " |" for row in lines)


def notebook(path: Path) -> Iterator[str]:
    """Yield the cells of an executed notebook, as Markdown and HTML."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        yield text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```"
        for output in cell.get("outputs", []):
            shown = output.get("data", {"text/plain": output.get("text", "")})
            plain = "".join(shown.get("text/plain", "")).rstrip()
            if "text/html" in shown:
                html = "".join(shown["text/html"]).replace(' border="1" class="dataframe"', "")
                html = re.sub(
                    r'<a href="(?!http)[^>]*>(.*?)</a>', r"\1", html
                )  # of the run's folder
                yield f'<div class="output">{html}</div>'
            elif "image/png" in shown:
                png = "".join(shown["image/png"]).replace("\n", "")
                yield f'<img alt="{plain}" src="data:image/png;base64,{png}">'
            else:
                yield f"```\n{plain}\n```"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to those of the folder."""
    pages = dict(PAGES)
    executed = Path(config.docs_dir) / "notebook.ipynb"
    if executed.is_file():
        pages["notebook.md"] = lambda: notebook(executed)
    for name, make in pages.items():
        files.append(File.generated(config, name, content="\n\n".join(make()) + "\n"))
    return files
