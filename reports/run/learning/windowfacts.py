"""A row of the table of windows, as the report has it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WindowFacts:
    """What a window was fitted on, what it chose, and how its networks and maps were judged.

    Attributes
    ----------
    train_start, train_stop
        a span is [start, stop), ISO days
    purged_rows
        of training, whose labels settle later
    threshold
        None where the window does not trade, for the reason given
    threshold_low, threshold_high, threshold_near, threshold_optimism
        of resampled validation spans: where they put the threshold, the share that chooses the
        same or the next, and the part of its figure that is the choice's own luck
    model_weight
        of the networks in the probabilities, the rest is the class frequencies'
    seed_weights, seed_thresholds
        of each network alone, and of each half of them
    skilled
        the forecasts beat the class frequencies on validation; None of scores
    frequency_down, frequency_hold, frequency_up
        of the classes in training; ``frequency_log_loss`` is that of always forecasting them
    validation_variance, test_variance
        of the probabilities of UP of the rows tuned on, and of all test rows
    validation_date_share, test_date_share
        share of that which lies between dates, None where there is none
    best_epoch, train_loss, validation_loss
        of each network; the last on rows that are not learnt
    validation_dates
        distinct dates of the rows that the threshold was tuned on
    curve_threshold, curve_buys, curve_precision, curve_net_return, curve_score
        what each candidate gives on validation
    curve_dates, curve_blocks
        distinct dates that its buys lie on, and blocks of dates, one label span long
    gate_passed, gate_reason
        whether the maps passed their checks, and which they failed
    importance
        log-loss gained by permuting each channel, nats
    """

    number: int
    train_start: str
    train_stop: str
    validation_start: str
    validation_stop: str
    test_start: str
    test_stop: str
    train_rows: int
    validation_rows: int
    validation_dates: int
    test_rows: int
    test_stocks: int
    purged_rows: int
    threshold: float | None
    no_trade_reason: str
    threshold_low: float | None
    threshold_high: float | None
    threshold_near: float | None
    threshold_optimism: float | None
    model_weight: float
    seed_weights: tuple[float, ...]
    seed_thresholds: tuple[float | None, ...]
    skilled: bool | None
    frequency_log_loss: float
    frequency_down: float
    frequency_hold: float
    frequency_up: float
    validation_base_up: float | None
    validation_base_hold: float | None
    validation_base_down: float | None
    validation_accuracy: float | None
    validation_accuracy_thresholded: float | None
    validation_buys: int
    validation_precision: float | None
    validation_soso_fail: float | None
    validation_crucial_fail: float | None
    validation_log_loss: float | None
    test_base_up: float | None
    test_base_hold: float | None
    test_base_down: float | None
    test_accuracy: float | None
    test_accuracy_thresholded: float | None
    test_buys: int
    test_precision: float | None
    test_soso_fail: float | None
    test_crucial_fail: float | None
    test_log_loss: float | None
    validation_variance: float
    validation_date_share: float | None
    test_variance: float
    test_date_share: float | None
    best_epoch: tuple[int, ...]
    train_loss: tuple[tuple[float, ...], ...]
    validation_loss: tuple[tuple[float, ...], ...]
    curve_threshold: tuple[float, ...]
    curve_buys: tuple[int, ...]
    curve_dates: tuple[int, ...]
    curve_blocks: tuple[int, ...]
    curve_precision: tuple[float | None, ...]
    curve_net_return: tuple[float | None, ...]
    curve_score: tuple[float | None, ...]
    gate_passed: bool
    gate_reason: str | None
    gate_seeds: float | None
    gate_randomised: float | None
    gate_deletion: float | None
    gate_methods: float | None
    importance: tuple[float | None, ...]
