"""What every rule keeps to; inherit it as in test_rules.py."""

from tests.conformance.member import Conformance


class RuleConformance(Conformance):
    """Give ``name``: a key of RULES, or package.module:name."""

    kind = "rule"
