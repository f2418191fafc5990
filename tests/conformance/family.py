"""What every family of models keeps to; inherit it as in test_families.py."""

from tests.conformance.member import Conformance


class FamilyConformance(Conformance):
    """Give ``name``: a key of FAMILIES, or package.module:name."""

    kind = "family"
