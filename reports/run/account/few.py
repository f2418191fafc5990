"""Which sections have too few buys or trades to judge them, each in one sentence."""

from rollsight.base.resampling import FEWEST_BLOCKS
from rollsight.reports.page.html import number
from rollsight.reports.page.language import Say
from rollsight.reports.run.numbers import RunNumbers

OF_BUYS = ("evidence", "thresholds")
OF_TRADES = ("money", "saliency", "trades", "stretches", "returns")


def too_few(numbers: RunNumbers, say: Say) -> dict[str, str]:
    """Return, by section, how few buys or trades it has, of those that have too few.

    That is fewer than a verdict takes: buys or trades in fewer than 20 blocks of dates, one label
    span long.
    """
    found, windows = numbers.verdict, numbers.windows
    buys, trades = numbers.overall.all_buys.buys, numbers.headline.trades
    said: dict[str, str] = {}
    if found.blocks < FEWEST_BLOCKS:
        bought = sum(w.all_buys.buys > 0 for w in windows)
        few = say(
            "{buys} buys in {some} of {windows} windows: too few to judge the buys.",
            buys=number(buys),
            some=bought,
            windows=len(windows),
        )
        said |= dict.fromkeys(OF_BUYS, few if buys else say("No buy."))
    if found.trade_blocks < FEWEST_BLOCKS:
        few = say(
            "{trades} trades in {some} of {windows} windows: too few to compare.",
            trades=number(trades),
            some=len(set(numbers.trades.columns.window)),
            windows=len(windows),
        )
        said |= dict.fromkeys(OF_TRADES, few if trades else say("No trade: nothing to compare."))
    return said
