"""The section on each window's threshold and training."""

from typing import Any

from rollsight.reports import figures
from rollsight.reports.html import figure, section
from rollsight.reports.language import Say


def thresholds(metrics: dict[str, Any], say: Say) -> str:
    """Return validation precision by threshold and the loss curves, a panel a window."""
    return section(
        "thresholds",
        say("Thresholds and training"),
        figure(
            figures.thresholds_figure(metrics),
            "Precision of the validation buys by threshold, one panel a window (number, start of "
            "its test span). Red: the threshold taken. Dotted: the test span's base rate.",
        ),
        figure(
            figures.losses_figure(metrics),
            "Log-loss by epoch: grey train, blue validation, the dot marks the weights kept. Red "
            "dashes: always forecasting the train frequencies; a window above them has no skill.",
        ),
    )
