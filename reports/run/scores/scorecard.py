"""What was predicted beside what came of it: by window, by year and over the whole run."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.directory.result import Result
from rollsight.backtests.ranks.information import information, rank_coefficients
from rollsight.base.resampling import Estimate, mean_estimate
from rollsight.reports.run.scores.scorefacts import (
    Accuracy,
    AllBuys,
    Classes,
    Draws,
    DrawsOf,
    Scorecard,
    Scores,
    Taken,
    YearScores,
)
from rollsight.reports.run.scores.verdictfacts import verdict_of
from rollsight.reports.statistics.among import rows_among
from rollsight.reports.statistics.baserates import CLASSES
from rollsight.reports.statistics.breakeven import break_even
from rollsight.reports.statistics.calibration import calibration, frequencies_of, skill
from rollsight.reports.statistics.randombuys import Beside, RandomBuys, beside_random, random_buys
from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.evaluation import evaluate

PROBABILITIES = ["p_down", "p_hold", "p_up"]
DRAWN = ["decided_at", "at", "code", "alike", "buy", "plain_label", "p_up", "label_return",
         "net_label_return"]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Card:
    """A run's rows made ready for counting.

    Attributes
    ----------
    rows
        the signals with base rates; ``at`` numbers their decision dates, ``constant`` is the
        class that their window saw most often in training
    taken
        rows that became trades, by number of the trade
    span
        dates that a label spans
    coefficients
        one row a date, its rank information coefficient
    random
        random buys beside all buys, and beside those taken
    """

    rows: pd.DataFrame
    taken: pd.DataFrame
    span: int
    coefficients: pd.DataFrame
    random: dict[str, RandomBuys | None]


def scorecard(result: Result, signals: pd.DataFrame) -> Scorecard:
    """Return the verdict on a run, its figures by window, year and over the whole, and calibration.

    Parameters
    ----------
    signals
        those of the result, with their base rates
    """
    card = _card(result, signals)
    years = card.rows["decided_at"].dt.year
    overall = _scores(card, np.ones(len(card.rows), dtype=np.bool_), result)
    traded = card.taken["at"].to_numpy(np.int64)
    return Scorecard(
        verdict=verdict_of(card.rows, traded, result, overall, span=card.span),
        overall=overall,
        years=tuple(
            YearScores(year=int(y), **vars(_scores(card, (years == y).to_numpy(), result)))
            for y in sorted(years.unique())
        ),
        windows=tuple(
            _scores(card, (card.rows["window"] == number).to_numpy(), result)
            for number in result.windows["number"]
        ),
        skill=skill(
            card.rows,
            frequencies_of(card.rows, result.windows),
            result.windows,
            span=card.span,
        ),
        calibration=tuple(calibration(card.rows, span=card.span)),
        random_buys=DrawsOf(**{k: _draws(found) for k, found in card.random.items()}),
    )


def classes(buys: pd.DataFrame, *, span: int) -> Classes:
    """Return the share of each class among labelled buys beside its base rates.

    The edge is precision less the UP share of equally volatile stocks of the same dates, over the
    buys that have such a base; its interval pairs each buy with its own base. ``independent_buys``
    is how many buys that do not overlap would know the precision as well.
    """
    found: dict[str, Any] = {"labelled": len(buys)}
    for share, name in (("precision", "up"), ("soso_fail", "hold"), ("crucial_fail", "down")):
        hit = _share((buys["plain_label"] == CLASSES[name]), buys["at"], span)
        found |= {share: hit.value, f"{share}_low": hit.low, f"{share}_high": hit.high}
        found[f"base_{name}_of_date"] = _mean(buys[f"{name}_of_date"].dropna())
        found[f"base_{name}_of_alike"] = _mean(buys[f"{name}_of_alike"].dropna())
        if name == "up":
            found["independent_buys"] = _independent(hit, len(buys))
    up = buys["plain_label"] == Label.UP
    return Classes(**found | _edge((up - buys["up_of_alike"]).dropna(), buys["at"], span))


def _card(result: Result, signals: pd.DataFrame) -> Card:
    at, _ = pd.factorize(signals["decided_at"], sort=True)
    rows = signals.assign(at=at.astype(np.int64), constant=_constant(signals, result.windows))
    stock = pd.factorize(signals["code"])[0].astype(np.int32)
    known = rows.assign(code=stock).loc[rows["plain_label"] >= 0, DRAWN]
    span = result.spec.label.horizon + 1
    became = pd.Series(known.index.isin(result.trades["signal"]), known.index)
    buys = {"all_buys": known["buy"], "taken": became}
    rows = rows.drop(columns=["settled_at", "volatility", "action", "label", "code"])
    return Card(
        rows=rows,
        taken=rows.loc[result.trades["signal"]],
        span=span,
        coefficients=rank_coefficients(known),
        random={k: random_buys(known, b, span=span) if b.any() else None for k, b in buys.items()},
    )


def _scores(card: Card, among: npt.NDArray[np.bool_], result: Result) -> Scores:
    """Return figures of some of the rows: of all buys, and of those that became trades."""
    rows = rows_among(card.rows, among)
    figures = evaluate(
        rows[PROBABILITIES].to_numpy(),
        rows["plain_label"].to_numpy(),
        rows["threshold"].to_numpy(),
        score=None if result.spec.threshold.measure == "p_up" else rows["score"].to_numpy(),
    )
    own = among[card.rows.index.get_indexer(card.taken.index)]
    taken, trades = card.taken[own], result.trades[own]
    bought = rows[rows["buy"] & (rows["plain_label"] >= 0)]
    dates = rows["at"].unique()
    return Scores(
        figures=figures,
        accuracy=_accuracy(rows, card.span),
        all_buys=AllBuys(
            buys=int(rows["buy"].sum()),
            **vars(classes(bought, span=card.span)),
            gross_return=_mean(bought["label_return"]),
            net_return=_mean(bought["net_label_return"]),
            random_buys=_random(card.random["all_buys"], dates),
        ),
        taken=Taken(
            trades=len(trades),
            **vars(classes(taken[taken["plain_label"] >= 0], span=card.span)),
            gross_return=_mean(trades["gross_return"]),
            net_return=_mean(trades["net_return"]),
            profitable=_mean(trades["net_return"] > 0),
            profit=float(trades["profit"].sum()),
            random_buys=_random(card.random["taken"], dates),
        ),
        break_even=break_even(bought),
        information=information(
            card.coefficients[card.coefficients["at"].isin(dates)], span=card.span
        ),
    )


def _accuracy(rows: pd.DataFrame, span: int) -> Accuracy:
    """Return how often the labelled rows' most probable class came, beside knowing nothing.

    They are the class that was most frequent in the window's training, and the forecast classes
    dealt out anew among the other stocks of the date, and among those as volatile.
    """
    known = rows["plain_label"].to_numpy() >= 0
    said = rows[PROBABILITIES].to_numpy().argmax(axis=1)[known]
    base = {
        kind: pd.Series(np.choose(said, [rows[f"{n}_of_{kind}"].to_numpy()[known] for n in
                                         ("down", "hold", "up")]))
        for kind in ("date", "alike")
    }  # fmt: skip
    rows = rows.loc[known, ["plain_label", "constant", "at"]].reset_index(drop=True)
    right = said == rows["plain_label"]
    share = _share(right, rows["at"], span)
    return Accuracy(
        value=share.value,
        low=share.low,
        high=share.high,
        base_of_constant=_mean(rows["constant"] == rows["plain_label"]),
        base_of_date=_mean(base["date"].dropna()),
        base_of_alike=_mean(base["alike"].dropna()),
        **_edge((right - base["alike"]).dropna(), rows["at"], span),
    )


def _edge(values: pd.Series, at: pd.Series, span: int) -> dict[str, float | None]:
    found = mean_estimate(values.to_numpy(float), at[values.index].to_numpy(), span=span)
    return {"edge": found.value, "edge_low": found.low, "edge_high": found.high,
            "edge_p_value": found.p_value}  # fmt: skip


def _share(hit: pd.Series, at: pd.Series, span: int) -> Estimate:
    """Return a share with its interval, which ends where shares do."""
    found = mean_estimate(hit.to_numpy(float), at.to_numpy(), span=span)
    if found.low is None or found.high is None:
        return found
    return Estimate(found.value, max(found.low, 0.0), min(found.high, 1.0), found.p_value,
                    found.error, found.blocks)  # fmt: skip


def _independent(share: Estimate, buys: int) -> float | None:
    if share.value is None or share.error is None:
        return None
    return min(share.value * (1 - share.value) / share.error**2, float(buys))


def _random(found: RandomBuys | None, dates: npt.NDArray[np.int64]) -> Beside | None:
    return None if found is None else beside_random(found, np.isin(found.dates, dates))


def _draws(found: RandomBuys | None) -> Draws | None:
    return None if found is None else Draws(len(found.drawn_net), found.renewed)


def _constant(rows: pd.DataFrame, windows: pd.DataFrame) -> npt.NDArray[np.int64]:
    return np.asarray(frequencies_of(rows, windows).argmax(axis=1), dtype=np.int64)


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None
