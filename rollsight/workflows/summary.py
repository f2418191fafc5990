"""What a terminal or a notebook shows of a run."""

import pandas as pd

from rollsight.base.errors import counted
from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import speak
from rollsight.reports.run.baselines.sentence import beside_best
from rollsight.reports.run.beside.riskfree import risk_free_said
from rollsight.reports.run.headfacts import Headline
from rollsight.reports.run.holdout.sentence import opened_said
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.judgement import judged
from rollsight.reports.run.scores.seeds import Seeds
from rollsight.reports.run.untraded import refusals

Ends = tuple[float | None, float | None]


def summary_text(numbers: RunNumbers) -> str:
    """Return the verdict on a run and its summary, as a terminal shows them."""
    rows = (f"{label:<26}{value}" for label, value in summary(numbers))
    return "\n".join([judged(numbers, speak("en")), *rows])


def summary_table(numbers: RunNumbers) -> pd.DataFrame:
    """Return the headline figures of a run, each with the range that it lies in.

    Columns are value, low, high, and ``of``: whether low and high are the ends of a 95 % interval,
    or the lowest and the highest of other seeds. Shares and returns are fractions; NaN where a
    figure or its range does not exist.
    """
    head, buys, seeds = numbers.headline, numbers.overall.all_buys, numbers.seeds.range
    lead, own, other = numbers.verdict.of("stocks"), head.strategy, head.benchmark
    rows: dict[str, tuple[float | None, Ends | None, str]] = {
        "Return, net": (own.total_return, seeds("total_return"), "seeds"),
        "A year, net": (own.annual_return, seeds("annual_return"), "seeds"),
        "Benchmark": (None if other is None else other.total_return, None, ""),
        "Sharpe ratio": (own.sharpe, seeds("sharpe"), "seeds"),
        "Deepest drawdown": (own.max_drawdown, seeds("max_drawdown"), "seeds"),
        "Trades": (head.trades, seeds("trades"), "seeds"),
        "Precision of buys": (buys.precision, seeds("precision"), "seeds"),
        "Precision less base rate": (buys.edge, (buys.edge_low, buys.edge_high), "95 % interval"),
        "Lead of a buy": (lead.ahead, (lead.low, lead.high), "95 % interval"),
    }
    found = {key: [value, *(ends or (None, None))] for key, (value, ends, _) in rows.items()}
    table = pd.DataFrame.from_dict(found, "index", dtype=float, columns=["value", "low", "high"])
    return table.assign(of=[of for *_, of in rows.values()]).assign(
        of=lambda t: t["of"].where(t["low"].notna(), "")
    )


def summary(numbers: RunNumbers) -> list[tuple[str, str]]:
    """Return the few lines that a terminal or a notebook shows of a run."""
    head, skill, buys = numbers.headline, numbers.skill, numbers.overall.all_buys
    added = beside_best(numbers.baselines, speak("en"))
    skilled = [] if skill.skilled is None else [f"{skill.skilled} with skill"]
    own, other = head.strategy, head.benchmark
    lines = [
        ("Out of sample", f"{head.first_session} to {head.last_session}"),
        ("Windows", ", ".join([f"{skill.windows}", *skilled, f"{skill.trading} trading"])),
        *(("Held out", said) for said in opened_said(numbers, speak("en"))),
        *([] if added is None else [("Best baseline", added[1])]),
        ("Buys, trades", f"{number(buys.buys)}, {number(head.trades)}"),
        ("Precision, base rate", f"{percent(buys.precision)}, "
                                 f"{percent(buys.base_up_of_alike)}"),
        ("Crucial-fail, base rate", f"{percent(buys.crucial_fail)}, "
                                    f"{percent(buys.base_down_of_alike)}"),
        ("Return, net", f"{percent(own.total_return, sign=True)} "
                        f"({percent(own.annual_return, sign=True)} a year)"),
        ("Sharpe, drawdown", f"{number(own.sharpe, 2)}, {percent(own.max_drawdown)}{_above(head)}"),
        *([("Other seeds", _over_seeds(numbers.seeds))] if numbers.seeds.seeded else []),
    ]  # fmt: skip
    if not head.trades:
        lines.append(("No trade", refusals(numbers.buys, speak("en"))))
    if other is not None:
        made, both = percent(other.total_return, sign=True), head.benchmark_span
        if both is not None and head.strategy_beside is not None:
            beside = percent(head.strategy_beside.total_return, sign=True)
            span = f"{both.first} to {both.last}"
            made = f"{made}, the strategy {beside} ({span}, sessions of both)"
        lines.append((f"{head.benchmark_name}", made))
    for one in (numbers.benchmarks or ())[1:]:
        held = None if one.benchmark is None else one.benchmark.total_return
        lines.append((one.name, percent(held, sign=True)))
    met = numbers.data.impossible.trades
    if met.trades:
        lines.append(
            ("Impossible prices", f"met by {counted(met.trades, 'trade')}; less their profit "
                                  f"{percent(met.without, sign=True)}")
        )  # fmt: skip
    return lines


def _above(head: Headline) -> str:
    return "" if head.risk_free is None else f", {risk_free_said(head.risk_free, speak('en'))}"


def _over_seeds(seeds: Seeds) -> str:
    ends, sharpe = seeds.range("total_return"), seeds.range("sharpe")
    if ends is None:
        return "spread unknown, one network a window"
    told = " to ".join(percent(end, sign=True) for end in ends)
    return told if sharpe is None else f"{told}, Sharpe {' to '.join(f'{s:.2f}' for s in sharpe)}"
