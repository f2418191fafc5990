"""What calls of each command look like, as its help shows them."""

import click

EXAMPLES = {
    "audit": (
        "rollsight audit sample",
        "rollsight audit krx --market data/krx --out runs/krx --trials 500 --jobs 4",
    ),
    "check": (
        "rollsight check mine:rule",
        "rollsight check change --as feature",
    ),
    "compare": (
        "rollsight compare runs/a runs/b",
        "rollsight compare runs/a runs/b runs/c --out compared.html --open",
    ),
    "export": (
        "rollsight export runs/demo trades",
        "rollsight export runs/demo signals --out signals.xlsx",
        "rollsight export runs/demo equity --out - | head",
    ),
    "fetch": (
        "rollsight fetch krx --out data/krx",
        "rollsight fetch us --out data/us --top 100 --start 2015-01-01",
        "rollsight fetch krx --out data/krx --update",
    ),
    "import": (
        "rollsight import prices.csv --out data/mine --calendar XNYS --dry-run",
        "rollsight import folder --out data/mine --calendar XKRX --index KS11=kospi.csv",
    ),
    "init": (
        "rollsight init mine",
        "rollsight init mine --preset krx-rank",
    ),
    "ledger": (
        "rollsight ledger sample --day 2024-01-02",
        "rollsight ledger krx --market data/krx",
    ),
    "live": (
        "rollsight live runs/demo",
        "rollsight live runs/krx --watch --paper --port 9000",
        "rollsight live runs/demo --replay 2024-01-02:2024-12-30 --speed 5",
    ),
    "models": ("rollsight models",),
    "new": (
        "rollsight new feature my_feature",
        "rollsight new rule my_rule",
    ),
    "report": (
        "rollsight report runs/demo --open",
        "rollsight report runs/demo --lang ko --out demo-ko.html",
        'rollsight report runs/demo --sections "headline,Every trade" --out trades.html',
    ),
    "reveal": ("rollsight reveal runs/krx --out runs/krx-revealed",),
    "run": (
        "rollsight run sample --out runs/demo --open",
        "rollsight run krx --market data/krx --out runs/krx --jobs 4",
        "rollsight run sample --out runs/five --set label.horizon=5 --set model.name=mlp",
    ),
    "show": (
        "rollsight show",
        "rollsight show label",
        "rollsight show label.horizon",
    ),
    "signals": (
        "rollsight signals runs/demo",
        "rollsight signals runs/demo --date 2024-01-02 --format csv",
    ),
    "sweep": (
        "rollsight sweep sample --grid label.horizon=5,10,20 --out sweeps/horizon --dry-run",
        "rollsight sweep sample --grid label.up=0.01..0.05 --random 20 --out sweeps/up --jobs 4",
    ),
    "update": (
        "rollsight update runs/krx --fetch",
        "rollsight update runs/demo --jobs 4",
    ),
    "zoo": (
        "rollsight zoo sample --models mlp,logistic --seeds 2 --out zoos/demo --dry-run",
        "rollsight zoo krx-rank --market data/krx --out zoos/krx --jobs 4",
    ),
}
FIRST = (
    "rollsight run sample --out runs/demo --open",
    "rollsight init mine",
    "rollsight show label.horizon",
)
# By shell: the line that lets it complete commands and options, and the file that it belongs in.
COMPLETION = {
    "bash": ('eval "$(_ROLLSIGHT_COMPLETE=bash_source rollsight)"', "~/.bashrc"),
    "zsh": ('eval "$(_ROLLSIGHT_COMPLETE=zsh_source rollsight)"', "~/.zshrc"),
    "fish": ("_ROLLSIGHT_COMPLETE=fish_source rollsight | source", "~/.config/fish/config.fish"),
}


def add_examples(main: click.Group) -> None:
    """End the help of each command with calls of it, and that of all with what completes them."""
    for name, command in main.commands.items():
        if name in EXAMPLES:
            command.epilog = _listed("Examples:", EXAMPLES[name])
    shells = [f"{shell}: {line}" for shell, (line, _) in COMPLETION.items()]
    completion = _listed("Completion by the Tab key, a line in the shell's own file:", shells)
    main.epilog = f"{_listed('Examples:', FIRST)}\n\n{completion}"


def _listed(heading: str, lines: tuple[str, ...] | list[str]) -> str:
    return "\n".join(["\b", heading, *(f"  {line}" for line in lines)])
