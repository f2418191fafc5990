"""Features on disk: a file each, mapped into memory by all who read it."""

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rollsight.base.arithmetic import instructions
from rollsight.base.digests import code_of, content_digest
from rollsight.base.files import write_file
from rollsight.signals.features.panel import StockPanel

Float32 = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Kept:
    """The features of one market in a folder of any number of markets.

    Attributes
    ----------
    folder
        with a file a feature
    shape
        (n_stocks, n_days)
    """

    folder: Path
    shape: tuple[int, ...]

    def has(self, name: str) -> bool:
        """Return whether a feature is kept."""
        return self._path(name).is_file()

    def read(self, name: str) -> Float32 | None:
        """Return a feature, mapped and not to be written to; None where it is not whole."""
        try:
            found: Float32 = np.load(self._path(name), mmap_mode="r")
        except (OSError, ValueError):
            return None
        return found if found.shape == self.shape and found.dtype == np.float32 else None

    def write(self, name: str, numbers: Float32) -> None:
        """Keep a feature."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_file(self._path(name), partial(_save, numbers))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npy"


def kept(folder: Path, panel: StockPanel, has_bar: Flags, max_staleness: int) -> Kept:
    """Return where the features of a panel are kept, by a digest of all that they depend on."""
    known = [panel.leaps, panel.traded, panel.market, has_bar, max_staleness]
    key = content_digest([_code(), panel.columns, known])
    return Kept(folder / f"features-{key}", has_bar.shape)


@cache  # what this process runs, whatever becomes of the files meanwhile
def _code() -> tuple[str, ...]:
    files = [p for of in ("*.py", "daily/*.py") for p in sorted(Path(__file__).parent.glob(of))]
    return np.__version__, instructions("numpy"), *map(code_of, files)


def _save(numbers: Float32, path: Path) -> None:
    with path.open("wb") as file:  # of a path numpy would make another name
        np.save(file, numbers)
