"""What the maps explain, in words: a gradient of a score, Shapley values of trees, or both."""

from rollsight.backtests.chain.attributed import MEMBERS, METHOD, SHAPLEY
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import target_name
from rollsight.reports.run.saliency.attribution import Attribution


def of_trees(about: Attribution) -> bool:
    """Return whether the run's models are trees, explained by Shapley values."""
    return about.methods[0] == SHAPLEY


def of_members(about: Attribution) -> bool:
    """Return whether the run's model is an ensemble, explained by its members' maps."""
    return about.methods[0] == MEMBERS


def explained_name(about: Attribution, say: Say) -> str:
    """Return what is explained, in short."""
    if not of_trees(about) or about.target == "up_logit":
        return target_name(about.target, say)
    return {
        "log_odds": say("the log-odds of UP against the other classes' mean"),
        "predicted": say("the log-odds of the predicted class against the other classes' mean"),
    }[about.target]


def share_name(about: Attribution, say: Say) -> str:
    """Return what the shares are of."""
    if about.methods[0] == METHOD:
        return say("Share of |gradient|")
    return say("Share of |contribution|")


def share_title(about: Attribution, say: Say) -> str:
    """Return what the shares are of, and what they say."""
    if of_trees(about):
        return say("Share of |contribution|: what the trees use")
    if of_members(about):
        return say("Share of |contribution|: what the members use")
    return say("Share of |gradient|: what the network looks at")


def about_maps(about: Attribution, say: Say) -> str:
    """Return what a share and a contribution are, and what is tested."""
    if of_members(about):
        return _about_members(about, say)
    return _about_trees(about, say) if of_trees(about) else _about_gradient(about, say)


def _about_members(about: Attribution, say: Say) -> str:
    text = say(
        "The mean of what each member of the ensemble says for itself: networks by gradient times "
        "input, trees by exact Shapley values (TreeSHAP), both in natural-log units (nats). Where "
        "places are averaged, members are first brought to one scale. A channel's share is of "
        "the absolute values."
    )
    return f"{text} {_untested(say) if about.target == 'predicted' else _tested(say)}"


def _about_trees(about: Attribution, say: Say) -> str:
    text = say(
        "Exact Shapley values of the trees (TreeSHAP, Lundberg et al., 2020): what each channel "
        "adds to {target}, over the mean of train rows, in natural-log units (nats), as a "
        "gradient's contributions are. A channel's share is of their absolute values.",
        target=explained_name(about, say),
    )
    return f"{text} {_untested(say) if about.target == 'predicted' else _tested(say)}"


def _tested(say: Say) -> str:
    return say(
        "Contributions are compared within windows, over blocks of decision dates, and a "
        "difference counts only where the false discovery rate over the channels of its period is "
        "below 5 %."
    )


def _untested(say: Say) -> str:
    return say(
        "Winners are not tested against losers: what speaks for UP in one row and for DOWN in "
        "another are two quantities."
    )


def _about_gradient(about: Attribution, say: Say) -> str:
    if about.target == "predicted":
        return say(
            "Gradient of the log-odds of the class that was predicted, with respect to each "
            "standardised input of every trade's row. A channel's share ranks what the network "
            "looks at. Winners are not tested against losers: what speaks for UP in one row and "
            "for DOWN in another are two quantities, whose difference means nothing. The targets "
            "log_odds and up_logit (attribution.target) are tested."
        )
    return say(
        "Gradient of {target} with respect to each standardised input of every trade's row. A "
        "channel's share ranks what the network looks at; it cannot tell winners from losers. "
        "The signed contribution (gradient times input) can: it is compared within windows, over "
        "blocks of decision dates, and a difference counts only where the false discovery rate "
        "over the channels of its period is below 5 %.",
        target=target_name(about.target, say),
    )


def about_members_checks(say: Say) -> str:
    """Return what was tested of an ensemble."""
    return say(
        "Each member is checked by itself: networks by their seeds, trees by the halves of the "
        "train dates. A window counts where all members pass; the table has the worst of them."
    )


def about_checks(say: Say) -> str:
    """Return what was tested of trees, and what could not be."""
    return say(
        "Tested of trees: skill on validation; that trees of the older and of the newer half of "
        "the train dates, fitted for this alone, explain the same rows alike (a seed changes "
        "nothing of trees); that taking the top channels away moves the score more than taking "
        "random ones; and that Shapley values agree with what the score loses where a channel is "
        "that of other rows. Random weights are not tested: trees have none beside their splits."
    )
