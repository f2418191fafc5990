"""Numbers as people write them."""

from pathlib import Path

import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.importing.cells.numbers import numbers_of
from rollsight.signals.importing.told import AmbiguousError, Told

PATH = Path("have.csv")


def read(*texts: str, told: Told | None = None) -> list[float]:
    column = {"Close": pd.Series(texts)}
    return numbers_of(column, PATH, told or Told())[0]["Close"].tolist()


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (("71000", "1.5e3"), [71000.0, 1500.0]),
        (("71,000", "1,171,000"), [71000.0, 1171000.0]),
        (("1,234.5", "999"), [1234.5, 999.0]),
        (("1.234,5", "999"), [1234.5, 999.0]),
        (("12,5", "1.234"), [12.5, 1234.0]),
        (("0,125",), [0.125]),
        (("1 234,50", "1 000,00"), [1234.5, 1000.0]),
        (("$71.25", "$1,071.25"), [71.25, 1071.25]),
        (("71,000원", "1,071,000원"), [71000.0, 1071000.0]),
        (("1.25M", "3K", "2B"), [1.25e6, 3e3, 2e9]),
        (("1,25M", "1.234K"), [1.25e6, 1234e3]),
        (("189.125", "189.12"), [189.125, 189.12]),
        (("0.125", "9.450"), [0.125, 9.45]),
        ((".125", "9.450"), [0.125, 9.45]),
        (("1000.125", "9.450"), [1000.125, 9.45]),
        (("1.234e5", "9.450"), [123400.0, 9.45]),
        (("1.234.567", "9.450"), [1234567.0, 9450.0]),
    ],
)
def test_each_way_of_writing_is_the_same_number(texts: tuple[str], numbers: list[float]) -> None:
    assert read(*texts) == numbers


def test_the_nearest_double_is_read() -> None:
    texts = ["0.1", "170.96999999999997", "5e-324", "9007199254740993"]
    assert read(*texts) == [float(text) for text in texts]


def test_what_stands_for_nothing_is_missing() -> None:
    assert pd.Series(read("1.5", "-", "N/A", "null", "")).isna().tolist() == [False, *[True] * 4]


def test_a_comma_that_may_be_either_is_asked_for() -> None:
    with pytest.raises(AmbiguousError, match="--decimal point or --decimal comma"):
        read("71,000", "72,500")
    assert read("71,000", told=Told(decimal="point")) == [71000.0]
    assert read("71,000", told=Told(decimal="comma")) == [71.0]


def test_a_point_that_may_be_either_is_asked_for() -> None:
    with pytest.raises(
        AmbiguousError, match=r"'9\.450' may be .* --decimal point or --decimal comma"
    ):
        read("9.450", "12.000", "950")
    assert read("9.450", "950", told=Told(decimal="point")) == [9.45, 950.0]
    assert read("9.450", "950", told=Told(decimal="comma")) == [9450.0, 950.0]
    found, how = numbers_of({"Close": pd.Series(["9.450"])}, PATH, Told(decimal="comma"))
    assert (found["Close"].tolist(), how) == ([9450.0], "points between thousands")


@pytest.mark.parametrize(
    ("text", "told", "said"),
    [
        ("9.45", "comma", "'9.45' has a decimal point, which --decimal comma denies"),
        ("1,234,567", "comma", "'1,234,567' has commas between thousands, which --decimal comma"),
        ("9,45", "point", "'9,45' has a decimal comma, which --decimal point denies"),
        ("1.234.567", "point", "'1.234.567' has points between thousands, which --decimal point"),
    ],
)
def test_what_is_told_does_not_overrule_what_is_proven(text: str, told: str, said: str) -> None:
    with pytest.raises(RollsightError, match=said):
        read(text, told=Told(decimal=told))  # type: ignore[arg-type]


def test_cells_that_are_numbers_prove_nothing_of_texts() -> None:
    cells = {"Close": pd.Series([9450.0, 9.5, "9.450"], dtype="object")}
    with pytest.raises(AmbiguousError, match=r"'9\.450' may be"):
        numbers_of(cells, PATH, Told())
    found, _ = numbers_of(cells, PATH, Told(decimal="comma"))
    assert found["Close"].tolist() == [9450.0, 9.5, 9450.0]


def test_a_column_beside_proves_what_a_comma_is() -> None:
    columns = {"Close": pd.Series(["71,000"]), "Volume": pd.Series(["12,345,678"])}
    found, how = numbers_of(columns, PATH, Told())
    assert found["Close"].tolist() == [71000.0]
    assert how == "commas between thousands"


def test_two_ways_in_one_file_are_refused() -> None:
    with pytest.raises(RollsightError, match=r"'12,5' has a decimal comma and '1,234\.5'"):
        read("12,5", "1,234.5")


def test_text_that_is_no_number_stays_for_the_reader_of_folders() -> None:
    assert read("12.5", "delisted")[1] == "delisted"
