"""Families of models by name: a new one is a file beside this one and a line here."""

from collections.abc import Callable

from rollsight.base.named import find
from rollsight.training.architectures.attention import ATTENTION
from rollsight.training.architectures.autoencoder import AUTOENCODER
from rollsight.training.architectures.cnn1d import CNN1D_FAMILY
from rollsight.training.architectures.cnn2d import CNN2D_FAMILY
from rollsight.training.architectures.gaf import GAF_FAMILY
from rollsight.training.architectures.mlp import LINEAR, MLP_FAMILY
from rollsight.training.architectures.padded import RESNET18, RESNET34
from rollsight.training.architectures.recurrent import GRU, LSTM, RNN
from rollsight.training.architectures.transformer import TRANSFORMER
from rollsight.training.given.family import GIVEN
from rollsight.training.models.baselines.boosting import BOOSTING
from rollsight.training.models.baselines.factors import LOW_VOLATILITY, MOMENTUM, REVERSAL
from rollsight.training.models.baselines.frequencies import FREQUENCIES
from rollsight.training.models.baselines.lightgbm import LIGHTGBM, library
from rollsight.training.models.baselines.logistic import LOGISTIC
from rollsight.training.models.ensemble import EnsembleFamily
from rollsight.training.models.family import Family
from rollsight.training.networks.resnet import RESNET
from rollsight.training.spec import ModelSpec

FAMILIES: dict[str, Family] = {
    "resnet": RESNET,
    "resnet18": RESNET18,
    "resnet34": RESNET34,
    "linear": LINEAR,
    "mlp": MLP_FAMILY,
    "autoencoder": AUTOENCODER,
    "rnn": RNN,
    "lstm": LSTM,
    "gru": GRU,
    "attention": ATTENTION,
    "transformer": TRANSFORMER,
    "gaf": GAF_FAMILY,
    "cnn1d": CNN1D_FAMILY,
    "cnn2d": CNN2D_FAMILY,
    "logistic": LOGISTIC,
    "boosting": BOOSTING,
    "lightgbm": LIGHTGBM,
    "frequencies": FREQUENCIES,
    "momentum": MOMENTUM,
    "reversal": REVERSAL,
    "low_volatility": LOW_VOLATILITY,
    "ensemble": EnsembleFamily(lambda name: family_of(name)),  # noqa: PLW0108 - it comes below
}

LOOKED_UP = "given"  # the one that learns nothing, and so is no family to choose among

# What a family's fit imports beyond what is always installed; it raises where there is none.
EXTRAS: dict[str, Callable[[], object]] = {"lightgbm": library}

NEEDS = ("options", "can", "fit", "restore")


def family_of(name: str) -> Family:
    """Return a family by its name, or a user's own by ``package.module:name``.

    Raises
    ------
    RollsightError
        If there is none.
    """
    return find("family", name, FAMILIES | {LOOKED_UP: GIVEN}, NEEDS)


def options_of(name: str) -> type[ModelSpec]:
    """Return the type of a family's section ``[model]``."""
    return family_of(name).options


def parts_of(model: ModelSpec) -> tuple[ModelSpec, ...]:
    """Return the sections of the other families that a model is made of, as by default."""
    return tuple(options_of(name)(name=name) for name in model.parts)


def require_installed(name: str, parts: tuple[str, ...] = ()) -> None:
    """Raise where a family, or one of its parts, cannot be fitted here without its package.

    Raises
    ------
    RollsightError
        Saying how it is installed.
    """
    for own in (name, *parts):
        family_of(own)
        if own in EXTRAS:
            EXTRAS[own]()
