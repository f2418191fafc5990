"""What single features rank by themselves, beside the model, corrected for how many they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rollsight.backtests.ranks.information import Information
from rollsight.backtests.ranks.ranked import Ranked
from rollsight.base.resampling import benjamini_hochberg

MODEL = "model"


@dataclass(frozen=True)
class FeatureRank:
    """Mean rank coefficients of a feature, or of the model, with robust t.

    Attributes
    ----------
    name, title
        of the feature; ``model`` is the run's own score
    plain, matched
        among all stocks of the date, and among those as volatile; below 0, high is bad
    q_value
        of ``matched``, adjusted for the number of features; None of the model
    """

    name: str
    title: str
    plain: float | None
    plain_t: float | None
    matched: float | None
    matched_t: float | None
    q_value: float | None


def feature_ranks(found: Sequence[Ranked], titles: Mapping[str, str]) -> tuple[FeatureRank, ...]:
    """Return the model and then the features, those first that rank best at equal volatility."""
    own = [r for r in found if r.name == MODEL]
    others = sorted((r for r in found if r.name != MODEL), key=_strength, reverse=True)
    q_values = benjamini_hochberg([r.matched.p_value for r in others])
    return tuple(
        FeatureRank(r.name, titles.get(r.name, r.name), *_figures(r.plain), *_figures(r.matched), q)
        for r, q in zip([*own, *others], [*(None for _ in own), *q_values], strict=True)
    )


def _figures(found: Information) -> tuple[float | None, float | None]:
    return found.mean, found.t


def _strength(found: Ranked) -> float:
    return abs(found.matched.mean or 0.0)
