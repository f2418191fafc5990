"""Networks of the families of torch, not trained."""

from rollsight.training.models.families import family_of
from rollsight.training.networks.learner import StretchNetwork
from rollsight.training.networks.torchfamily import TorchFamily
from rollsight.training.spec import NetworkSpec


def build_network(channels: int, lookback: int, spec: NetworkSpec) -> StretchNetwork:
    """Return an initialised network; its weights follow torch's current random state."""
    family = family_of(spec.name)
    assert isinstance(family, TorchFamily)
    return family.build(channels, lookback, spec)
