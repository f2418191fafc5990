"""The golden run's counts are exact; its fractions may differ as processors round."""

import json
from typing import Any

from tests.golden.pipe import PATH, golden_run


def differences(now: Any, then: Any, where: str = "") -> list[str]:
    if isinstance(then, dict):
        if now.keys() != then.keys():
            return [f"{where}: keys {sorted(now.keys() ^ then.keys())}"]
        return [d for k in then for d in differences(now[k], then[k], f"{where}.{k}")]
    if isinstance(then, list) and len(now) == len(then):
        pairs = enumerate(zip(now, then, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{where}[{i}]")]
    if isinstance(then, float) and isinstance(now, float):
        same = abs(now - then) <= 1e-6 * max(1, abs(then))
    else:
        same = now == then
    return [] if same else [f"{where}: {now!r}, was {then!r}"]


def test_the_golden_run_has_not_drifted() -> None:
    # The residual is the rounding of a sum, and no figure of the run.
    now, then = golden_run(), json.loads(PATH.read_text(encoding="utf-8"))
    for metrics in (now, then):
        del metrics["headline"]["equity_residual"]
    assert differences(now, then) == []
