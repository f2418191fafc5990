"""Markets read and laid out for many specs, the last one kept."""

import json
import socket
import threading
from datetime import date
from pathlib import Path

from rollsight.backtests.chain.prepared import Prepared, prepare_windows
from rollsight.backtests.directory.manifest import data_digest
from rollsight.backtests.holdout.market import market_of
from rollsight.backtests.spec import RunSpec
from rollsight.base.digests import content_digest
from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import MarketSpec


def data_part(spec: RunSpec) -> str:
    """Return the part of a spec that inputs, labels and windows depend on."""
    parts = [
        getattr(spec, section).model_dump(mode="json")
        for section in ("market", "universe", "features", "label", "windows")
    ]
    unread, teacher = spec.holdout.unread_from, spec.teacher.chosen()
    more = [*([] if unread is None else [str(unread)]), *([teacher] if teacher else [])]
    return json.dumps([*parts, *more], sort_keys=True)


class OtherDataError(RollsightError):
    """A market folder, or a user's own code, is not the one that a sweep was planned with."""


class Reader:
    """Reads markets, and keeps the last one, with what was last laid out of it.

    Attributes
    ----------
    digest
        of the market that was read last, and of what its teacher says
    """

    def __init__(self) -> None:
        self._alone = threading.Lock()
        self._source: tuple[MarketSpec, int, date | None] | None = None
        self._market: Market | None = None
        self.digest, self._of_market, self._part = "", "", ""
        self._ready: Prepared | None = None

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
                soft, own = self._ready.samples.soft, self._of_market
                self.digest = own if soft is None else content_digest([own, soft])
            if data not in {None, self.digest}:
                where = f"market.folder={spec.market.folder!r}"
                if spec.teacher.path is not None:
                    where += f" or the teacher {spec.teacher.path!r}"
                raise OtherDataError(
                    f"{where} holds other data on {socket.gethostname()} than the sweep was "
                    "planned with: share one folder, and leave it alone meanwhile"
                )
            return self._ready

    def _read(self, spec: RunSpec) -> Market:
        source = spec.market, spec.features.lookback, spec.holdout.unread_from
        if self._market is None or self._source != source:
            self._market = market_of(spec)
            self._of_market = data_digest(self._market)
            self._source, self._ready = source, None
        return self._market
