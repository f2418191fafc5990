"""The page says of trees what was computed, in which unit, and what was tested."""

import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.run.saliency.attribution import Attribution, Importance, LeftOut
from rollsight.reports.run.saliency.explained import (
    about_checks,
    about_maps,
    explained_name,
    share_name,
)
from rollsight.training.spec import TargetName

EN, KO = speak("en"), speak("ko")


def attribution(method: str, target: TargetName = "log_odds") -> Attribution:
    return Attribution(
        target=target,
        methods=(method,),
        left_out=LeftOut(1, 0, {}),
        lags={},
        stability={},
        importance=Importance(None, None, {}),
        groups={},
    )


def test_trees_have_shapley_values_in_nats_and_networks_a_gradient() -> None:
    trees, network = attribution("shapley"), attribution("gradient")
    assert "Exact Shapley values" in about_maps(trees, EN)
    assert "nats" in about_maps(trees, EN)
    assert "false discovery rate" in about_maps(trees, EN)
    assert about_maps(network, EN).startswith("Gradient of the log-odds of UP")
    assert [share_name(own, EN) for own in (trees, network)] == [
        "Share of |contribution|", "Share of |gradient|",
    ]  # fmt: skip
    assert "섀플리" in about_maps(trees, KO)


@pytest.mark.parametrize(
    ("target", "name"),
    [("log_odds", "the log-odds of UP against the other classes' mean"),
     ("up_logit", "the raw score of UP"),
     ("predicted", "the log-odds of the predicted class against the other classes' mean")],
)  # fmt: skip
def test_what_is_explained_of_trees_is_what_is_additive_in_them(
    target: TargetName, name: str
) -> None:
    about = attribution("shapley", target)
    assert explained_name(about, EN) == name
    assert name in about_maps(about, EN)
    assert ("not tested" in about_maps(about, EN)) == (target == "predicted")


def test_the_checks_of_trees_are_named_and_what_is_not_checked() -> None:
    assert "older and of the newer half" in about_checks(EN)
    assert "Random weights are not tested" in about_checks(EN)
    assert "절반" in about_checks(KO)
