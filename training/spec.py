"""How the windows are laid, what network they train, how, and where the threshold is put."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from rollsight.signals.spec import Spec

Score = Literal["p_up", "p_up - p_down"]
Measure = Literal[
    "p_up",
    "p_up - p_down",
    "rank of p_up",
    "rank of p_up - p_down",
    "place of p_up",
    "place of p_up - p_down",
]
MethodName = Literal[
    "integrated_gradients", "grad_cam", "guided_grad_cam", "occlusion", "temporal_rescaling"
]
Init = Literal["normal", "truncated", "kaiming", "xavier", "orthogonal"]
Mode = Literal["retrain", "warm-start", "fine-tune"]
MOST_SEEDS = 1000
TargetName = Literal["log_odds", "up_logit", "predicted"]


class WindowSpec(Spec):
    """Spans of the walk-forward, in sessions of the stocks' exchange."""

    scheme: Literal["rolling", "expanding"] = Field(
        "rolling", description="expanding windows keep every session since the first"
    )
    train_days: int = Field(500, ge=1, description="sessions of training (expanding: at least)")
    validation_days: int = Field(120, ge=1, description="sessions for the threshold")
    test_days: int = Field(60, ge=1, description="sessions that a window's model is used for")


class ModelSpec(Spec):
    """The model: its family, and that family's own keys."""

    name: str = Field(
        "resnet",
        examples=["mlp"],
        description="family of models: resnet (unpadded and dense), resnet18 and resnet34 (the "
        "padded classics, slow), linear, mlp (of the last day, or of all), rnn, lstm, gru, "
        "attention, transformer, gaf, cnn1d, cnn2d, autoencoder (whose encoder first learns "
        "without labels), logistic, boosting, lightgbm (an extra), frequencies, momentum, "
        "reversal, low_volatility, ensemble (of other families), or package.module:name of one "
        "of your own",
    )

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the other families that it is made of."""
        return ()


class NetworkSpec(ModelSpec):
    """The network."""

    width: int = Field(16, ge=1, le=1024, description="channels of each layer")
    blocks: int = Field(1, ge=1, description="residual blocks; each doubles the dilation")
    kernel: int = Field(3, ge=1, description="days that a convolution of a block spans")
    activation: Literal["relu", "gelu", "silu", "tanh", "elu"] = Field(
        "relu", description="between the layers"
    )
    init: Init = Field("kaiming", description="initial weights of the convolutions")
    dropout: float = Field(0.3, ge=0, lt=1, description="share of activations dropped in training")


class TrainingSpec(Spec):
    """The loop."""

    mode: Mode = Field(
        "retrain",
        description="where a window's network starts: anew, or from the weights of the window "
        "before; fine-tune then learns the rows that are new since, beside a replay of older ones",
    )
    replay: float = Field(
        0.5, ge=0, lt=1, description="fine-tune: share of a step's stretches that replay older rows"
    )
    distillation: float = Field(
        0.0, ge=0, description="fine-tune: weight of the divergence from the network before"
    )
    fine_tune_rate: float = Field(
        0.3, gt=0, description="fine-tune: what the learning rate is multiplied by"
    )
    every: int = Field(
        1,
        ge=1,
        description="sessions from one that is learnt to the next, counted back from the end of "
        "the train span; labels of neighbouring sessions overlap, and say little new",
    )
    balance: Literal["rows", "dates"] = Field(
        "rows",
        description="what weighs the same in the loss that is trained and stopped on: each row, "
        "or each date, however many rows it has",
    )
    epochs: int = Field(20, ge=1, description="of 16 steps, at most; left-out dates stop earlier")
    patience: int = Field(
        4,
        ge=1,
        description="epochs without a better log-loss on left-out dates; of 3 and more, one less "
        "where it rose in each",
    )
    learning_rate: float = Field(0.006, gt=0, description="size of the steps of AdamW")
    batch: int = Field(16, ge=1, description="stretches a step; fewer in a small market")
    stretch: int = Field(
        84,
        ge=1,
        description="decisions of one stock in a stretch; mlp, which learns row by row, takes "
        "batch times as many rows a step",
    )
    weight_decay: float = Field(
        0.01, ge=0, description="L2 on the same weights, decoupled from the gradient (AdamW)"
    )
    l1: float = Field(
        0.02,
        ge=0,
        description="on the sum of absolute weights, not of biases or batch norms: keeps the "
        "network from learning dates",
    )
    averaging: float = Field(
        0.98,
        ge=0,
        lt=1,
        description="share of the average of the weights that a step keeps; the averaged network "
        "is stopped and used, 0 takes the weights as they are",
    )
    shrink: bool = Field(
        True,
        description="shrink probabilities towards the class frequencies, by what held on dates "
        "not learnt: a window that found nothing forecasts the frequencies, and buys nothing",
    )
    class_weights: Literal["none", "balanced"] = Field(
        "none",
        description="balanced: each class weighs the same in the loss that is trained and stopped "
        "on; probabilities are then those of equally frequent classes, and seldom show skill",
    )
    device: Literal["cpu", "cuda", "mps"] = Field("cpu", description="where networks are trained")
    seed: int = Field(
        0, ge=0, lt=2**32, description="each gives networks of its own; no setting to choose"
    )
    seeds: int = Field(
        1, ge=1, le=MOST_SEEDS, description="networks per window, their probabilities averaged"
    )

    @property
    def chained(self) -> bool:
        """Each window's network starts from that of the window before."""
        return self.mode != "retrain"

    @property
    def network_seeds(self) -> range:
        """The seed of each network of a window, which no other ``seed`` has.

        >>> [list(TrainingSpec(seed=s, seeds=3).network_seeds) for s in (0, 1)]
        [[0, 1, 2], [1000, 1001, 1002]]
        """
        first = self.seed * MOST_SEEDS
        return range(first, first + self.seeds)


class ThresholdSpec(Spec):
    """Where a buy begins, tuned on validation."""

    score: Score = Field("p_up", description="what must reach the threshold")
    per: Literal["all", "date"] = Field(
        "all",
        description="all: a row's own score is held against the threshold; date: its rank, the "
        "share of the other rows of its date that score lower, so that the best of a date are "
        "bought",
    )
    best: int | None = Field(
        None,
        ge=1,
        description="buy so many of each date, the highest scores first and equal ones by code; "
        "nothing is tuned then, and per, min_buys, min_dates and min_blocks are not used",
        examples=[5],
    )
    at: float | None = Field(
        None,
        description="buy what scores so much or more: the threshold is given, nothing is tuned, "
        "and min_buys, min_dates and min_blocks are not used",
        examples=[0.6],
    )
    objective: Literal["precision", "net_return", "f_beta"] = Field(
        "precision", description="what a threshold must have most of, over its validation buys"
    )
    beta: float = Field(0.5, gt=0, description="of f_beta; below 1, precision weighs more")
    min_buys: int = Field(30, ge=1, description="validation buys that a threshold must leave")
    min_dates: int = Field(
        15, ge=1, description="distinct dates that these must lie on, since stocks move together"
    )
    min_blocks: int = Field(
        4,
        ge=1,
        description="blocks of dates, one label span long, that they must lie on, since labels of "
        "neighbouring dates overlap",
    )
    min_score: float | None = Field(
        None,
        description="objective that a threshold must reach, else the window does not trade",
        examples=[0.5],
    )
    require_skill: bool = Field(
        False, description="a window without skill on validation does not trade"
    )

    @model_validator(mode="after")
    def _one_way(self) -> "ThresholdSpec":
        if self.at is not None and self.best is not None:
            raise ValueError(f"at={self.at} and best={self.best} exclude each other: leave one out")
        return self

    @property
    def tuned(self) -> bool:
        """Where a buy begins is chosen on validation."""
        return self.at is None and self.best is None

    @property
    def measure(self) -> Measure:
        """What is held against the threshold.

        >>> [t.measure for t in (ThresholdSpec(), ThresholdSpec(per="date"), ThresholdSpec(best=3))]
        ['p_up', 'rank of p_up', 'place of p_up']
        """
        if self.best is not None:
            return "place of p_up" if self.score == "p_up" else "place of p_up - p_down"
        if self.per == "all":
            return self.score
        return "rank of p_up" if self.score == "p_up" else "rank of p_up - p_down"

    @property
    def by_date(self) -> bool:
        """A row is held against the others of its date, whatever the other dates have."""
        return self.best is not None or self.per == "date"


class AttributionSpec(Spec):
    """What explains a trade beside its gradient; another choice trains nothing anew."""

    methods: tuple[MethodName, ...] = Field(
        (),
        examples=[("occlusion",)],
        description="beside gradient and gradient x input: integrated_gradients, grad_cam, "
        "guided_grad_cam, occlusion, temporal_rescaling",
    )
    target: TargetName = Field(
        "log_odds",
        description="what is explained: log-odds of UP, raw score of UP, or log-odds of the class "
        "that was predicted, which is summed and not tested",
    )

    @field_validator("methods")
    @classmethod
    def _each_once(cls, methods: tuple[MethodName, ...]) -> tuple[MethodName, ...]:
        twice = [m for i, m in enumerate(methods) if m in methods[:i]]
        if twice:
            raise ValueError(f"{twice[0]!r} is named twice: name each method once")
        return methods
