"""Attention is drawn of windows whose maps passed, beside gradient and occlusion."""

import pandas as pd
import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.run.saliency.attention import attention_data, attention_part


def table(*, passed: tuple[bool, ...] = (True, True, False)) -> pd.DataFrame:
    near, far = [0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]
    return pd.DataFrame(
        {
            "gate_passed": passed,
            "attention": [[near, far], [near, near], [far, far]],
            "attention_gradient": [[1.0, 2, 3, 4], [4.0, 3, 2, 1], [9.0, 0, 0, 0]],
            "attention_occlusion": [[0.0, 0, 1, 3], [0.0, 0, 1, 1], [1.0, 1, 1, 1]],
        }
    )  # fmt: skip


def test_it_is_the_mean_of_the_windows_that_passed_with_the_newest_day_first() -> None:
    found = attention_data(table())
    assert found is not None
    assert found.windows == 2
    assert found.heads[0] == pytest.approx((0.4, 0.3, 0.2, 0.1))
    assert found.heads[1] == pytest.approx((0.25, 0.2, 0.15, 0.4))
    assert found.gradient == pytest.approx((0.25, 0.25, 0.25, 0.25))
    assert found.occlusion == pytest.approx(((0.75 + 0.5) / 2, (0.25 + 0.5) / 2, 0, 0))
    # By window: .4 .15 .2 .25 against 1 2 3 4 is -.2 by ranks, .1 to .4 against 4 to 1 is -1.
    assert found.with_gradient == pytest.approx((-0.2 - 1) / 2)
    assert "-0.60" in attention_part(found, speak("en"))
    assert "어텐션" in attention_part(found, speak("ko"))


def test_what_did_not_pass_or_did_not_trade_is_not_drawn() -> None:
    assert attention_data(table(passed=(False, False, False))) is None
    untraded = table().assign(attention=[[], [], []])
    assert attention_data(untraded) is None
    assert attention_data(table().drop(columns=["attention"])) is None
    assert attention_part(None, speak("en")) == ""
