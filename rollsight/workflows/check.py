"""Hold a member of an extension point to the rules of its kind: one of ours, or a user's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rollsight.backtests.account.rulechecks import RULE_CHECKS
from rollsight.base.conformance import Finding, findings
from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.base.named import find
from rollsight.base.own.ran import OWN
from rollsight.signals.features import (
    INDEX_FEATURES,
    INDEX_PARTS,
    STOCK_FEATURES,
    STOCK_PARTS,
)
from rollsight.signals.features.checks import INDEX_CHECKS, STOCK_CHECKS
from rollsight.signals.vendors import members
from rollsight.signals.vendors.members.checks import VENDOR_CHECKS
from rollsight.strategies import rules
from rollsight.training.models import families
from rollsight.training.models.familychecks import CHECKS as FAMILY_CHECKS


@dataclass(frozen=True)
class ExtensionPoint:
    """What can be added to, and what is asked of a member.

    Attributes
    ----------
    known
        members by name
    needs
        attributes that tell a member of this kind from one of another
    checks
        by the rule that each holds a member to; a check raises where the rule is broken
    """

    known: Mapping[str, Any]
    needs: tuple[str, ...]
    checks: Mapping[str, Callable[[Any], object]]


POINTS: dict[str, ExtensionPoint] = {
    "feature": ExtensionPoint(STOCK_FEATURES, STOCK_PARTS, STOCK_CHECKS),
    "index feature": ExtensionPoint(INDEX_FEATURES, INDEX_PARTS, INDEX_CHECKS),
    "family": ExtensionPoint(families.FAMILIES, families.NEEDS, FAMILY_CHECKS),
    "rule": ExtensionPoint(rules.RULES, rules.NEEDS, RULE_CHECKS),
    "vendor": ExtensionPoint(members.VENDORS, members.NEEDS, VENDOR_CHECKS),
}


def check(
    name: str, kind: str | None = None, points: Mapping[str, ExtensionPoint] = POINTS
) -> tuple[str, list[Finding]]:
    """Return the kind of a member, and what each check of that kind found.

    Parameters
    ----------
    name
        of a member of ours, or "package.module:name" of a user's own
    kind
        of which it is; None: the one whose attributes it has

    Raises
    ------
    RollsightError
        If it cannot be found, its kind cannot be told, or a package that it needs is not installed.
    """
    if kind is None:
        kind = _kind_of(name, points)
    elif kind not in points:
        raise RollsightError(f"there is no extension point {kind!r} {did_you_mean(kind, points)}")
    point = points[kind]
    if kind == "family":
        families.require_installed(name)
    return kind, findings(find(kind, name, point.known, point.needs), point.checks)


def _kind_of(name: str, points: Mapping[str, ExtensionPoint]) -> str:
    if OWN.fullmatch(name):
        member: Any = find("member", name, {}, needs=())
        kinds = [k for k, p in points.items() if all(hasattr(member, need) for need in p.needs)]
    else:
        kinds = [k for k, p in points.items() if name in p.known]
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        raise RollsightError(
            f"{name!r} may be of several kinds ({', '.join(kinds)}): say which, by --as"
        )
    asked = "; ".join(f"a member of {k} has {', '.join(p.needs)}" for k, p in points.items())
    raise RollsightError(
        f"{name!r} is no member of any extension point "
        f"{did_you_mean(name, [n for p in points.values() for n in p.known])}: {asked}"
    )
