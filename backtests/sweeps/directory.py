"""A sweep's directory: whose it is, and where in it everything lies."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rollsight.backtests.changes import placed
from rollsight.backtests.directory.directory import LOCK, RUNNING, locked
from rollsight.backtests.spec import RunSpec, to_toml
from rollsight.backtests.sweeps.spec import SweepSpec, sweep_toml
from rollsight.base.errors import RollsightError
from rollsight.base.files import whole_name, write_text
from rollsight.signals.folder.reading import Folder
from rollsight.signals.memory.writing import write_folder
from rollsight.training.fitting.paths import forecast_path

MARKER = "# A rollsight sweep; rollsight sweep takes this file up again."
SPEC = "sweep.toml"
MARKET = "market"  # a market that was in memory, as a folder


@dataclass(frozen=True)
class Home:
    """Where a sweep keeps what it finds.

    Attributes
    ----------
    networks
        a folder that runs and sweeps share, with what the networks forecast
    """

    out: Path
    networks: Path

    def forecast(self, key: str) -> Path:
        """Return where a window's forecast is kept."""
        return forecast_path(self.networks, key)

    def outcome(self, key: str) -> Path:
        """Return where a trial's outcome is kept."""
        return self.out / "outcomes" / f"{key}.arrays"

    def other_seeds(self, key: str) -> Path:
        """Return where is kept what parts of a trial's networks come to."""
        return self.out / "seeds" / f"{key}.arrays"

    def started(self, key: str) -> Path:
        """Return the mark of a trial that was begun, and has not ended."""
        return self.begun / key

    @property
    def begun(self) -> Path:
        """The folder of these marks."""
        return self.out / "begun"

    def make(self) -> None:
        """Make the folders that are missing."""
        own = (self.out / name for name in ("outcomes", "seeds", "begun"))
        for folder in (self.networks, *own):
            folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def claim_sweep(out: Path, spec: RunSpec, sweep: SweepSpec) -> Iterator[None]:
    """Make ``out`` a sweep's directory, and keep every other sweep from it meanwhile.

    Raises
    ------
    RollsightError
        If it is a file, a folder that holds something else, or another sweep's at present.
    """
    refuse_foreign(out)
    with ExitStack() as held:
        try:
            out.mkdir(parents=True, exist_ok=True)
            held.enter_context(locked(out))
            write_text(out / SPEC, f"{MARKER}\n{to_toml(placed(spec))}\n{sweep_toml(sweep)}\n")
        except OSError as error:
            raise RollsightError(f"--out {out} cannot be written ({error.strerror})") from error
        yield


def kept_market(out: Path, market: Folder) -> Path:
    """Write a market in memory into a sweep's directory, and return its folder.

    Raises
    ------
    RollsightError
        If the directory cannot be a sweep's, or holds another market.
    """
    refuse_foreign(out)
    return write_folder(market, out / MARKET)


def refuse_foreign(out: Path) -> None:
    """Raise where a folder cannot be, or become, a sweep's directory."""
    if out.exists() and not out.is_dir():
        raise RollsightError(
            f"--out {out} is a file: name a new folder, or one of an earlier sweep"
        )
    path = out / SPEC
    if not out.is_dir() or (path.is_file() and path.read_text("utf-8-sig").startswith(MARKER)):
        return
    foreign = [p.name for p in out.iterdir() if whole_name(p) not in {LOCK, RUNNING, SPEC, MARKET}]
    foreign += [SPEC] if path.exists() else []
    if foreign:
        raise RollsightError(
            f"--out {out} holds {sorted(foreign)[:5]} but no sweep of rollsight: name a new "
            "folder, or one of an earlier sweep"
        )
