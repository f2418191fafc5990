"""What is told of winners and losers is no oftener wrong than it says, and finds what is there."""

import pytest
from scipy import stats

from tests.support.simulated.attributions import Plant, discoveries, summary

YEARS = 1044  # sessions: the four years 2010 to 2013, the first two of them up to session 521
HALF = 521
FIRST, SECOND = ("year 2010", "year 2011"), ("year 2012", "year 2013")


def most_hits(tries: int) -> int:
    """Return the most families with a false discovery that 5 % of them allow, at 99.5 %."""
    return int(stats.binom.ppf(0.995, tries, 0.05))


@pytest.mark.slow
def test_false_discoveries_stay_within_their_rate_over_many_markets() -> None:
    tables = [summary(seed, sessions=YEARS, channels=8) for seed in range(200)]
    for outcome in ("profit", "success"):
        found = [discoveries(table, outcome) for table in tables]
        whole = [bool(market["all"]) for market in found]
        years = [bool(f) for market in found for p, f in market.items() if p.startswith("year")]
        assert len(years) > 700
        assert sum(whole) <= most_hits(len(whole))
        assert sum(years) <= most_hits(len(years))


@pytest.mark.slow
@pytest.mark.parametrize("effect", [1.0, -1.0])
def test_an_effect_of_half_the_years_is_found_in_those_alone(effect: float) -> None:
    hits = dict.fromkeys((*FIRST, *SECOND), 0)
    others = []
    for seed in range(50):
        plant = Plant(effect=effect, stop=HALF)
        table = summary(1000 + seed, sessions=YEARS, channels=6, plant=plant)
        for period, found in discoveries(table, "profit").items():
            if period in hits:
                hits[period] += "index5" in found
                others.append(bool(set(found) - {"index5"}))
    assert min(hits[period] for period in FIRST) >= 45
    assert max(hits[period] for period in SECOND) <= most_hits(50)
    # The rate is that of false among all discoveries: beside a true one, a false one is a half.
    assert sum(others) <= 2 * most_hits(len(others))


@pytest.mark.parametrize(("effect", "side"), [(1.0, 1), (-1.0, -1)])
def test_a_driver_of_winners_and_one_of_losers_are_told_apart(effect: float, side: int) -> None:
    plant = Plant(effect=effect, stop=HALF)
    table = summary(3, sessions=YEARS, channels=4, plant=plant)
    found = discoveries(table, "profit")
    assert {period for period in found if "index3" in found[period]} == {"all", *FIRST}
    own = table[(table["channel"] == "index3") & (table["outcome"] == "profit")]
    for _, row in own[own["period"].isin(["all", *FIRST])].iterrows():
        assert row["difference"] * side > 0
        assert row["low"] * row["high"] > 0  # zero lies outside the interval


def test_few_of_some_markets_without_an_effect_show_one() -> None:
    found = [discoveries(summary(seed, sessions=522, channels=4), "profit") for seed in range(12)]
    families = [bool(f) for market in found for f in market.values()]
    assert len(families) > 30
    assert sum(families) <= most_hits(len(families))
