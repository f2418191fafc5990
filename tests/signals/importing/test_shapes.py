"""Each shape in which people have prices becomes the same market folder."""

from pathlib import Path

import pandas as pd
import pytest

from rollsight.signals.folder.reading import read_folder
from tests.support.commands import invoke
from tests.support.tables.shapes import SHAPES, written


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_imported_to_the_last_bit(name: str, tmp_path: Path) -> None:
    arguments, prices = written(name, tmp_path / "have")
    said = invoke("import", *arguments, "--out", str(tmp_path / "market"))
    read = read_folder(str(tmp_path / "market")).prices
    pd.testing.assert_frame_equal(read.drop(columns="Halted"), prices, check_dtype=False)
    for code in prices["Code"].unique():
        assert code in said
