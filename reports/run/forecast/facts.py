"""How far the forecast returns of a run were from what came, beside constant forecasts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.chain.signals import FORECASTS
from rollsight.backtests.directory.result import Result
from rollsight.backtests.ranks.information import Information, information, rank_coefficients

Float64 = npt.NDArray[np.float64]

LARGEST = 20  # rows whose share of the squared error is told
SEGMENTS, LENGTH = 8, 20


@dataclass(frozen=True)
class Errors:
    """How far one forecast was off; errors are fractions, or their squares.

    Attributes
    ----------
    name
        ``model``, ``zero`` or ``train mean``
    r2
        1 less the model's squared error over this one's; None of the model itself
    largest
        share of the `LARGEST` rows in the sum of squares
    """

    name: str
    mse: float
    mae: float
    median: float
    largest: float
    r2: float | None


@dataclass(frozen=True)
class Tenth:
    """A tenth of the rows by forecast, lowest first, and what came; means, fractions."""

    rows: int
    forecast: float
    outcome: float


@dataclass(frozen=True)
class Segment:
    """Consecutive decisions of one stock."""

    code: str
    first: str
    forecast: tuple[float, ...]
    outcome: tuple[float, ...]
    mse: float


@dataclass(frozen=True)
class ReturnForecasts:
    """What a run forecast of returns, and what came.

    Attributes
    ----------
    errors
        of the model, of zero and of each window's train mean, on the same rows
    correlation
        of forecast and outcome over all rows; None where either does not vary
    """

    rows: int
    errors: tuple[Errors, ...]
    correlation: float | None
    coefficient: Information
    tenths: tuple[Tenth, ...]
    segments: tuple[Segment, ...]


def forecast_data(result: Result) -> ReturnForecasts | None:
    """Return the figures of a run that forecasts returns; None of one that does not."""
    signals = result.signals
    if any(name not in signals for name in FORECASTS):
        return None
    at, _ = pd.factorize(signals["decided_at"], sort=True)
    rows = signals.assign(at=at.astype(np.int64))[signals["label"].notna()]
    forecast, constant = (rows[name].to_numpy(np.float64) for name in FORECASTS)
    outcome = rows["label_return"].to_numpy(np.float64)
    if not len(rows):
        return None
    own = (outcome - forecast) ** 2
    ranks = rank_coefficients(rows.assign(p_up=forecast))
    return ReturnForecasts(
        rows=len(rows),
        errors=(
            _errors("model", outcome - forecast, None),
            _errors("zero", outcome, own),
            _errors("train mean", outcome - constant, own),
        ),
        correlation=_correlation(forecast, outcome),
        coefficient=information(ranks, span=result.spec.label.horizon + 1),
        tenths=tuple(_tenths(forecast, outcome)),
        segments=tuple(_segments(rows)),
    )


def _errors(name: str, off: Float64, model: Float64 | None) -> Errors:
    square = off**2
    total = float(square.sum())
    return Errors(
        name=name,
        mse=float(square.mean()),
        mae=float(np.abs(off).mean()),
        median=float(np.median(square)),
        largest=float(np.sort(square)[-LARGEST:].sum() / total) if total else 0.0,
        r2=None if model is None or not total else 1 - float(model.sum()) / total,
    )


def _correlation(one: Float64, other: Float64) -> float | None:
    if not one.std() or not other.std():
        return None
    return float(np.corrcoef(one, other)[0, 1])


def _tenths(forecast: Float64, outcome: Float64) -> list[Tenth]:
    order = np.argsort(forecast, kind="stable")
    return [
        Tenth(len(some), float(forecast[some].mean()), float(outcome[some].mean()))
        for some in np.array_split(order, 10)
        if len(some)
    ]


def _segments(rows: pd.DataFrame) -> list[Segment]:
    """Return random stretches of decisions; the draw is the same for the same rows."""
    sizes = rows.groupby("code", sort=True).size()
    codes = sizes.index[sizes >= LENGTH].to_numpy()
    rng, found = np.random.default_rng(0), []
    for code in rng.choice(codes, SEGMENTS) if len(codes) else ():
        own = rows[rows["code"] == code].sort_values("decided_at")
        first = int(rng.integers(0, len(own) - LENGTH + 1))
        some = own.iloc[first : first + LENGTH]
        forecast, outcome = (some[c].to_numpy(np.float64) for c in ("forecast", "label_return"))
        found.append(
            Segment(
                code=str(code),
                first=str(some["decided_at"].iloc[0].date()),
                forecast=tuple(map(float, forecast)),
                outcome=tuple(map(float, outcome)),
                mse=float(((forecast - outcome) ** 2).mean()),
            )
        )
    return found
