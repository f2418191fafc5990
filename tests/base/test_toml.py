"""TOML that any editor saved is read, and TOML that we propose can be pasted."""

import re
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from rollsight.base.errors import RollsightError
from rollsight.base.toml import read_toml, toml_key, toml_value
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, index_table, write_market, write_table

NAMES = [
    "KS11", "^GSPC", "BRK.B", "S&P 500", 'the "big" one', "it's", "코스피", "", "a\\b", "x]", "#1",
    "tab\tand\x7f", "two\nlines", "nan", "true", "-", "=",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_key_and_a_value_of_toml(name: str) -> None:
    text = f"[indices.{toml_key(name)}]\nname = {toml_value(name)}\n"
    assert tomllib.loads(text) == {"indices": {name: {"name": name}}}
    assert tomllib.loads(f"x = {toml_value({name: [name]})}") == {"x": {name: [name]}}


def test_values_are_written_as_toml_reads_them() -> None:
    value = {"a": True, "b": [1, 2.5, 1e-9], "c": date(2024, 1, 2), "d.e": ("x", float("inf"))}
    found = tomllib.loads(f"x = {toml_value(value)}")["x"]
    assert found == value | {"d.e": ["x", float("inf")]}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
def test_toml_is_read_with_and_without_a_byte_order_mark(
    tmp_path: Path, mark: bytes, ending: str
) -> None:
    text = ending.join(["# 시장", 'calendar = "XKRX"', ""])
    (tmp_path / "a.toml").write_bytes(mark + text.encode())
    assert read_toml(tmp_path / "a.toml") == {"calendar": "XKRX"}


@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "utf-16-le", "utf-16-be"])
def test_toml_in_another_encoding_is_said_to_be_none_of_utf8(tmp_path: Path, encoding: str) -> None:
    text = 'calendar = "XKRX"' + (' # "시장"' if encoding == "cp949" else "")
    (tmp_path / "a.toml").write_bytes(text.encode(encoding))
    with pytest.raises(RollsightError, match=r"a\.toml is not UTF-8: save it as UTF-8$"):
        read_toml(tmp_path / "a.toml")


def proposals(message: str) -> list[dict[str, Any]]:
    """Return the two entries that a message about an unknown index proposes, as parsed."""
    assert "\n" not in message
    header, _, rest = message.partition("on lines of their own: ")[2].partition("] then ")
    first, _, second = rest.partition(", or both ")
    second = second.partition(";")[0]
    return [
        tomllib.loads("\n".join([f"{header}]", *re.split(r" and (?=\w+ = )", keys)]))
        for keys in (first, second)
    ]


@pytest.mark.parametrize("name", ["^GSPC", "BRK.B", "S&P 500", 'the "big" one', "코스피", "a\nb"])
def test_the_entry_proposed_for_an_unknown_index_can_be_pasted(tmp_path: Path, name: str) -> None:
    folder = write_market(tmp_path, Recipe(n_days=20))
    table = index_table(Recipe(n_days=20)).rename(columns={"GSPC": name})
    write_table(table, folder / "indices.parquet")
    with pytest.raises(RollsightError, match="is unknown") as refused:
        read_market(MarketSpec(folder=str(folder)))
    of_exchange, of_clock = proposals(str(refused.value))
    assert of_exchange == {"indices": {name: {"calendar": "XNYS"}}}
    clock = {"timezone": "America/New_York", "close": time(16)}
    assert of_clock == {"indices": {name: clock}}
    settings = folder / "market.toml"
    entry = f'[indices.{toml_key(name)}]\ncalendar = "XNYS"\n'
    settings.write_text(settings.read_text() + entry, encoding="utf-8")
    found = read_market(MarketSpec(folder=str(folder)))
    assert found.publications[name].calendar == "XNYS"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a = 1\nb = XKRX\n",
            "Invalid value (at line 2, column 5)), in the line 'b = XKRX': mend it",
        ),
        ("a = True", "in the line 'a = True': mend it; texts stand in quotes, true and false in"),
        ("a = 1,000,000", "in the line 'a = 1,000,000': mend it"),
        ("\na = 2024-02-30\n", "in the line 'a = 2024-02-30': mend it"),
        ("a: 1", "in the line 'a: 1': mend it"),
        ("[a\nb = 1\n", "in the line '[a': mend it"),
        ("a = [1,\n2\n", "in the line '2': mend it"),
        ('a = "x', "in the line 'a = \"x': mend it"),
        ("a = 1\na = 2\n", "in the line 'a = 2': mend it"),
        ("a = " + "x" * 999, "xxx': mend it"),
        ("a = " + "9" * 9999, "999': mend it"),
        ("a = " + "[" * 9999, "[[[': mend it"),
    ],
)
def test_the_line_that_is_no_toml_is_shown(tmp_path: Path, text: str, said: str) -> None:
    (path := tmp_path / "a.toml").write_text(text)
    with pytest.raises(RollsightError) as refused:
        read_toml(path)
    message = str(refused.value)
    assert message.startswith(f"{path} is not TOML (")
    assert said in message
    assert "\n" not in message
    assert len(message) < len(str(path)) + 300
