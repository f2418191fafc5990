"""What a run says of itself and of its decisions, as messages."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from rollsight.base.records import plain
from rollsight.decisions.beside import Opinions
from rollsight.decisions.decider import Decider
from rollsight.decisions.decision import CONFIDENCES, PRICES, Decision
from rollsight.decisions.maps import Heatmap
from rollsight.live.messages import Message
from rollsight.reports.page.language import speak
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.judgement import judged

Body = tuple[Any, ...]
FIGURES = (
    "number", "test_start", "test_stop", "threshold", "no_trade_reason", "skilled", "model_weight",
    "validation_rows", "validation_dates", "validation_precision", "validation_buys",
)  # fmt: skip


def message(run: str, decision: Decision | None, body: Body) -> Message:
    """Return a message about a run, as of a decision."""
    if decision is None:
        return Message(run, None, None, None, body)
    return Message(run, decision.session, decision.decided_at, decision.model, body)


def run_body(decider: Decider, opinions: Opinions) -> Body:
    """Return what a run is."""
    market = decider.ready.market
    first = decider.ready.windows[0].test.start
    return (
        "run",
        {
            "names": {code: market.names.get(code, code) for code in market.codes},
            "currency": market.currency,
            "channels": list(decider.ready.samples.channels),
            "baselines": opinions.names,
            "score": decider.spec.threshold.measure,
            "first": str(market.sessions[first]),
            "last": decider.manifest["market"]["last_session"],
        },
    )


def verdict_body(numbers: RunNumbers) -> Body:
    """Return the run's own verdict, in both languages."""
    word = numbers.verdict.word
    told = {lang: judged(numbers, speak(lang)) for lang in ("en", "ko")}
    return ("verdict", {"word": word, "sentence": told, "lucky": word != "more"})


def decision_bodies(decider: Decider, decision: Decision, opinions: pd.DataFrame) -> Iterator[Body]:
    """Return what was decided in a session."""
    yield window_body(decider, decision)
    rows = decision.rows
    yield ("quote", plain(rows[["code", *PRICES, "change"]].to_numpy(dtype=object).tolist()))
    yield ("confidence", rows["code"].tolist(), _triples(rows))
    if decider.spec.threshold.measure != "p_up":
        yield ("score", rows["code"].tolist(), plain(rows["score"].tolist()))
    best = rows[rows["buy"]].sort_values(["score", "code"], ascending=[False, True])
    yield ("buy", *best["code"])
    for name, own in opinions.groupby("baseline", sort=False):
        codes, p_up, buy = (own[c].tolist() for c in ("code", "p_up", "buy"))
        yield ("baseline", str(name), codes, plain(p_up), buy)


def window_body(decider: Decider, decision: Decision) -> Body:
    """Return what is known of the window in force."""
    own = decider.windows.iloc[decision.window]
    figures = {name: own[name] for name in FIGURES if name in own.index}
    return (
        "window",
        {
            "number": decision.window,
            "threshold": decision.threshold,
            "gate": bool(own["gate_passed"]),
            "gate_reason": str(own["gate_reason"]),
            "next_session": decision.next_session,
            "figures": plain(figures),
        },
    )


def heatmap_body(found: Heatmap) -> Body:
    """Return a saliency map, rounded to what a screen can show."""
    return (
        "heatmap",
        found.code,
        list(found.channels),
        [[round(float(v), 6) for v in row] for row in found.contribution],
    )


def _triples(rows: pd.DataFrame) -> list[list[float] | None]:
    values = rows[list(CONFIDENCES)].to_numpy(dtype="float64")
    known = ~np.isnan(values[:, 0])
    return [
        triple if ok else None for triple, ok in zip(values.tolist(), known.tolist(), strict=True)
    ]
