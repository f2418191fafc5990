"""What the rule that holds the best of a date needs a spec to say."""

from typing import Any

import pytest

from rollsight.backtests.ranking import require_ranking, require_sales
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.base.errors import RollsightError


def ranked(strategy: dict[str, Any] | None = None, best: int | None = 20, **other: Any) -> RunSpec:
    own = {"rule": "rank", "max_positions": 20, **(strategy or {})}
    return check_spec({"strategy": own, "threshold": {"best": best}, **other}, "test")


def test_a_whole_ranking_is_taken_and_other_rules_are_asked_for_nothing() -> None:
    require_ranking(ranked({"every": 20, "keep": 60, "tranches": 4}))
    require_ranking(ranked({"rule": "hold", "tranches": 3}, best=None))


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        (ranked(best=None), "strategy.rule='rank' holds the best of each date and no threshold is "
                            "tuned for it: set threshold.best=20 or more"),
        (ranked(best=10), "threshold.best=10 of a date cannot fill strategy.max_positions=20: "
                          "raise threshold.best, or lower strategy.max_positions"),
        (ranked({"keep": 19}), "strategy.keep=19 is less than strategy.max_positions=20, so that "
                               "what was just bought would be sold: raise it, or leave it out"),
        (ranked({"keep": 200}, universe={"top": 200}),
         "strategy.keep=200 of the universe.top=200 members of a date never sells any: lower it"),
        (ranked({"tranches": 3, "every": 21}),
         "strategy.tranches=3 does not divide strategy.max_positions=20: take one that divides "
         "both the positions and the sessions of a term"),
        (ranked({"tranches": 4}), "strategy.tranches=4 does not divide label.horizon=10: take one "
                                  "that divides both the positions and the sessions of a term"),
        (ranked({"tranches": 4, "every": 18}),
         "strategy.tranches=4 does not divide strategy.every=18: take one that divides both the "
         "positions and the sessions of a term"),
    ],
)  # fmt: skip
def test_what_cannot_be_filled_or_kept_is_refused_in_one_line(spec: RunSpec, line: str) -> None:
    with pytest.raises(RollsightError) as caught:
        require_ranking(spec)
    assert str(caught.value) == line


def test_a_buffer_as_wide_as_the_widest_date_is_refused() -> None:
    require_sales(ranked({"keep": 60}), 61)
    require_sales(ranked(), 1)
    require_sales(ranked({"rule": "hold", "keep": 60}), 60)
    with pytest.raises(RollsightError, match="keep=60 never sells any: no date has more than 60"):
        require_sales(ranked({"keep": 60}), 60)
