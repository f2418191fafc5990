"""One window's networks put to use: its threshold and its test probabilities."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.backtests.chain.networks import network
from rollsight.backtests.spec import RunSpec
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.evaluation import Figures, evaluate
from rollsight.training.deciding.inference import Rows, log_loss, predict, rows_of
from rollsight.training.deciding.stability import Stability, stability
from rollsight.training.deciding.threshold import ThresholdCurve, buy_score, tune
from rollsight.training.fitting.store import Store
from rollsight.training.fitting.windows import Window, known_rows, purged_rows
from rollsight.training.models.model import FittedModel, joined
from rollsight.training.spec import Score


@dataclass(frozen=True, eq=False)
class Fold:
    """A window, its model, its threshold and its out-of-sample probabilities.

    Attributes
    ----------
    train_rows, validation_rows, purged : rows learnt from, tuned on, and settled too late for both
    frequency_loss : validation log-loss of always forecasting the train frequencies, nats
    skilled : the model's validation log-loss is below that
    validation, test : figures of the validation and the test rows at the chosen threshold
    stability : what other validation dates would have chosen
    rows, probability : the usable rows of the test span and their (n, 3) probabilities
    score : what of them is held against the threshold
    reused : the networks were read from the store
    """

    window: Window
    model: FittedModel
    curve: ThresholdCurve
    stability: Stability
    train_rows: int
    validation_rows: int
    purged: int
    frequency_loss: float
    skilled: bool
    validation: Figures
    test: Figures
    rows: Rows
    probability: npt.NDArray[np.float64]
    score: Score
    reused: bool

    @property
    def held(self) -> npt.NDArray[np.float64]:
        """What each row holds against the threshold, (n,)."""
        return buy_score(self.probability, self.score)


def run_fold(
    samples: SampleSet,
    net_return: npt.NDArray[np.float64],
    window: Window,
    spec: RunSpec,
    store: Store,
) -> Fold:
    """Fit a window, or read its stored model, tune its threshold, and score its test span.

    Alone, a window has none before it: its networks are trained from scratch in every mode.

    Parameters
    ----------
    net_return : (n_stocks, n_days) label return after costs, fraction
    """
    networks = [network(samples, window, spec, s, store) for s in spec.training.network_seeds]
    model, reused = joined([n for n, _ in networks]), all(r for _, r in networks)
    return score(model, samples, net_return, window, spec, reused=reused)


def score(
    model: FittedModel,
    samples: SampleSet,
    net_return: npt.NDArray[np.float64],
    window: Window,
    spec: RunSpec,
    *,
    reused: bool = True,
) -> Fold:
    """Tune a fitted window's threshold, and score its test span."""
    known = known_rows(samples, window.validation, window.test.start)
    tuned_on = rows_of(known, window.validation.start)
    label = samples.labels.label[tuned_on.stock, tuned_on.day]
    probability = predict(model, samples, tuned_on)
    frequency_loss = log_loss(np.tile(model.frequencies, (len(label), 1)), label)
    skilled = log_loss(probability, label) < frequency_loss
    earned = net_return[tuned_on.stock, tuned_on.day]
    asked, span = spec.threshold, spec.label.horizon + 1
    held = buy_score(probability, asked.score)
    curve = tune(held, label, earned, spec=asked, skilled=skilled)
    test = slice(window.test.start, window.test.stop)
    rows = rows_of(samples.usable[:, test], window.test.start)
    threshold = np.nan if curve.value is None else curve.value
    tested = predict(model, samples, rows)
    outcome = samples.labels.label[rows.stock, rows.day]
    return Fold(
        window=window,
        model=model,
        curve=curve,
        stability=stability(curve, held, label, earned, tuned_on.day, spec=asked, span=span),
        train_rows=int(known_rows(samples, window.train, window.validation.start).sum()),
        validation_rows=len(tuned_on),
        purged=purged_rows(samples, window),
        frequency_loss=frequency_loss,
        skilled=skilled,
        validation=evaluate(probability, label, np.full(len(label), threshold), score=asked.score),
        test=evaluate(tested, outcome, np.full(len(rows), threshold), score=asked.score),
        rows=rows,
        probability=tested,
        score=asked.score,
        reused=reused,
    )
