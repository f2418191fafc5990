"""A spec is read as editors save it, and written so that it is read again."""

import tomllib
from pathlib import Path

import pytest

from rollsight.backtests.directory.directory import is_run, write_spec
from rollsight.backtests.spec import RunSpec, check_spec, read_spec, to_toml
from rollsight.backtests.sweeps.spec import SweepSpec, read_sweep, sweep_toml
from rollsight.base.errors import RollsightError

MARK = b"\xef\xbb\xbf"


def test_a_spec_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = 'name = "한국"\n[label]\nhorizon = 5\n[sweep.grid]\ncosts.slippage = [0.0, 0.1]\n'
    path.write_bytes(MARK + text.encode())
    assert (read_spec(str(path)).name, read_spec(str(path)).label.horizon) == ("한국", 5)
    assert read_sweep(str(path))[1].keys == ("costs.slippage",)


@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
def test_a_spec_in_another_encoding_is_said_to_be_none_of_utf8(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes('name = "한국"\n'.encode(encoding))
    with pytest.raises(RollsightError, match=r"mine\.toml is not UTF-8: save it as UTF-8$"):
        read_spec(str(path))


def test_a_run_directory_whose_spec_was_saved_with_a_mark_is_still_one(tmp_path: Path) -> None:
    write_spec(RunSpec(), tmp_path)
    (tmp_path / "run.toml").write_bytes(MARK + (tmp_path / "run.toml").read_bytes())
    assert is_run(tmp_path)
    assert read_spec(str(tmp_path / "run.toml")) == RunSpec()


def test_symbols_of_any_characters_survive_the_written_spec() -> None:
    symbols = ["^GSPC", "BRK.B", "S&P 500", 'the "big" one', "it's", "코스피", "NA", "a\\b\x7f"]
    market = {"indices": symbols, "benchmark": "^GSPC", "folder": 'C:\\데이터 "krx"'}
    spec = check_spec({"name": "^ .\"'", "market": market}, "here")
    assert check_spec(tomllib.loads(to_toml(spec)), "again") == spec
    grid = {"market": {"benchmark": symbols}}
    written = tomllib.loads(sweep_toml(SweepSpec(grid=grid)))["sweep"]
    assert SweepSpec.model_validate(written).grid == grid
