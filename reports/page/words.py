"""The words of the tables, such as exit reasons, in the language of the page."""

import re
from functools import cache

from rollsight.reports.page.features import FEATURE_WORDS
from rollsight.reports.page.language import Say
from rollsight.reports.page.reasons import REASONS

# What our own code writes into tables; braces stand where it writes a value.
VOCABULARY = (
    "horizon", "stop", "trailing stop", "target", "rule", "delisted", "end",
    "success", "soso", "crucial",
    "bought", "extended", "already held", "no free position", "the data ends", "did not trade",
    "locked at the upper limit", "locked at the lower limit", "volume cap",
    "positions full: a sale did not fill", "not enough cash at the open",
    "one share costs more than the position", "too little cash for another position",
    "did not trade at the decision", "not taken by the rule",
    "less than one share under the capacity",
    "no skill on validation (threshold.require_skill)",
    "the model gives every validation row the same probability",
    "no validation date has a row that scores above another",
    "no threshold leaves threshold.min_buys={buys} validation buys",
    "no threshold leaves threshold.min_buys={buys} validation buys on threshold.min_dates={dates} "
    "dates in threshold.min_blocks={blocks} blocks of a label's span",
    "the best {objective} on validation, {score}, is below threshold.min_score={least}",
    "no skill on validation", "the map is empty",
    "no gradient flows through this family of models",
    "unverified, fewer than three seeds (set training.seeds=3)", "the seeds disagree",
    "random weights give the same map", "removing top channels hurts no more than random ones",
    "the methods disagree", "trees of either half of the train dates disagree",
    "preferred", "spac", "etf", "etn",
    "The stock's own close", "price", "percent", "fraction", "its close, {calendar} calendar",
    "{stocks} stocks without a Market in listings.csv: {board}'s rules are used",
    "{file} has no {symbols}: left out",
    "{file} has no {columns}: {n} features of {set} left out, {names}",
    "prices has no Amount beside Volume: vwap is a proxy, (high + low + close) / 3",
    "Features of traded value are made of the folder's column Amount, not of close times volume: "
    "{names}",
    "Members are ranked by close times volume; volumes that ignore a split are told only where "
    "they rise behind a halt: before a split without one a stock ranks too low, before a reverse "
    "split too high, unless the folder has an Amount column",
    "After {halts} halts of {stocks} stocks, such as {code} until {day}, volumes are a third or "
    "less while the price goes on, as after a reverse split that volumes ignore: look at them",
    "{late} of {rows} rows of the teacher {path} were known after their decision, and are not used",
    "{outside} of {rows} rows of the teacher {path} lie outside the sessions that are read",
    "{unknown} of {codes} codes of the teacher {path} are not in the market ({named})",
    "In {sessions} sessions {column} is 0 in every row while prices move: {days}; nothing is "
    "filled then: leave the {again} column out, or mend it",
    "In {sessions} sessions {column} is 0 in every row while prices move: {days}; that counts as "
    "no trade where members are ranked: leave the {again} column out, or mend it",
    "{rows} rows of {stocks} stocks, such as {code}, without volume while the price moves: counted"
    " as not traded",
    "universe.exclude asks for {kinds}, which are told by name, and listings.csv has no Name for "
    "{without} of {codes} codes, such as {code}: a code without one stays in, whatever it is",
    "In {sessions} sessions fewer than {fewest} members' trades had left when they were due, too "
    "few for label.band={band}: no label there",
    "Feature {name} has no value for {share} of the members' rows: there it stands in the middle "
    "of its date",
    "Returns and labels hold {dividends} dividends of {stocks} stocks; in net figures {tax} of "
    "each is withheld, and no benchmark index holds any; on ex-dates opens fall by {fall} of the "
    "dividend in the median, and near 0% prices are adjusted for it already, which counts it twice",
    "Returns and labels hold no dividend: the folder's column Dividend has none",
    "{rows} rows that could be decided have no signal, and are not decided",
    "{early} signals of sessions before {day} are not traded: those tell how often each class was; "
    "earlier prices, or a smaller windows.train_days and windows.validation_days, let them be "
    "traded",
    "{idle} of {all} signals are of rows that cannot be decided, without a bar, a member's place "
    "or {sessions} sessions of closes: they are not used",
    "The benchmark equal-weight is no index: it holds the universe in equal parts, set anew at "
    "every close, before costs, and is no input, so that no saliency tells of it",
    "Dividends are left out of returns and labels, as market.dividends='without' asks",
    "In over a tenth of the members' rows features have no value yet, and stand in the middle of "
    "their date: {names}",
    "Feature {name} is the same for all members of every date: its rank says nothing",
    "Feature {name} is {value} in every row: it says nothing",
    "rank within the date",
    "Index {symbol} has rows on days that are no session of {calendar}, which are left out: {days}",
    "Index {symbol} has {have} of {all} sessions of {calendar} from {first} to {last}, and none on "
    "{days}: inputs carry the value before, and a benchmark has no return there",
    "Index {symbol} has {have} of {all} weekdays from {first} to {last}, and none on {days}: "
    "inputs carry the value before, and a benchmark has no return there",
    "Index {symbol} has the same value on {n} days in a row, {first} to {last}: filled forward, or "
    "no longer published; its input and a benchmark's return are 0 there",
    "Index {symbol} is at or below 0 on {days}: no change as a fraction can be counted from there, "
    "so the value before is carried until the next one above 0",
    "Index {symbol} is {rise} times the value before, or more, or {fall} times, or less, on "
    "{days}: another unit or base, a split or a slip; its input and a benchmark's return take the "
    "step as it is",
    "{stocks} stocks of fewer than {rows} rows left out: {named}",
    "{sessions} sessions of the exchange's calendar without a row of any stock: {days}; nothing is"
    " decided or filled then",
    "{sessions} sessions of the exchange's calendar without a row of any stock: {days}; nothing is"
    " decided or filled then; if the exchange was closed, write closed = {line} in market.toml",
    "Sessions of the calendar without a row of any stock and a value of any index of the exchange "
    "are taken for closed: {days}.",
    "{stocks} stocks, such as {code}, with rows after a DelistingDate: neither decided on from "
    "that day on nor traded after it",
    "{stocks} stocks, such as {code}, with Delisted=False and rows after a DelistingDate: listed "
    "throughout",
    "{stocks} stocks, such as {code}, with rows before its First: not decided on until that day",
    "{stocks} stocks, such as {code} after {day}, without a row in the last {n} sessions and more, "
    "and not delisted by listings.csv: the last labels stay empty, and a holding keeps its last "
    "close",
    "{absent} of {listed} listed codes, {gone} of them delisted, such as {code}, have no prices "
    "here: what they would have done is not in any figure",
    "{prices} prices of {stocks} stocks went further from the close before than the {book} book's "
    "daily band allows: {named}; such a price is an unadjusted corporate action, a slip, or "
    "trading without a band as before a delisting, and no label spans it",
    "{prices} prices of {stocks} stocks went further from the close before than {rise} up or "
    "{fall} down, which stand in for a daily band: {named}; such a price is an unadjusted "
    "corporate action, a slip, or news, and no label spans it",
    "{bars} bars of {stocks} stocks had open or close outside high and low, or low above high: "
    "{named}; no label spans such a bar",
    "{closes} closes of {stocks} stocks without trade went beyond three times the close before, or "
    "below a third of it: {named}; the close before stands in there",
    "After sessions without trade {closes} closes of {stocks} stocks fell below a third of the "
    "close before: {named}; so does a split that was not adjusted for, and trading before a "
    "delisting: labels and account take the loss as it is",
    "step", "spike", "resumption", "halt", "bar", "Open", "High", "Low",
    "This market is made up: random numbers, in which OIL moves twelve of sixteen stocks over the "
    "three sessions after it. What is earned in it says nothing of any real market.",
    "The twenty stocks are known today to have survived, and their closes are adjusted for "
    "dividends, which the S&P 500 index is not: both flatter the strategy.",
    "Log-loss gained on the class frequencies", "Precision of buys", "Precision less base rate",
    "Crucial-fail of buys", "Mean net return of a buy", "Net return, a year", "Sharpe ratio",
    *FEATURE_WORDS, *REASONS,
)  # fmt: skip


def word(text: str, say: Say) -> str:
    """Return what a table says, in the page's language; what is not known stays as it is."""
    for template, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return text if say.lang == "en" else say(template, **found.groupdict())
    return text


def score_name(score: str, say: Say) -> str:
    """Return what is held against a threshold, in short."""
    return {
        "p_up": say("p(UP)"),
        "p_up - p_down": say("p(UP) less p(DOWN)"),
        "rank of p_up": say("the rank of p(UP) in its date"),
        "rank of p_up - p_down": say("the rank of p(UP) less p(DOWN) in its date"),
        "place of p_up": say("the place by p(UP) in its date"),
        "place of p_up - p_down": say("the place by p(UP) less p(DOWN) in its date"),
    }[score]


def is_place(score: str) -> bool:
    """Return whether it is the place in its date, of which the best has 0 and each next one less.

    >>> is_place("place of p_up"), is_place("rank of p_up")
    (True, False)
    """
    return score.startswith("place")


def target_name(target: str, say: Say) -> str:
    """Return what a map explains, in short."""
    return {
        "log_odds": say("the log-odds of UP"),
        "up_logit": say("the raw score of UP"),
        "predicted": say("the log-odds of the predicted class"),
    }[target]


def verdict_name(verdict: str, say: Say) -> str:
    """Return the word of a verdict."""
    return {
        "more": say("More than luck"),
        "worse": say("Worse than luck"),
        "luck": say("Not distinguishable from luck"),
        "little": say("Too little to tell"),
    }[verdict]


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((text, re.compile(_pattern(text))) for text in VOCABULARY)


def _pattern(template: str) -> str:
    # After a number a noun may stand in the singular.
    nouns = re.sub(r"(\\}\\ \w+s)\b", r"\1?", re.escape(template))
    return re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", nouns)
