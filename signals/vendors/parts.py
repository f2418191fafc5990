"""What has come so far of a fetch, one file a series, so that an interrupted one goes on."""

import json
import shutil
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.base.files import write_bytes, write_file
from rollsight.signals.vendors.plan import FetchPlan
from rollsight.signals.vendors.vendor import Stock

FOLDER = ".parts"
Kind = Literal["prices", "indices"]


class Parts:
    """The hidden folder of a fetch that is not finished."""

    def __init__(self, out: Path) -> None:
        self.folder = out / FOLDER

    def begin(self, asked: dict[str, Any], plan: FetchPlan) -> None:
        """Record what was asked for and what that means."""
        for kind in ("prices", "indices"):
            (self.folder / kind).mkdir(parents=True, exist_ok=True)
        text = json.dumps({"asked": asked, "plan": asdict(plan)}, default=str, ensure_ascii=False)
        write_bytes(self.folder / "plan.json", text.encode())

    def asked(self) -> dict[str, Any] | None:
        """Return what was asked for; None where no fetch has begun."""
        found = self._recorded()
        return None if found is None else found["asked"]

    def plan(self) -> FetchPlan:
        """Return the plan that was begun."""
        found = self._recorded()
        if found is None:
            raise FileNotFoundError(self.folder / "plan.json")
        plan = found["plan"]
        for key in ("stocks", "gone"):
            plan[key] = tuple(_stock(s) for s in plan[key])
        for key in ("start", "end"):
            plan[key] = date.fromisoformat(plan[key])
        for key in ("indices", "unreached"):
            plan[key] = tuple(plan[key])
        for key in ("closed", "opened"):
            plan[key] = tuple(date.fromisoformat(day) for day in plan[key])
        return FetchPlan(**plan)

    def _recorded(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads((self.folder / "plan.json").read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return found

    def write(self, kind: Kind, name: str, table: pd.DataFrame) -> None:
        """Keep a series that was accepted."""
        write_file(self._path(kind, name), lambda beside: table.to_parquet(beside, index=False))

    def read(self, kind: Kind, name: str) -> pd.DataFrame | None:
        """Return a series that came; None where it did not, or its file is damaged."""
        path = self._path(kind, name)
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError):
            return None

    def lacks(self, name: str) -> bool:
        """Say whether a stock is known to be had no more."""
        return self._path("prices", name, "missing").is_file()

    def mark_missing(self, name: str, reason: str) -> None:
        """Record that a delisted stock is had no more, so that it is not asked for again."""
        write_bytes(self._path("prices", name, "missing"), reason.encode())

    def _path(self, kind: Kind, name: str, ending: str = "parquet") -> Path:
        if {"/", "\\"} & set(name):
            raise RollsightError(f"{name!r} is no code: it holds a slash, and would lead elsewhere")
        return self.folder / kind / f"{name}.{ending}"

    def remove(self) -> None:
        """Delete the parts; without the plan, whatever of them may stay is no fetch any more."""
        (self.folder / "plan.json").unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def _stock(found: dict[str, Any]) -> Stock:
    delisted = found["delisted"]
    return Stock(**{**found, "delisted": date.fromisoformat(delisted) if delisted else None})
