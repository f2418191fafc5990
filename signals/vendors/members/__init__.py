"""One file a vendor, and `VENDORS` by name."""

from collections.abc import Callable

from rollsight.base.named import find
from rollsight.signals.rules.venue import US
from rollsight.signals.vendors.asked import NamedVendor
from rollsight.signals.vendors.members.financedatareader import FinanceDataReader
from rollsight.signals.vendors.members.unitedstates import UnitedStates
from rollsight.signals.vendors.vendor import DEFAULT_POLICY, USUAL, RequestPolicy, Vendor

__all__ = ["NEEDS", "VENDORS", "vendor_of"]

VENDORS: dict[str, Callable[[RequestPolicy], Vendor]] = {
    USUAL: FinanceDataReader,
    US.vendor: UnitedStates,
}
NEEDS = ("listed", "delisted", "sources", "rows", "__call__")


def vendor_of(name: str, policy: RequestPolicy = DEFAULT_POLICY) -> NamedVendor:
    """Return the vendor of a name of `VENDORS`, or of a user's own, "package.module:name".

    Raises
    ------
    RollsightError
        If there is no such vendor.
    """
    made = find("vendor", name, VENDORS, NEEDS)
    return NamedVendor(name, made(policy))
