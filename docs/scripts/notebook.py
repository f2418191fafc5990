"""Execute docs/notebook.ipynb and keep what it shows: ``python -m docs.scripts.notebook``."""

import ast
import base64
import contextlib
import copy
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

NOTEBOOK = Path(__file__).parents[1] / "notebook.ipynb"


def executed(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook with the outputs of its cells, which are run in an empty folder."""
    done, names, count = copy.deepcopy(notebook), dict[str, Any](), 0
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for cell in done["cells"]:
                if cell["cell_type"] == "code":
                    count += 1
                    cell["execution_count"] = count
                    cell["outputs"] = _outputs("".join(cell["source"]), names, count)
        finally:
            os.chdir(here)
    return done


def _outputs(source: str, names: dict[str, Any], count: int) -> list[dict[str, Any]]:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed, value = io.StringIO(), None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    outputs = []
    if text := printed.getvalue():
        outputs.append({"output_type": "stream", "name": "stdout", "text": lines(text)})
    if value is not None:
        result = {"output_type": "execute_result", "execution_count": count, "metadata": {}}
        outputs.append({**result, "data": shown(value)})
    return outputs


def shown(value: object) -> dict[str, Any]:
    """Return what a notebook shows of a value, by type of content."""
    data: dict[str, Any] = {"text/plain": lines(repr(value))}
    if isinstance(value, Figure):
        drawn = io.BytesIO()
        value.savefig(drawn, format="png", dpi=80)
        data["image/png"] = base64.b64encode(drawn.getvalue()).decode()
    elif html := getattr(value, "_repr_html_", lambda: None)():
        data["text/html"] = lines(html)
    return data


def lines(text: str) -> list[str]:
    """Return a text as notebooks keep it."""
    return text.splitlines(keepends=True)


if __name__ == "__main__":
    kept = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    NOTEBOOK.write_text(
        json.dumps(executed(kept), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
