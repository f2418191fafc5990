"""What a map explains: a score of each class, and the class whose score it is."""

import torch
from torch import Tensor, nn

from rollsight.signals.inputs.labels import Label
from rollsight.training.models.loading import Ensemble, window_scores
from rollsight.training.models.pooling import log_sum
from rollsight.training.spec import TargetName


def log_odds(log_probability: Tensor) -> Tensor:
    """Return log(p / (1 - p)) of each class, (n, 3), of log-probabilities (n, 3)."""
    others = [[c for c in Label if c != own] for own in Label]
    by_class = log_probability.T
    against = torch.stack([log_sum(by_class[pair]) for pair in others], dim=-1)
    return log_probability - against


class Scores(nn.Module):
    """What is explained of an ensemble: of each class its log-odds, or its mean raw score."""

    def __init__(self, ensemble: Ensemble, kind: TargetName) -> None:
        super().__init__()
        self.ensemble = ensemble
        self.kind = kind

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, 3) of windows (n, channels, lookback)."""
        if self.kind == "up_logit":
            return torch.stack([window_scores(n, x) for n in self.ensemble.networks]).mean(0)
        return log_odds(self.ensemble(x))

    def target(self, x: Tensor) -> Tensor:
        """Return the class (n,) that is explained: UP, or the one predicted."""
        if self.kind == "predicted":
            with torch.no_grad():
                likely: Tensor = self.ensemble(x).argmax(-1)
                return likely
        return torch.full((len(x),), int(Label.UP))


def gradient_of(scores: Scores, x: Tensor, target: Tensor) -> Tensor:
    """Return the gradient (n, channels, lookback) of each row's own class by its input x."""
    x = x.detach().requires_grad_()
    own = scores(x).gather(1, target[:, None])
    (gradient,) = torch.autograd.grad(own.sum(), x)
    return gradient
