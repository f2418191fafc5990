"""A specification's digest has what it asks for, and nothing that a later version adds."""

import json
from pathlib import Path
from typing import Any

import pytest

from rollsight.backtests.spec import RunSpec
from rollsight.signals.spec import DEFAULTS, Spec
from rollsight.training.spec import NetworkSpec


class LaterModel(NetworkSpec):
    """A network's section with a key that a later version added."""

    later: float = 0.5


class LaterFamily(Spec):
    """A section that a later version added."""

    depth: int = 3


class LaterRun(RunSpec):
    """A run's specification of a later version."""

    model: LaterModel = LaterModel()
    forest: LaterFamily = LaterFamily()


@pytest.mark.parametrize("content", [{}, {"model": {"width": 8}, "market": {"folder": "x"}}])
def test_a_key_or_section_of_a_later_version_changes_no_digest_where_it_is_not_used(
    content: dict[str, Any],
) -> None:
    now, later = RunSpec.model_validate(content), LaterRun.model_validate(content)
    assert later.digest == now.digest
    assert later.model.chosen() == now.model.chosen()
    used = LaterRun.model_validate({**content, "forest": {"depth": 4}})
    assert used.digest != now.digest


def test_no_default_became_another_under_the_same_number() -> None:
    """A digest has nothing of a key that is as by default: `DEFAULTS` stands for all of them."""
    told = json.loads((Path(__file__).parent / "defaults.json").read_text(encoding="utf-8"))
    assert told == {"DEFAULTS": DEFAULTS, **RunSpec().model_dump(mode="json")}
