"""How each step from the labels to the account is counted."""

from rollsight.reports.page.language import Say


def step_notes(*, own: bool, say: Say) -> dict[str, str]:
    """Return how each step is counted; ``own`` is that the rule is another than hold."""
    return _notes_of_hold(say) | (_notes_of_another(say) if own else {})


def _notes_of_another(say: Say) -> dict[str, str]:
    return {
        "ranking": say(
            "by how much the labels of the ordered buys differ from the mean of their own date: "
            "which of them the rule chose"
        ),
        "rule": say(
            "the same difference, of trades that the rule sold or kept at another time than the "
            "horizon"
        ),
        "idle_cash": say(
            "what the rule spent differs from an equal part of the equity: its own sizes, whole "
            "shares, short cash, the capacity"
        ),
    }


def _notes_of_hold(say: Say) -> dict[str, str]:
    return {
        "all_buys": say("the ordered buys, had each returned the mean label return of all buys"),
        "room": say(
            "by how much the mean label return of a date's buys differs from that of all, summed "
            "over the ordered buys: on most dates there is no free position"
        ),
        "ranking": say(
            "by how much the labels of the ordered buys differ from the mean of their own date: "
            "the most probable are bought first"
        ),
        "execution": say(
            "trades held to their end whose return is not their label's: extended, or sold in parts"
        ),
        "stops": say("the same difference, of trades that a stop or a target ended"),
        "unlabelled": say(
            "the gross return of trades whose label is not in the data: stocks suspended until "
            "their delisting, and what is still open at the end"
        ),
        "unfilled": say(
            "labels of ordered buys that did not fill. A buy that was locked at its limit or did "
            "not trade has no label, was never counted as a gain, and so costs nothing here"
        ),
        "sizing": say("stakes are a part of the equity, and grow and shrink with it"),
        "idle_cash": say(
            "what of a stake was not spent: the buffer, whole shares, short cash, the capacity"
        ),
    }
