"""What every feature keeps to; inherit it as in test_features.py."""

from tests.conformance.member import Conformance


class StockFeatureConformance(Conformance):
    """Give ``name``: a key of STOCK_FEATURES, or package.module:name."""

    kind = "feature"


class IndexFeatureConformance(Conformance):
    """Give ``name``: a key of INDEX_FEATURES, or package.module:name."""

    kind = "index feature"
