"""What a run was made of: digests, versions, and the facts of its data."""

from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from rollsight.backtests.account import statistics
from rollsight.backtests.account.deaths import deaths_held
from rollsight.backtests.account.impossible import impossible_facts
from rollsight.backtests.audit.leadlag import lead_lags
from rollsight.backtests.chain.basis import basis
from rollsight.backtests.chain.fold import FittedFold
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.directory.result import FORMAT
from rollsight.backtests.holdout.looks import rows_digests
from rollsight.backtests.owncode import own_sources, run_digest
from rollsight.backtests.spec import RunSpec
from rollsight.base.arithmetic import LIBRARIES as COMPUTING
from rollsight.base.arithmetic import instructions
from rollsight.base.digests import content_digest
from rollsight.signals.features.groups import groups_of
from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.known.symbols import Publication
from rollsight.signals.prices.market import Market
from rollsight.training.fitting.keys import code_digest
from rollsight.training.fitting.store import model_digest
from rollsight.training.gate.model import gate_of

LIBRARIES = ("backtrader", "exchange-calendars", "numpy", "pandas", "quantstats",
             "scikit-learn", "torch")  # fmt: skip


def manifest(
    spec: RunSpec, ready: Prepared, folds: Sequence[FittedFold], residual: float
) -> dict[str, Any]:
    """Return the manifest of a run, ready for JSON.

    Parameters
    ----------
    residual
        largest gap between the equity and its recomputation, quote currency
    """
    market, samples, own = ready.market, ready.samples, own_sources(spec)
    tested = market.sessions[folds[0].window.test.start :]
    groups = groups_of(samples.own, samples.shared)
    return {
        "format": FORMAT,
        "rollsight": version("rollsight"),
        "code_digest": code_digest(spec.model.name, spec.model.parts),
        "chain_digest": run_digest(spec),
        "instructions": {name: instructions(name) for name in COMPUTING},
        "libraries": {name: version(name) for name in LIBRARIES},
        "spec": spec.model_dump(mode="json"),
        "spec_digest": spec.digest,
        "data_digest": data_digest(market),
        "model_digests": [model_digest(f.model) for f in folds],
        "model_keys": [list(f.model.keys) for f in folds],
        "basis": [basis(ready, f.window, len(market.sessions)) for f in folds],
        "seeds": list(spec.training.network_seeds),
        "market": {
            "exchange": market.exchange,
            "currency": market.currency,
            "book": market.book,
            "stocks": len(market.codes),
            "stocks_ending_for_good": int((market.endings.session >= 0).sum()),
            "closes_only": market.closes_only,
            "first_session": str(market.sessions[0]),
            "last_session": str(market.sessions[-1]),
            "sessions_per_year": statistics.sessions_per_year(tested),
            "notes": list(market.notes),
        },
        "impossible": impossible_facts(market, samples.labels),
        "channels": [
            {"name": channel.name, "title": channel.title, "unit": channel.unit}
            for channel in (*samples.own, *samples.shared)
        ],
        "ledger": [_published(s, p) for s, p in market.publications.items()],
        "leading": _leading(spec, market, samples),
        "losses": [asdict(loss) for loss in ready.losses],
        "equity_residual": residual,
        **({"groups": groups} if groups else {}),
        **_holdout(spec, market),
        **({"deaths": deaths_held(market)} if market.book == "krx" else {}),
        **_gate(folds),
        **_given(samples),
    } | ({"own_sources": own} if own else {})


def _given(samples: SampleSet) -> dict[str, Any]:
    """Return the digest of the answers that were given; nothing where a model learnt."""
    return {} if samples.given is None else {"signals_digest": content_digest(samples.given)}


def _gate(folds: Sequence[FittedFold]) -> dict[str, Any]:
    """Return what each window's gate found where it was fitted; nothing without one."""
    gates = [gate_of(fold.model) for fold in folds]
    found = [asdict(gate.facts) for gate in gates if gate is not None]
    return {"outliers": found} if found else {}


def _holdout(spec: RunSpec, market: Market) -> dict[str, Any]:
    """Return from when on sessions are held out, and by which rows before that they are known.

    Without a holdout they are all rows, by which looks of others at these sessions are found.
    """
    start = spec.holdout.start
    rows = rows_digests(market, start)
    if start is None:
        return {"rows": rows}
    return {"holdout": {"start": str(start), "opened": spec.holdout.opened, "rows": rows}}


def _leading(spec: RunSpec, market: Market, samples: SampleSet) -> list[dict[str, Any]]:
    """Return the indices that tell of the next session and whose time market.toml has verified."""
    if spec.features.join != "as-of" or not any(p.verified for p in market.publications.values()):
        return []
    return [asdict(f) for f in lead_lags(market, samples) if f.early and f.verified]


def data_digest(market: Market) -> str:
    """Return the digest of all that a market holds: prices, membership, rules, names, indices."""
    return content_digest(market)


def _published(symbol: str, publication: Publication) -> dict[str, Any]:
    where = f"{publication.calendar} calendar" if publication.calendar else publication.timezone
    close = "its close" if publication.calendar else f"{publication.close:%H:%M}"
    return {
        "symbol": symbol,
        "name": publication.name,
        "known": f"{close}, {where}",
        "lag_hours": publication.lag_hours,
        "unit": publication.unit,
        "verified": publication.verified,
    }
