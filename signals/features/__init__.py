"""What networks are given of stocks and indices, by name; `STOCK_SETS` are names of many."""

from rollsight.signals.features.change import CloseChange, IndexChange
from rollsight.signals.features.daily import DAILY
from rollsight.signals.features.daily.bars import BARS
from rollsight.signals.features.feature import IndexFeature, StockFeature
from rollsight.signals.features.panel import IndexPanel, StockPanel
from rollsight.signals.features.sets import STOCK_SETS

__all__ = [
    "CHANGE",
    "INDEX_FEATURES",
    "INDEX_PARTS",
    "STOCK_FEATURES",
    "STOCK_PARTS",
    "STOCK_SETS",
    "IndexFeature",
    "IndexPanel",
    "StockFeature",
    "StockPanel",
]

CHANGE = "change"
STOCK_FEATURES: dict[str, StockFeature] = {CHANGE: CloseChange(), **DAILY, **BARS}
INDEX_FEATURES: dict[str, IndexFeature] = {CHANGE: IndexChange()}
# What a user's own must have, and what tells a stock's feature from an index's.
STOCK_PARTS = ("unit", "needs", "warm_up", "cross_sectional", "__call__")
INDEX_PARTS = ("unit_of", "warm_up", "__call__")
