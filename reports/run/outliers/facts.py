"""Which rows of a run lie beyond its gate, and what the buys on both sides of it earned."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.directory.result import Result
from rollsight.base.resampling import Estimate, difference_estimate, mean_estimate
from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.datevariance import date_variance

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Counted:
    """Rows of a span, or of a tenth of the test rows by volatility, and those beyond the gate.

    Attributes
    ----------
    name
        ``train``, ``validation`` or ``test``; or the tenth's number, 1 the calmest
    """

    name: str
    rows: int
    beyond: int


@dataclass(frozen=True)
class Side:
    """The buys on one side of the gate.

    Attributes
    ----------
    buys, labelled
        test rows at or above their window's threshold, and those of them with a label
    precision
        share of the labelled that went UP
    net
        mean label return after costs, fraction
    """

    buys: int
    labelled: int
    precision: Estimate
    net: Estimate


@dataclass(frozen=True)
class Twin:
    """Principal components as many as the autoencoder's code has numbers, beside it.

    Attributes
    ----------
    explained, own
        share of the validation rows' squared distance from the train mean that is rebuilt, by
        the components and by the autoencoder: mean over the windows
    beyond
        test rows beyond the components' own gate
    both
        those that are beyond the autoencoder's too
    better
        windows in which the autoencoder rebuilds more
    """

    explained: float
    own: float
    beyond: int
    both: int
    better: int
    windows: int


@dataclass(frozen=True)
class Outliers:
    """What a run's gate found.

    Attributes
    ----------
    model, action, quantile, code
        of the section [gate]; code is how many numbers a row is rebuilt from
    explained
        as `Twin` has it, of the gate itself
    correlation
        rank correlation of the error over its threshold with the row's volatility, test rows;
        None where either does not vary
    date_share
        share of the variance of being an outlier, 0 or 1, that lies between dates, test rows; None
        where all are, or none
    inside, beyond
        the buys within the gate, and those beyond it, which ``no_buy`` leaves out
    apart
        mean net return inside less beyond
    """

    model: str
    action: str
    quantile: float
    code: int
    explained: float
    spans: tuple[Counted, ...]
    tenths: tuple[Counted, ...]
    correlation: float | None
    date_share: float | None
    inside: Side
    beyond: Side
    apart: Estimate
    twin: Twin | None


def outliers_data(result: Result) -> Outliers | None:
    """Return what a run's gate found; None where it has none."""
    signals, gate, fitted = result.signals, result.spec.gate, result.manifest.get("outliers")
    if fitted is None or "outlier" not in signals:
        return None
    far = signals["outlier"].to_numpy() > 1
    spans = [
        Counted(name, *(sum(f[f"{name}_{what}"] for f in fitted) for what in ("rows", "beyond")))
        for name in ("train", "validation")
    ]
    explained = np.array([f["explained"] for f in fitted])  # (windows, 1 or 2)
    twin = None
    if "outlier_pca" in signals:
        linear = signals["outlier_pca"].to_numpy() > 1
        twin = Twin(
            explained=float(explained[:, 1].mean()),
            own=float(explained[:, 0].mean()),
            beyond=int(linear.sum()),
            both=int((linear & far).sum()),
            better=int((explained[:, 0] > explained[:, 1]).sum()),
            windows=len(fitted),
        )
    inside, beyond, apart = _sides(result, far)
    at, _ = pd.factorize(signals["decided_at"])
    return Outliers(
        model=gate.model,
        action=gate.action,
        quantile=gate.quantile,
        code=gate.code,
        explained=float(explained[:, 0].mean()),
        spans=(*spans, Counted("test", len(far), int(far.sum()))),
        tenths=tuple(_tenths(signals["volatility"].to_numpy(), far)),
        correlation=_correlation(signals["outlier"], signals["volatility"]),
        date_share=date_variance(far.astype(np.float64), at.astype(np.int64)).share,
        inside=inside,
        beyond=beyond,
        apart=apart,
        twin=twin,
    )


def _tenths(volatility: Float64, far: npt.NDArray[np.bool_]) -> Iterator[Counted]:
    order = np.argsort(volatility, kind="stable")
    for number, some in enumerate(np.array_split(order, 10), 1):
        yield Counted(str(number), len(some), int(far[some].sum()))


def _correlation(one: pd.Series, other: pd.Series) -> float | None:
    ranks = pd.DataFrame({"one": one, "other": other}).dropna().rank()
    if len(ranks) < 2 or (ranks.nunique() < 2).any():
        return None
    return float(np.corrcoef(ranks["one"], ranks["other"])[0, 1])


def _sides(result: Result, far: npt.NDArray[np.bool_]) -> tuple[Side, Side, Estimate]:
    """Return the buys inside and beyond, whether they may be bought or not, and how far apart."""
    signals, span = result.signals, result.spec.label.horizon + 1
    at, _ = pd.factorize(signals["decided_at"], sort=True)
    threshold = result.windows.set_index("number")["threshold"].reindex(signals["window"])
    reach = signals["score"].to_numpy() >= threshold.to_numpy()
    known = reach & signals["label"].notna().to_numpy()
    up = np.asarray((signals["label"] == Label.UP).fillna(value=False), dtype=np.float64)
    net: Float64 = signals["net_label_return"].to_numpy(dtype=np.float64)
    at = at.astype(np.int64)

    def side(own: npt.NDArray[np.bool_]) -> Side:
        some = own & known
        precision, earned = (mean_estimate(v[some], at[some], span=span) for v in (up, net))
        return Side(int((own & reach).sum()), int(some.sum()), precision, earned)

    apart = difference_estimate(net[known], ~far[known], at[known], span=span)
    return side(~far), side(far), apart
