"""What every family of models keeps to; inherit it as in test_families.py."""

import pytest

from tests.conformance.member import Conformance
from tests.support.skips import skip_without


class FamilyConformance(Conformance):
    """Give ``name``: a key of FAMILIES, or package.module:name."""

    kind = "family"

    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        skip_without(self.name)
