"""How many intervals and p-values a page draws, and how many of them luck alone leads astray."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rollsight.reports.page.html import number
from rollsight.reports.page.language import Say

TWENTY = 20  # one in so many intervals misses, and p-values of nothing are below 0.05
METHOD = "gradient"  # whose differences the page draws
OF_BUYS = ("precision_", "edge_", "crucial_fail_")
OF_AGE = ("gain_", "edge_", "net_return_")


@dataclass(frozen=True)
class Drawn:
    """What a page draws that luck leads astray once in twenty times.

    Attributes
    ----------
    intervals
        of 95 %; a p-value of the same estimate is no other chance to err
    p_values
        by themselves, none of them adjusted for their number
    q_values
        adjusted for the number of channels that are looked at together
    marks
        of what chance passes once in twenty times, for each key of a sweep
    """

    intervals: int = 0
    p_values: int = 0
    q_values: int = 0
    marks: int = 0


def drawn_by_run(metrics: dict[str, Any]) -> Drawn:
    """Return how many a run's page draws; each once, wherever it stands."""
    maps = [s for s in metrics["saliency"] if s.get("method") == METHOD]
    whole = [s for s in maps if s["period"] == "all" and s["outcome"] in {"profit", "success"}]
    periods = [s for s in maps if s["period"] != "all" and s["outcome"] == "profit"]
    return Drawn(
        intervals=sum(found[f"{name}low"] is not None for found, name in _estimates(metrics))
        + sum(_known(s["low"]) for s in whole),
        p_values=sum(p is not None for p in _p_values(metrics)),
        q_values=sum(_known(s["q_value"]) for s in [*whole, *periods]),
    )


def drawn_by_trials(data: dict[str, Any]) -> Drawn:
    """Return how many a sweep's page draws: its tests of many tries count the tries themselves."""
    shares = [key[span] for key in data["importance"] for span in ("validation", "test")]
    return Drawn(marks=len([share for share in shares if share is not None]))


def drawn_by_comparison(data: dict[str, Any]) -> Drawn:
    """Return how many the page of runs side by side draws."""
    return Drawn(intervals=sum(gain["low"] is not None for gain in data["gains"]))


def strays(found: Drawn, say: Say) -> str | None:
    """Return how many are expected to stray by luck alone, None where the page draws none."""
    said = []
    if found.intervals:
        said.append(
            say(
                "This page draws {n} intervals at 95 %: about {strays} of them would miss the "
                "truth by luck alone.",
                n=number(found.intervals),
                strays=number(found.intervals / TWENTY, 1),
            )
        )
    if found.p_values:
        said.append(
            say(
                "{n} p-values of it are not adjusted for their number: were nothing there, about "
                "{strays} of them would be below 0.05.",
                n=number(found.p_values),
                strays=number(found.p_values / TWENTY, 1),
            )
        )
    if found.q_values:
        said.append(
            say(
                "{n} q-values of it are adjusted: about one in twenty of those below 0.05 would be "
                "luck.",
                n=number(found.q_values),
            )
        )
    if found.marks:
        said.append(
            say(
                "{n} bars of keys are held against a mark that chance passes once in twenty times: "
                "about {strays} of them would pass it by luck alone.",
                n=number(found.marks),
                strays=number(found.marks / TWENTY, 1),
            )
        )
    return " ".join(said) or None


def _estimates(metrics: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield what has an interval on the page, and what stands before its ``low``."""
    years = [*metrics["years"], metrics["overall"]]
    yield from ((metrics["skill"], name) for name in ("gain_", "brier_gain_"))
    for group in [*years, *metrics["windows"]]:
        yield from ((group["all_buys"], name) for name in OF_BUYS)
    for group in years:
        yield from ((group["accuracy"], name) for name in ("", "edge_"))
        yield group["information"], ""
    yield from ((tenth, "") for tenth in metrics["calibration"])
    for age in metrics["model_age"]["bins"]:
        yield from ((age, name) for name in OF_AGE)
    yield metrics["model_age"]["slope"], ""


def _p_values(metrics: dict[str, Any]) -> Iterator[float | None]:
    """Yield those of the run beside random buys, by year and by window."""
    for group in [*metrics["years"], metrics["overall"], *metrics["windows"]]:
        for buys in (group["all_buys"], group["taken"]):
            yield from (figure["p_value"] for figure in (buys["random_buys"] or {}).values())


def _known(values: dict[str, float | None] | None) -> int:
    return sum(value is not None for value in (values or {}).values())
