"""What counts as a change of what was decided."""

import numpy as np
import pandas as pd

from rollsight.workflows.rewritten import first_change


def test_the_first_change_is_the_earliest_and_a_label_may_come_but_not_change() -> None:
    before = pd.DataFrame(
        {
            "decided_at": pd.to_datetime(["2024-01-02", "2024-01-02", "2024-01-03"]),
            "code": ["000010", "000020", "000010"],
            "window": 0, "p_down": 0.2, "p_hold": 0.3, "p_up": 0.5, "score": 0.5,
            "threshold": np.nan, "buy": False, "label": pd.array([2, None, None], dtype="Int8"),
            "label_return": [0.03, np.nan, np.nan],
        }
    )  # fmt: skip
    came = before.assign(
        label=pd.array([2, 0, None], dtype="Int8"), label_return=[0.03, -0.1, np.nan]
    )
    assert first_change(before, came) is None
    # Whatever the order of the rows.
    assert first_change(before, came[::-1]) is None
    changed = came.assign(label=pd.array([1, 0, None], dtype="Int8"))
    assert first_change(before, changed) == "000010 on 2024-01-02: label was 2, it is 1 now"
    later = changed.assign(p_up=[0.5, 0.25, 0.125])
    assert first_change(came, later) == "000010 on 2024-01-02: label was 2, it is 1 now"
    assert first_change(came, came.assign(p_up=[0.5, 0.25, 0.125])) == (
        "000020 on 2024-01-02: p_up was 0.5, it is 0.25 now"
    )
    assert first_change(came, came.assign(threshold=0.5)) == (
        "000010 on 2024-01-02: threshold was nan, it is 0.5 now"
    )
    assert first_change(came, came[:2]) == "000010 on 2024-01-03 is not decided on any more"
    assert first_change(came[1:], came) == "000010 on 2024-01-02 was not decided on before"
