"""What networks are given of stocks and indices: a file a feature, `STOCK_FEATURES` by name."""

from rollsight.signals.features.change import CloseChange, IndexChange
from rollsight.signals.features.feature import IndexFeature, StockFeature
from rollsight.signals.features.panel import IndexPanel, StockPanel

__all__ = [
    "CHANGE",
    "INDEX_FEATURES",
    "INDEX_PARTS",
    "STOCK_FEATURES",
    "STOCK_PARTS",
    "IndexFeature",
    "IndexPanel",
    "StockFeature",
    "StockPanel",
]

CHANGE = "change"
STOCK_FEATURES: dict[str, StockFeature] = {CHANGE: CloseChange()}
INDEX_FEATURES: dict[str, IndexFeature] = {CHANGE: IndexChange()}
# What a user's own must have, and what tells a stock's feature from an index's.
STOCK_PARTS = ("unit", "needs", "warm_up", "cross_sectional", "__call__")
INDEX_PARTS = ("unit_of", "warm_up", "__call__")
