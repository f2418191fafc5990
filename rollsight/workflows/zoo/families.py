"""What each family is and costs, for whoever chooses among them: a row for each of FAMILIES."""

from dataclasses import dataclass

from rollsight.training.models.baselines.growth import BoostedSpec
from rollsight.training.models.ensemble import EnsembleSpec
from rollsight.training.models.families import FAMILIES
from rollsight.training.models.family import Family
from rollsight.training.regression.spec import TaskSpec


@dataclass(frozen=True)
class About:
    """A family in a line.

    Attributes
    ----------
    cost
        of training a row, 1 of resnet: a network's of a step; of what learns in no steps, a whole
        fit's beside resnet's of 20 epochs. Measured by tests/benchmarks/families.py with default
        keys, 12 channels and a lookback of 60, one thread of an AMD EPYC, and rounded. Where
        ``training.every`` leaves rows out, all but resnet, which reads every day, cost the less
    what
        it is
    """

    cost: float
    what: str


ABOUT = {
    "resnet": About(1, "an unpadded 1D-ResNet, trained on stretches in one dense pass"),
    "resnet18": About(300, "the padded ResNet-18-1D, which strides, window by window"),
    "resnet34": About(600, "the padded ResNet-34-1D, which knows each day's place"),
    "linear": About(0.4, "one linear layer of the whole window"),
    "mlp": About(0.3, "a multilayer perceptron on the channels of the last day"),
    "rnn": About(3, "a recurrent network that reads each window by itself"),
    "lstm": About(8, "a recurrent network with gates and a memory"),
    "gru": About(9, "a recurrent network with gates"),
    "attention": About(10, "an LSTM whose last state looks back at the states of all days"),
    "transformer": About(30, "an encoder in which each day looks at the days before it"),
    "gaf": About(180, "Gramian angular fields of each channel, and convolutions over them"),
    "cnn1d": About(30, "six narrow convolutions over the days of a window"),
    "cnn2d": About(14, "convolutions of the window as a picture of days by channels"),
    "autoencoder": About(
        3, "an encoder that first learns to rebuild its inputs, and a linear layer"
    ),
    "logistic": About(0.1, "multinomial logistic regression on a few means of each channel"),
    "boosting": About(0.2, "gradient-boosted trees on a few means of each channel"),
    "lightgbm": About(0.1, "the same by LightGBM, which is installed apart"),
    "frequencies": About(0.001, "the class frequencies of the train span, of every row alike"),
    "momentum": About(0.01, "how much a stock rose over 20 sessions, and nothing else"),
    "reversal": About(0.01, "how much a stock fell over 20 sessions, and nothing else"),
    "low_volatility": About(0.02, "how calm a stock was over 60 sessions, and nothing else"),
    "ensemble": About(0.3, "other families, each with its default keys, averaged"),
}


def tasks_of(family: Family) -> tuple[str, ...]:
    """Return what a family can learn, by ``model.task`` where it has a choice."""
    return ("classify", "regress") if issubclass(family.options, TaskSpec) else ("classify",)


def maps_of(family: Family) -> tuple[str, ...]:
    """Return the maps that a family's trades can have."""
    can = family.can
    if issubclass(family.options, BoostedSpec):
        return ("Shapley values",)
    if issubclass(family.options, EnsembleSpec):
        return ("its members' maps",)
    found = ["gradient", "integrated gradients", "occlusion"] if can.differentiable else []
    found += ["Grad-CAM"] if can.cam is not None else []
    return (*found, *(["attention"] if can.attends else []))


def table() -> list[tuple[str, ...]]:
    """Return a heading and a row a family: name, cost, tasks, seeds, maps and what it is."""
    return [
        ("family", "cost", "learns", "seeds", "maps", "what it is"),
        *(
            (
                name,
                f"{ABOUT[name].cost:g}",
                ", ".join(tasks_of(one)),
                "yes" if one.can.seeded else "no",
                ", ".join(maps_of(one)) or "none",
                ABOUT[name].what,
            )
            for name, one in FAMILIES.items()
        ),
    ]
