"""What the classes of all extension points share."""

from rollsight.workflows.check import check


class Conformance:
    """A member of ``kind``, known by ``name`` as a spec has it, keeps every rule of its kind."""

    kind: str
    name: str

    def test_it_keeps_every_rule_of_its_kind(self) -> None:
        _, found = check(self.name, self.kind)
        assert found
        assert [finding for finding in found if finding.fault] == []
