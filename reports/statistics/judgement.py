"""The verdict on a run: one word for what its buys earned beside luck."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Word = Literal["more", "worse", "luck", "little"]
Against = Literal["stocks", "days", "trades", "account", "seeds", "baseline"]

LEVEL = 0.05
DECIDING: tuple[Against, ...] = ("stocks", "days")


@dataclass(frozen=True)
class Evidence:
    """How far ahead a run is of what it is held against; fractions, None where there is none.

    Attributes
    ----------
    against
        ``stocks``: what a buy earned, less the equally volatile stocks of its date; ``days``: what
        all stocks earned on the dates of the buys, less on the others, not asked where the best of
        every date are bought; ``trades``: what a trade earned; ``account``: a session's return,
        less the benchmark's; ``seeds``: the account of single networks; ``baseline``: the log-loss
        of the best simpler model, less the run's, nats
    low, high
        95 % interval; of seeds, the worst and the best
    p_value
        two-sided, of the same interval
    as_good, as_bad
        shares of random buyers that did as well or better, and as badly or worse
    name
        of the baseline
    """

    against: Against
    ahead: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    as_good: float | None = None
    as_bad: float | None = None
    name: str = ""

    def side(self, tries: int = 1) -> int:
        """Return 1 where interval and random buyers say ahead, -1 where both say behind, else 0."""
        if None in (self.ahead, self.p_value, self.as_good, self.as_bad):
            return 0
        level = LEVEL / tries
        if (self.p_value or 0.0) > level:
            return 0
        if (self.ahead or 0.0) > 0:
            return int((self.as_good or 0.0) <= level)
        return -int((self.as_bad or 0.0) <= level)


@dataclass(frozen=True)
class Verdict:
    """What the evidence allows one to say of a run; `judge` says how.

    Attributes
    ----------
    word
        ``more`` than luck, ``worse`` than luck, not distinguishable from ``luck``, too ``little``
        to tell
    blocks, trade_blocks
        blocks of dates, one label span long, that hold a buy, and a trade
    span
        sessions of a block
    tries
        among how many runs this one was looked at
    """

    word: Word
    blocks: int
    trade_blocks: int
    span: int
    evidence: tuple[Evidence, ...]
    tries: int = 1

    def of(self, against: Against) -> Evidence:
        """Return the evidence of a kind, an empty one where there is none."""
        own = (e for e in self.evidence if e.against == against)
        return next(own, Evidence(against))

    def tone(self, against: Against) -> str:
        """Return the colour of a figure: by its own interval, where the verdict says the same.

        The verdict has asked the random buyers, of stocks or of days, whichever the run knows.
        """
        own = self.of(against)
        if own.ahead is None or own.p_value is None or own.p_value > LEVEL / self.tries:
            return ""
        return {("more", True): "good", ("worse", False): "bad"}.get((self.word, own.ahead > 0), "")

    def among(self, tries: int) -> "Verdict":
        """Return the verdict on one of so many runs that are looked at side by side."""
        if self.word == "little":
            return replace(self, tries=tries)
        return replace(self, word=judge(self.evidence, tries=tries), tries=tries)


def judge(evidence: Sequence[Evidence], *, tries: int = 1) -> Word:
    """Return the word for a run.

    A run can know which stocks to buy, and on which days. Either is believed where two things say
    so: the 95 % interval of the lead, by blocks of decision dates (Lazarus, Lewis, Stock and
    Watson, 2018), lies above zero; and at most 5 % of random buyers did as well. For stocks these
    draw as many stocks as volatile on the same dates, as persistent as the run; for days they make
    the same buys, all moved by as many sessions (circular shifts; Politis and Romano, 1992).

    ``more``
        one of the two is ahead, and none behind
    ``worse``
        one of the two is behind, and none ahead
    ``little``
        there is no interval: the buys lie in fewer than 20 blocks of dates, one label span long.
        A run asks the same of its trades
    ``luck``
        all else

    Both chances to err together, the interval alone, would call 2.5 + 2.5 % of runs without skill
    ahead. Among several runs each level is divided by their number (Bonferroni). Trades and the
    account decide nothing, they colour their own figures; a baseline decides nothing, since a
    simpler model that does as well is skilled too; seeds take ``more`` back where every single one
    ended behind.

    >>> stocks = Evidence("stocks", ahead=0.004, p_value=0.01, as_good=0.02, as_bad=0.98)
    >>> judge([stocks]), judge([stocks], tries=3), judge([Evidence("stocks")])
    ('more', 'luck', 'little')
    """
    deciding = [e for e in evidence if e.against in DECIDING]
    if all(e.p_value is None for e in deciding if e.against == "stocks"):
        return "little"
    sides = {e.side(tries) for e in deciding}
    if 1 in sides and -1 not in sides:
        return "luck" if _seeds_behind(evidence) else "more"
    return "worse" if -1 in sides and 1 not in sides else "luck"


def _seeds_behind(evidence: Sequence[Evidence]) -> bool:
    return any(e.against == "seeds" and e.high is not None and e.high < 0 for e in evidence)
