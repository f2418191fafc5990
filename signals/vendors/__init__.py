"""How a market folder is fetched and brought up to date, whoever its vendor is."""

from rollsight.signals.vendors.span import Span
from rollsight.signals.vendors.vendor import (
    MissingError,
    RequestPolicy,
    Stock,
    UnreachableError,
    Vendor,
)

__all__ = ["MissingError", "RequestPolicy", "Span", "Stock", "UnreachableError", "Vendor"]
