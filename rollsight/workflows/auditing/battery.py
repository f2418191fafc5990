"""The checks of an audit, one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from rollsight.backtests.audit import causality
from rollsight.backtests.audit.causality import Subject
from rollsight.backtests.audit.differences import Fault, named
from rollsight.backtests.audit.parts import STOCKS, is_large
from rollsight.backtests.workers.executors import Executor
from rollsight.backtests.workers.results import results
from rollsight.base.progress import Progress
from rollsight.reports.page.html import percent
from rollsight.reports.run.checks import Check
from rollsight.reports.run.data.leading import ledger_check
from rollsight.reports.statistics import plausibility
from rollsight.reports.statistics.plausibility import Edge

RETRAINED, CUTS = 3, 5
SHARES = 4  # of the trials, for each process
WHOLE, TIMES = 4, 14  # of a large market: futures of the whole, and of each part


@dataclass(frozen=True, eq=False)
class Stage:
    """Trials of one kind.

    Attributes
    ----------
    check
        of the subject, called with each task's arguments
    """

    name: str
    check: Callable[..., list[Fault]]
    tasks: Sequence[tuple[int, ...]]

    def shares(self, jobs: int) -> list[Sequence[tuple[int, ...]]]:
        """Return the tasks in shares: the tables of a market travel to a worker once a share."""
        size = max(-(-len(self.tasks) // (SHARES * jobs)), 1)
        return [self.tasks[n : n + size] for n in range(0, len(self.tasks), size)]


Tried = tuple[Check, list[Stage]]  # a check without its faults, and what finds them


@dataclass(frozen=True, eq=False)
class Battery:
    """The checks of an audit, and what they are made on.

    Attributes
    ----------
    trials
        edits of the future
    running, jobs
        what runs them, and how many at a time
    seed
        of the edits
    """

    subject: Subject
    trials: int
    running: Executor
    jobs: int
    seed: int
    progress: Progress

    def checks(self) -> tuple[Check, ...]:
        """Return what each check finds."""
        tried = self._future_edit(), self._retrained(), self._truncated(), self._warmed_up()
        found = self._found([stage for _, stages in tried for stage in stages])
        return (
            *(
                replace(check, faults=named([f for own in stages for f in found[own.name]]))
                for check, stages in tried
            ),
            ledger_check(self.subject.ready, self.subject.spec.features.join),
            self._fills(),
            self._delayed(),
            self._placebo(),
        )

    def _future_edit(self) -> Tried:
        whole, said = self.trials, ""
        if is_large(self.subject.ready):
            whole = min(WHOLE, whole)
            said = f"; of the whole market {whole} times, else of {STOCKS} stocks of a window"
        seeds = [(self.seed + n,) for n in range(whole)]
        rest = [
            (self.seed + n, min(TIMES, self.trials - n)) for n in range(whole, self.trials, TIMES)
        ]
        stages = [Stage("edit the future", causality.future_edit, seeds)]
        stages += [Stage("edit a part's future", causality.future_edits, rest)] if rest else []
        return Check(
            "another future",
            self.trials,
            (),
            "what becomes known after a random test session was edited: neither what the windows "
            f"before it are fitted on nor what their models say may change{said}",
        ), stages

    def _retrained(self) -> Tried:
        last = len(self.subject.folds) - 1
        numbers = np.unique(np.linspace(0, last, RETRAINED).round().astype(int))
        tasks = [(int(n), self.seed, another) for n in numbers for another in (True, False)]
        return Check(
            "trained again",
            len(numbers),
            (),
            f"windows {', '.join(map(str, numbers))} trained anew on another future and on none: "
            "the models must be the same, bit for bit",
        ), [Stage("train again", causality.retrained, tasks)]

    def _truncated(self) -> Tried:
        rng = np.random.default_rng(self.seed)
        days = rng.permutation(np.unique(self.subject.signals["day"]))
        # The size of an order shows on its own session alone: those that bought come first.
        dates = self.subject.ready.market.sessions[days].astype("datetime64[ms]")
        orders = self.subject.traded.orders.query("side == 'buy' and shares > 0")
        rest = ~np.isin(dates, orders["submitted_at"].to_numpy())
        tasks = [(int(d),) for d in np.sort(days[np.argsort(rest, kind="stable")][:CUTS])]
        return Check(
            "truncation",
            len(tasks),
            (),
            "inputs, signals, orders and equity must be the same up to the end when the data ends "
            f"on {self._dates(tasks)}",
        ), [Stage("end the data", causality.truncated, tasks)]

    def _warmed_up(self) -> Tried:
        usable = np.flatnonzero(self.subject.ready.samples.usable.any(axis=0))
        tasks = [(int(usable[int(share * len(usable))]),) for share in (0.1, 0.4)]
        return Check(
            "warm-up",
            len(tasks),
            (),
            "no input and no model's output may change when the history begins only on "
            f"{self._dates(tasks)}",
        ), [Stage("begin later", causality.warmed_up, tasks)]

    def _fills(self) -> Check:
        self.progress("look at results", 0, 3)
        traded = self.subject.traded
        return Check(
            "label against fill",
            len(traded.trades),
            tuple(plausibility.fills(self.subject)),
            "every buy fills at the open after its decision, and a trade held to its horizon makes "
            "exactly its label's return",
        )

    def _delayed(self) -> Check:
        self.progress("look at results", 1, 3)
        late, lost = plausibility.delayed_buys(self.subject)
        money = plausibility.delayed_money(self.subject)
        if lost is None:
            return Check("delayed execution", 0, (), "there is no buy with a label")
        faults: tuple[str, ...] = ()
        if lost.real and late[1] < late[0] / 2:
            first = self.subject.ready.market.sessions[self.subject.folds[0].window.test.start]
            faults = (
                f"buys from {first} on: one session of delay costs {percent(lost.value, 2)}, over "
                "half of what a buy makes",
            )
        gross = ", ".join(percent(one, 2, sign=True) for one in late)
        net = ", ".join(percent(one, sign=True) for one in money)
        return Check(
            "delayed execution",
            len(late),
            faults,
            f"filled 0, 1, 2, 3 sessions later a buy makes {gross} gross, and the strategy {net} "
            "net in all",
        )

    def _placebo(self) -> Check:
        self.progress("look at results", 2, 3)
        gain, edge = plausibility.placebo(self.subject, self.seed, self.running)
        self.progress("look at results", 3, 3)
        named = (
            ("log-loss gain", gain, "{:+.4f}".format),
            ("edge over the base rate", edge, lambda x: percent(x, 2, sign=True)),
        )
        return Check(
            "placebo",
            plausibility.PLACEBO_WINDOWS,
            tuple(
                f"shuffled labels, all dates: the {name} is above zero beyond luck"
                for name, found, _ in named
                if found.real
            ),
            "after learning shuffled labels"
            # A chain of windows would learn the labels of the others.
            + (", each window anew: " if self.subject.spec.training.chained else ": ")
            + ", ".join(f"{name} {_shown(found, text)}" for name, found, text in named),
        )

    def _found(self, stages: Sequence[Stage]) -> dict[str, list[Fault]]:
        """Return what the trials of each stage found.

        They are one queue: between two stages no worker waits for another.
        """
        each = (
            partial(_each, stage.check, self.subject, share)
            for stage in stages
            for share in stage.shares(self.jobs)
        )
        faults = results(self.running, each)
        found: dict[str, list[Fault]] = {}
        for stage in stages:
            own, done = found.setdefault(stage.name, []), 0
            self.progress(stage.name, 0, len(stage.tasks))
            for share in stage.shares(self.jobs):
                own += next(faults)
                done += len(share)
                self.progress(stage.name, done, len(stage.tasks))
        return found

    def _dates(self, tasks: Sequence[tuple[int, ...]]) -> str:
        return ", ".join(str(self.subject.ready.market.sessions[day]) for (day,) in tasks)


def _each(
    check: Callable[..., list[Fault]], subject: Subject, tasks: Sequence[tuple[int, ...]]
) -> list[Fault]:
    return [fault for task in tasks for fault in check(subject, *task)]


def _shown(edge: Edge, text: Callable[[float], str]) -> str:
    if edge.low is None or edge.high is None:
        return f"{text(edge.value)} (too few dates for an interval)"
    return f"{text(edge.value)} (99 %: {text(edge.low)} to {text(edge.high)})"
