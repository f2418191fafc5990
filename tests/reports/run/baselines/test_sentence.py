"""What a model adds to its best baseline: one sentence, said in one place."""

import pytest

from rollsight.backtests.ranks.information import Information
from rollsight.reports.page.language import speak
from rollsight.reports.run.baselines.facts import FREQUENCIES, Baselines, ModelFigures
from rollsight.reports.run.baselines.sentence import begun, beside_best, model_title
from rollsight.training.models.families import FAMILIES

NO_RANK = Information(0, None, None, None, None, None, None)
Lead = tuple[float | None, float | None, float | None]


def figures(name: str, gain: float, lead: Lead = (None, None, None)) -> ModelFigures:
    return ModelFigures(
        name, 1.0 - gain, gain, None, None, *lead, NO_RANK, None, 0, None, None
    )  # fmt: skip


def said(gain: float, *others: ModelFigures, name: str = "resnet") -> tuple[str, str] | None:
    constant = figures(FREQUENCIES, 0.0, (gain, None, None))
    return beside_best(Baselines(figures(name, gain), (*others, constant)), speak("en"))


@pytest.mark.parametrize(
    ("lead", "tone", "sentence"),
    [
        ((0.012, 0.004, 0.02), "good",
         "The network adds 0.0120 nats to logistic regression [0.0040, 0.0200]."),
        ((0.001, -0.002, 0.004), "",
         "Logistic regression does as well as the network, which adds 0.0010 nats "
         "[-0.0020, 0.0040]."),
        ((-0.01, -0.03, 0.01), "",
         "Logistic regression does as well as the network, which adds -0.0100 nats "
         "[-0.0300, 0.0100]."),
        ((-0.01, -0.016, -0.004), "bad",
         "Logistic regression does better than the network, by 0.0100 nats [0.0040, 0.0160]."),
        ((0.01, None, None), "",
         "The network adds +0.0100 nats to logistic regression: too few dates for an interval."),
    ],
)  # fmt: skip
def test_a_lead_is_judged_by_its_interval(lead: Lead, tone: str, sentence: str) -> None:
    assert said(0.02, figures("logistic", 0.01, lead)) == (tone, sentence)


def test_the_best_baseline_is_the_one_of_the_lowest_log_loss() -> None:
    worse = figures("logistic", 0.01, (0.02, 0.01, 0.03))
    better = figures("mine:model", 0.04, (-0.01, -0.02, -0.005))
    found = said(0.03, worse, better)
    assert found is not None
    assert found[1].startswith("mine:model does better than the network, by 0.0100 nats")


def test_no_two_families_have_the_same_name() -> None:
    titles = [model_title(name, speak("en")) for name in {*FAMILIES, FREQUENCIES}]
    assert len(set(titles)) == len(titles)


def test_a_lead_over_what_knows_less_than_nothing_is_no_praise() -> None:
    found = said(-0.01, figures("logistic", -0.03, (0.02, 0.01, 0.03)))
    assert found == (
        "",
        "The network adds 0.0200 nats to logistic regression [0.0100, 0.0300]. "
        "Neither beats the class frequencies.",
    )


def test_without_a_trained_baseline_there_is_nothing_to_say() -> None:
    assert said(0.1) is None


def test_a_familys_own_name_stays_as_it_is_and_another_begins_a_sentence() -> None:
    say = speak("en")
    assert model_title("mine:model", say) == begun("mine:model does")[:10] == "mine:model"
    assert begun(model_title("boosting", say)) == "Gradient boosting"
    assert begun(model_title("lightgbm", say)) == "Gradient boosting by LightGBM"
    assert begun(model_title("logistic", speak("ko"))) == "로지스틱 회귀"
