"""Markets read and laid out for many specs, the last one kept."""

import json
import socket
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from rollsight.backtests.chain.prepared import Prepared, prepare_windows
from rollsight.backtests.chain.signals import Float64, net_returns
from rollsight.backtests.directory.manifest import data_digest
from rollsight.backtests.holdout.market import market_of
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.forecasts import read_forecasts
from rollsight.backtests.trials.paths import Paths, paths_of
from rollsight.base.digests import content_digest
from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import MarketSpec
from rollsight.strategies.costs import dated_costs
from rollsight.strategies.spec import CostSpec
from rollsight.training.given.family import GivenSpec


def data_part(spec: RunSpec) -> str:
    """Return the part of a spec that inputs, labels and windows depend on."""
    parts = [
        getattr(spec, section).model_dump(mode="json")
        for section in ("market", "universe", "features", "label", "windows")
    ]
    unread, teacher = spec.holdout.unread_from, spec.teacher.chosen()
    more = [*([] if unread is None else [str(unread)]), *([teacher] if teacher else [])]
    if isinstance(spec.model, GivenSpec):  # what is answered, and where its windows begin
        more.append({**spec.model.model_dump(mode="json"), "tuned": spec.threshold.tuned})
    return json.dumps([*parts, *more], sort_keys=True)


def signal_part(spec: RunSpec) -> str:
    """Return the part of a spec that its signals depend on: all but what its account does."""
    return spec.model_dump_json(exclude={"strategy"})


class OtherDataError(RollsightError):
    """A market folder, or a user's own code, is not the one that a sweep was planned with."""


class Reader:
    """Reads markets, and keeps the last one, with what was last laid out of it.

    Attributes
    ----------
    digest
        of the market that was read last, of what its teacher says, and of given answers
    """

    def __init__(self) -> None:
        self._alone = threading.Lock()
        self._source: tuple[MarketSpec, int, date | None] | None = None
        self._market: Market | None = None
        self.digest, self._of_market, self._part = "", "", ""
        self._ready: Prepared | None = None
        self._costed: tuple[Prepared, CostSpec, Prepared, Float64] | None = None
        self._paths: tuple[Prepared, tuple[str, ...], str, Paths] | None = None

    def prepare(
        self, spec: RunSpec, data: str | None = None, kept_in: Path | None = None
    ) -> Prepared:
        """Return samples and windows of a spec.

        Parameters
        ----------
        data
            digest that the market must have; None takes it as it is
        kept_in
            folder in which daily features are kept for others; None keeps none

        Raises
        ------
        RollsightError
            If the market cannot carry them.
        OtherDataError
            If the folder holds other data.
        """
        with self._alone:
            if data not in {None, self.digest}:
                self._source, self._ready = None, None  # it may have changed since
            if self._ready is None or self._part != data_part(spec):
                self._ready = prepare_windows(spec, self._read(spec), kept_in)
                self._part = data_part(spec)
                samples = self._ready.samples
                own = [part for part in (samples.soft, samples.given) if part is not None]
                self.digest = content_digest([self._of_market, *own]) if own else self._of_market
            if data not in {None, self.digest}:
                where = f"market.folder={spec.market.folder!r}"
                if spec.teacher.path is not None:
                    where += f" or the teacher {spec.teacher.path!r}"
                if isinstance(spec.model, GivenSpec):
                    where += f" or model.source={spec.model.source!r}"
                raise OtherDataError(
                    f"{where} holds other data on {socket.gethostname()} than the sweep was "
                    "planned with: share one folder, and leave it alone meanwhile"
                )
            return self._ready

    def costed(self, spec: RunSpec, data: str, home: Home) -> tuple[Prepared, Float64]:
        """Return what `prepare` does with the spec's costs, and its label returns after costs.

        Trials that differ in their rules alone share both.
        """
        prepared, kept = self.prepare(spec, data, home.networks), self._costed
        if kept is None or kept[0] is not prepared or kept[1] != spec.costs:
            ready = replace(prepared, costs=dated_costs(spec.costs, prepared.market))
            kept = self._costed = prepared, spec.costs, ready, net_returns(ready)
        return kept[2], kept[3]

    def paths(self, spec: RunSpec, data: str, home: Home, forecasts: Sequence[str]) -> Paths:
        """Return what a trial decides, which trials that differ in their rules alone share.

        Parameters
        ----------
        forecasts
            key of each window's

        Raises
        ------
        RollsightError
            If a forecast is missing or damaged.
        """
        ready, earned = self.costed(spec, data, home)
        keys, part, kept = tuple(forecasts), signal_part(spec), self._paths
        if kept is None or kept[0] is not ready or kept[1:3] != (keys, part):
            found = [one.forecast for one in read_forecasts(home, keys)]
            kept = self._paths = ready, keys, part, paths_of(ready, spec, found, earned)
        return kept[3]

    def _read(self, spec: RunSpec) -> Market:
        source = spec.market, spec.features.lookback, spec.holdout.unread_from
        if self._market is None or self._source != source:
            self._market = market_of(spec)
            self._of_market = data_digest(self._market)
            self._source, self._ready = source, None
        return self._market
