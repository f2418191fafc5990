"""What a run's baselines say of the rows that it decides itself."""

import pandas as pd

from rollsight.backtests.baselines.specs import baseline_name, baseline_specs
from rollsight.backtests.chain.basis import last_session
from rollsight.backtests.chain.fold import decided
from rollsight.backtests.chain.forecasts import forecast
from rollsight.backtests.chain.signals import decision_table, net_returns
from rollsight.backtests.directory.result import read_table
from rollsight.backtests.spec import RunSpec
from rollsight.decisions.decider import Decider
from rollsight.training.fitting.paths import network_path
from rollsight.training.fitting.store import load_networks_of

OPINION = ["baseline", "code", "p_up", "threshold", "buy"]


class Opinions:
    """The baselines of a run: read where the run has scored them, else from their networks."""

    def __init__(self, decider: Decider) -> None:
        self.decider = decider
        self.specs = baseline_specs(decider.spec)
        self._scored: pd.DataFrame | None = None
        self._windows: dict[tuple[str, int], pd.DataFrame] = {}

    @property
    def names(self) -> list[str]:
        """The baselines' families, and ``control`` where a teacher has one."""
        return [baseline_name(spec) for spec in self.specs]

    def at(self, day: int) -> pd.DataFrame:
        """Return what each baseline says at the close of a session, one row a baseline and stock.

        Returns
        -------
        DataFrame with the columns baseline, code, p_up, threshold and buy
        """
        market = self.decider.ready.market
        if market.sessions[day] <= last_session(self.decider.manifest):
            found = self._of_run(pd.Timestamp(market.sessions[day]))
        else:
            found = self._now(day)
        return found[OPINION].reset_index(drop=True)

    def _of_run(self, at: pd.Timestamp) -> pd.DataFrame:
        if self._scored is None:
            self._scored = read_table(self.decider.out, "baselines")
        return self._scored[self._scored["decided_at"] == at]

    def _now(self, day: int) -> pd.DataFrame:
        """Return what their stored networks say of a session that the run has not scored."""
        parts = [self._window(spec, day) for spec in self.specs]
        return pd.concat([part[part["day"] == day] for part in parts] or [_NOTHING])

    def _window(self, spec: RunSpec, day: int) -> pd.DataFrame:
        decider, name = self.decider, baseline_name(spec)
        ready, window = decider.ready, decider.window_of(day)
        decider.model_of(window)  # refuses a window that does not stand any more
        if (name, window.number) not in self._windows:
            (facts,) = (one for one in decider.manifest["baselines"] if one["name"] == name)
            folder = decider.out / "models"
            paths = [network_path(folder, window.number, s, name) for s in facts["seeds"]]
            model = load_networks_of(paths, facts["model_digests"][window.number])
            said = forecast(model, ready.samples, window, shrink=spec.training.shrink)
            fold = decided(said, ready.samples, net_returns(ready), window, spec)
            table = decision_table(ready.market, [fold])
            codes = pd.array(ready.market.codes, dtype="str").take(table["stock"].to_numpy())
            self._windows[name, window.number] = table.assign(code=codes, baseline=name)
        return self._windows[name, window.number]


_NOTHING = pd.DataFrame(columns=["day", *OPINION])
