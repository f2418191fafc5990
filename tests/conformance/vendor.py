"""What every vendor keeps to; inherit it as in test_vendors.py."""

from tests.conformance.member import Conformance


class VendorConformance(Conformance):
    """Give ``name``: a key of VENDORS, or package.module:name."""

    kind = "vendor"
