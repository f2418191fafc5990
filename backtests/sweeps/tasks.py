"""The tasks of a sweep: small enough to travel, each keeps what it finds in a shared folder."""

import socket
import time
from dataclasses import dataclass

from rollsight.backtests.chain.forecasts import forecast
from rollsight.backtests.chain.networks import lineage, networks
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.owncode import forecast_digest, run_digest
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.forecasts import read_forecasts, store_forecast
from rollsight.backtests.sweeps.reader import OtherDataError, Reader
from rollsight.backtests.trials.attempts import Entry, line_of
from rollsight.backtests.trials.otherseeds import run_parts, write_parts
from rollsight.backtests.trials.outcomes import write_outcome
from rollsight.backtests.trials.trial import trade_paths
from rollsight.base.errors import RollsightError
from rollsight.base.files import write_text
from rollsight.base.progress import silent
from rollsight.training.fitting.paths import shared_path
from rollsight.training.fitting.store import Store, load_model
from rollsight.training.models.model import FittedModel, joined

READER = Reader()  # of this process, which performs many tasks


@dataclass(frozen=True)
class FitTask:
    """Train networks of a seed; where they go on from those before, of all windows.

    Attributes
    ----------
    data
        digest of the market
    code
        digest of the code that the spec depends on, as it was planned
    seed
        of the networks, as they have it
    windows
        their numbers
    """

    home: Home
    spec: RunSpec
    data: str
    code: str
    seed: int
    windows: tuple[int, ...]

    def perform(self) -> None:
        """Train them, and keep them."""
        _require_same(forecast_digest(self.spec), self.code)
        ready = READER.prepare(self.spec, self.data, self.home.networks)
        networks(
            ready.samples,
            [ready.windows[n] for n in self.windows],
            self.spec,
            store=Store(shared=self.home.networks),
            progress=silent,
            seeds=[self.seed],
        )


@dataclass(frozen=True)
class ForecastTask:
    """Ask a window's networks for its probabilities.

    Attributes
    ----------
    keys
        of the networks, one a seed
    key
        of the forecast
    """

    home: Home
    spec: RunSpec
    data: str
    code: str
    window: int
    keys: tuple[str, ...]
    key: str

    def perform(self) -> None:
        """Ask them, and keep the answer."""
        _require_same(forecast_digest(self.spec), self.code)
        ready = READER.prepare(self.spec, self.data, self.home.networks)
        try:
            paths = [shared_path(self.home.networks, key) for key in self.keys]
            model = joined([load_model(path) for path in paths])
        except RollsightError:  # damaged, or gone since
            model = self._again(ready)
        of = model, ready.samples, ready.windows[self.window]
        shrink = self.spec.training.shrink
        found = forecast(*of, shrink=shrink)
        store_forecast(found, *of, self.home.forecast(self.key), shrink=shrink)

    def _again(self, ready: Prepared) -> FittedModel:
        store = Store(shared=self.home.networks)
        windows = lineage(ready.windows, self.window, self.spec.training)
        found = networks(ready.samples, windows, self.spec, store=store, progress=silent)
        return found[-1][0]


@dataclass(frozen=True)
class TradeTask:
    """Trade a trial.

    Attributes
    ----------
    forecasts
        key of each window's
    about
        its line of the ledger, should it never end
    """

    home: Home
    spec: RunSpec
    data: str
    code: str
    forecasts: tuple[str, ...]
    about: Entry

    def perform(self) -> None:
        """Trade it, and keep the outcome."""
        _require_same(run_digest(self.spec), self.code)
        key = self.about.key
        write_text(self.home.started(key), line_of(self.about))
        paths = READER.paths(self.spec, self.data, self.home, self.forecasts)
        write_outcome(trade_paths(paths, self.spec), self.home.outcome(key))


@dataclass(frozen=True)
class SeedTask:
    """Trade each part of a trial's networks.

    Attributes
    ----------
    forecasts
        key of each window's
    key
        of the trial
    """

    home: Home
    spec: RunSpec
    data: str
    code: str
    forecasts: tuple[str, ...]
    key: str

    def perform(self) -> None:
        """Trade them, and keep what they come to."""
        _require_same(run_digest(self.spec), self.code)
        ready, _ = READER.costed(self.spec, self.data, self.home)
        stored = list(read_forecasts(self.home, self.forecasts))
        write_parts(run_parts(ready, self.spec, stored), self.home.other_seeds(self.key))


Task = FitTask | ForecastTask | TradeTask | SeedTask


@dataclass(frozen=True)
class Ended:
    """How a task ended.

    Attributes
    ----------
    fault
        why it failed, one line; empty where it did not
    """

    seconds: float | None = None
    fault: str = ""


def perform(task: Task) -> Ended:
    """Perform a task; a fault of its own is returned, one of the surroundings is raised.

    Raises
    ------
    OSError, MemoryError, OtherDataError
        If the folder cannot be written, memory ran out, or the market or the user's own code is
        another: whatever comes next would fail as well.
    """
    began = time.perf_counter()
    fault = ""
    try:
        task.perform()
    except (OSError, MemoryError, OtherDataError):
        raise
    except RollsightError as error:
        fault = str(error)
    except Exception as error:  # noqa: BLE001  # one trial's fault may not stop the others
        fault = f"{type(error).__name__}: {error}"
    return Ended(time.perf_counter() - began, " ".join(fault.split()))


def _require_same(code: str, planned: str) -> None:
    if code != planned:
        raise OtherDataError(
            f"what the spec names of your own has another source on {socket.gethostname()} than "
            "the sweep was planned with: share one folder, leave it alone, and sweep again"
        )
