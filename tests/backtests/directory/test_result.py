"""What is read of a run is what was written, and code of another kind is told apart."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.directory.result import read_table, require_same_code
from rollsight.base.arithmetic import instructions
from rollsight.base.errors import RollsightError


def test_lists_of_nothing_but_absent_numbers_are_read_as_numbers(tmp_path: Path) -> None:
    lists = {"none": [[np.nan], [np.nan, np.nan]], "empty": [[], []], "some": [[np.nan], [0.5]]}
    pd.DataFrame(lists).to_parquet(tmp_path / "windows.parquet", index=False)
    found = read_table(tmp_path, "windows")
    for name, own in lists.items():
        for read, written in zip(found[name], own, strict=True):
            assert np.asarray(read).dtype == np.float64
            np.testing.assert_array_equal(read, written)


def test_the_library_whose_instructions_differ_is_told_of(tmp_path: Path) -> None:
    used = {"numpy": "native X86_V4", "torch": instructions("torch")}
    manifest = {"spec": {"model": {"name": "logistic"}}, "code_digest": "", "instructions": used}
    with pytest.raises(RollsightError) as caught:
        require_same_code(manifest, tmp_path)
    said = f"(numpy's then native X86_V4, now {instructions('numpy')}, torch's then "
    assert said in str(caught.value)
