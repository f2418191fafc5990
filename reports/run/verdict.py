"""What the numbers say, in sentences: the facts below the verdict."""

from rollsight.reports.page.html import money, number, percent
from rollsight.reports.page.language import Say
from rollsight.reports.run.account.moneyfacts import Money
from rollsight.reports.run.account.randomaccounts import random_accounts_said
from rollsight.reports.run.baselines.sentence import beside_best
from rollsight.reports.run.data.benchmark import span_said
from rollsight.reports.run.data.moves import met_by_trades
from rollsight.reports.run.data.warnings import warnings
from rollsight.reports.run.headfacts import Headline
from rollsight.reports.run.holdout.sentence import opened_said
from rollsight.reports.run.learning.modes import scores_said
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.multiplicity import drawn_by_run
from rollsight.reports.run.scores.scorefacts import AllBuys
from rollsight.reports.run.untraded import refusals
from rollsight.reports.statistics.calibration import Skill
from rollsight.reports.statistics.multiplicity import strays

Sentence = tuple[str, str]


def verdict(numbers: RunNumbers, say: Say) -> list[Sentence]:
    """Return (tone, sentence) pairs; tone is ``good``, ``bad`` or empty."""
    return [
        *_untraded(numbers, say),
        *_join(numbers.data.join, say),
        *(("", said) for said in opened_said(numbers, say)),
        *met_by_trades(numbers.data.impossible.trades, numbers.headline, say),
        _forecasts(numbers, say),
        _precision(numbers.overall.all_buys, say),
        *([] if (said := beside_best(numbers.baselines, say)) is None else [said]),
        *_drawn(numbers, say),
        *_money(numbers, say),
        *_random_accounts(numbers, say),
        *_steps(numbers.money, say),
        *_maps(numbers, say),
        *(("", said) for said in [strays(drawn_by_run(numbers), say)] if said),
        *(("", said) for said in warnings(numbers, say)),
    ]


def _untraded(numbers: RunNumbers, say: Say) -> list[Sentence]:
    if numbers.headline.trades:
        return []
    said = say(
        "No trade was made: the equity is the cash it started with ({why}).",
        why=refusals(numbers.buys, say),
    )
    return [("bad", said)]


def _join(join: str, say: Say) -> list[Sentence]:
    if join == "as-of":
        return []
    said = say(
        "Indices are joined by date, known by then or not (features.join): this run sees the "
        "future, and nothing below could have been earned."
    )
    return [("bad", said)]


def _forecasts(numbers: RunNumbers, say: Say) -> Sentence:
    if numbers.training.mode == "scores":
        return "", scores_said(say)
    return _skill(numbers.skill, say)


def _skill(skill: Skill, say: Say) -> Sentence:
    counted = say(
        "{skilled} of {windows} windows beat the class frequencies on validation; {trading} trade.",
        skilled=skill.skilled,
        windows=skill.windows,
        trading=skill.trading,
    )
    if skill.log_loss is None:
        return "", f"{counted} {say('No test row has a label yet.')}"
    beside = say(
        "Out of sample the log-loss of all windows is {ours}, that of always forecasting each "
        "window's class frequencies {theirs}.",
        ours=number(skill.log_loss, 3),
        theirs=number(skill.frequency_log_loss, 3),
    )
    low, high = skill.gain_low, skill.gain_high
    if low is None or high is None:
        return "", f"{counted} {beside}"
    span = say(
        "95 % interval of the gain: {low} to {high}.", low=f"{low:+.3f}", high=f"{high:+.3f}"
    )
    return "", f"{counted} {beside} {span}"


def _precision(buys: AllBuys, say: Say) -> Sentence:
    if buys.precision is None:
        return "", say(
            "There was no buy with a settled label: precision does not exist for this run."
        )
    said = say(
        "Of {buys} buys with a settled label {precision} went UP; of the other stocks on the same "
        "dates {of_date} did, of those as volatile {of_alike}.",
        buys=number(buys.labelled),
        precision=percent(buys.precision),
        of_date=percent(buys.base_up_of_date),
        of_alike=percent(buys.base_up_of_alike),
    )
    low, high = buys.edge_low, buys.edge_high
    if low is None or high is None:
        return "", f"{said} {say('Too few dates for an interval.')}"
    span = say(
        "95 % interval of the edge: {low} to {high}.",
        low=percent(low, 2, sign=True),
        high=percent(high, 2, sign=True),
    )
    return "", f"{said} {span}"


def _drawn(numbers: RunNumbers, say: Say) -> list[Sentence]:
    """Return how often random buys did as well."""
    drawn, beside = numbers.random_buys.all_buys, numbers.overall.all_buys.random_buys
    if drawn is None or beside is None:
        return []
    said = say(
        "Of {draws} draws of as many random buys on the same dates, of stocks as volatile, "
        "{precision} reached this precision and {net} this mean net return.",
        draws=number(drawn.draws),
        precision=percent(beside.precision.p_value),
        net=percent(beside.net_return.p_value),
    )
    return [("", said)]


def _random_accounts(numbers: RunNumbers, say: Say) -> list[Sentence]:
    found = numbers.random_accounts
    return [] if found is None else [("", random_accounts_said(found, say))]


STAGES = {
    "labels": ("all_buys",),
    "choice": ("room", "ranking"),
    "execution": ("execution", "stops", "rule", "unlabelled", "unfilled"),
    "costs": ("commission", "tax", "slippage"),
    "stakes": ("sizing", "idle_cash"),
}


def _steps(money: Money, say: Say) -> list[Sentence]:
    """Return the waterfall in one line."""
    if not money.counts.ordered:
        return []
    share = {step.step: step.share for step in money.steps}
    said = say(
        "Of the starting cash, the labels of all buys promised {labels}; which of them there was "
        "room for changed that by {choice}, exits and execution by {execution}, costs by {costs}, "
        "the size of the stakes by {stakes}: {made} is left.",
        made=percent(money.made_share, sign=True),
        **{
            stage: percent(sum(share.get(key, 0.0) for key in keys), sign=True)
            for stage, keys in STAGES.items()
        },
    )
    return [("", said)]


def _maps(numbers: RunNumbers, say: Say) -> list[Sentence]:
    """Return for how many windows one may say which index mattered."""
    if not numbers.saliency:
        return []
    windows, failed = numbers.attribution.left_out.windows, numbers.attribution.left_out.failed
    if failed == windows:
        said = say(
            "In none of {windows} windows did the maps pass their checks: this run does not tell "
            "which index drove its trades.",
            windows=windows,
        )
        return [("bad", said)]
    said = say(
        "The maps of {passed} of {windows} windows passed their checks; only these tell which "
        "index drove trades.",
        passed=windows - failed,
        windows=windows,
    )
    return [("", said)]


def _money(numbers: RunNumbers, say: Say) -> list[Sentence]:
    head = numbers.headline
    if not head.trades:
        return []
    own, other, currency = head.strategy, head.benchmark, head.currency
    facts = {
        "trades": number(head.trades),
        "cash": money(head.cash, currency),
        "final": money(head.final_equity, currency),
        "own": percent(own.total_return, sign=True),
    }
    if other is None or head.benchmark_span is not None:
        said = say("{trades} trades turned {cash} into {final}: {own} net of costs.", **facts)
    else:
        said = say(
            "{trades} trades turned {cash} into {final}: {own} net of costs, where holding {name} "
            "made {other}.",
            name=head.benchmark_name,
            other=percent(other.total_return, sign=True),
            **facts,
        )
    said = " ".join([said, *_partly(head, say)])
    if other is None:
        return [("", said)]
    costs = say(
        "Before costs the trades made {gross}; commission, tax and slippage took {costs}.",
        gross=money(head.gross_profit, currency),
        costs=money(head.commission + head.tax + head.slippage, currency),
    )
    return [(numbers.verdict.tone("account"), said), ("", costs)]


def _partly(head: Headline, say: Say) -> list[str]:
    """Return what is compared where the benchmark does not cover the run."""
    said = span_said(head.benchmark_name or "", head.benchmark_span, say)
    if head.benchmark is None or head.strategy_beside is None:
        return said
    beside = say(
        "Over the sessions that both have, holding {name} made {other} and the strategy {own}.",
        name=head.benchmark_name,
        other=percent(head.benchmark.total_return, sign=True),
        own=percent(head.strategy_beside.total_return, sign=True),
    )
    return [*said, beside]
