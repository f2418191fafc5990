"""Whether the run's own model adds anything to its baselines, in one sentence."""

from rollsight.backtests.baselines.names import CONTROL
from rollsight.reports.page.language import Say
from rollsight.reports.run.baselines.facts import FREQUENCIES, Baselines, ModelFigures


def model_title(name: str, say: Say) -> str:
    """Return what a family of models is called; a user's own has its name."""
    titles = {
        "resnet": say("the network"),
        "resnet18": say("the ResNet-18"),
        "mlp": say("the perceptron"),
        "logistic": say("logistic regression"),
        "boosting": say("gradient boosting"),
        "lightgbm": say("gradient boosting by LightGBM"),
        "ensemble": say("the ensemble"),
        "momentum": say("momentum"),
        "reversal": say("reversal"),
        "low_volatility": say("low volatility"),
        CONTROL: say("the control"),
        "given": say("the given model"),
        FREQUENCIES: say("the class frequencies"),
    }
    return titles.get(name, name)


def best_baseline(found: Baselines) -> ModelFigures | None:
    """Return the baseline of the lowest log-loss, None where nothing can be held against one.

    That is without a baseline, without a label, and of scores, which have no log-loss. The
    frequencies are none: whether they do as well is said in any case. Nor is the control of a
    teacher, which is the run's own model.
    """
    known = [one for one in trained_baselines(found) if one.lead is not None]
    return min(known, key=lambda one: one.log_loss or 0.0) if known else None


def trained_baselines(found: Baselines) -> list[ModelFigures]:
    """Return the baselines that were trained beside the run's own model."""
    return [one for one in found.others if one.name not in (FREQUENCIES, CONTROL)]


def beside_best(found: Baselines, say: Say) -> tuple[str, str] | None:
    """Return a tone, ``good``, ``bad`` or empty, and what the model adds to its best baseline.

    That is the mean difference of their log-losses, row by row, with its interval, which gives the
    tone. None where there is no baseline to hold the model against.
    """
    best = best_baseline(found)
    if best is None:
        return None
    tone, said = _compared(found.model, best, say)
    if max(one.gain or 0.0 for one in (found.model, best)) <= 0:
        tone = "" if tone == "good" else tone
        said = f"{said} {say('Neither beats the class frequencies.')}"
    return tone, said


def _compared(model: ModelFigures, best: ModelFigures, say: Say) -> tuple[str, str]:
    low, high = best.lead_low, best.lead_high
    names = {"model": model_title(model.name, say), "baseline": model_title(best.name, say)}
    if low is None or high is None:
        said = say(
            "{model} adds {nats} nats to {baseline}: too few dates for an interval.",
            nats=f"{best.lead:+.4f}",
            **names,
        )
        return "", begun(said)
    sign = -1 if high < 0 else 1
    ends = sorted((sign * low, sign * high))
    names |= {"nats": f"{sign * (best.lead or 0.0):.4f}", "low": f"{ends[0]:.4f}",
              "high": f"{ends[1]:.4f}"}  # fmt: skip
    if low > 0:
        said = say("{model} adds {nats} nats to {baseline} [{low}, {high}].", **names)
    elif high < 0:
        said = say("{baseline} does better than {model}, by {nats} nats [{low}, {high}].", **names)
    else:
        said = say(
            "{baseline} does as well as {model}, which adds {nats} nats [{low}, {high}].", **names
        )
    return "good" if low > 0 else "bad" if high < 0 else "", begun(said)


def begun(said: str) -> str:
    """Return a sentence with a capital letter, unless it begins with a user's own name."""
    return said if ":" in said.split()[0] else said[0].upper() + said[1:]
