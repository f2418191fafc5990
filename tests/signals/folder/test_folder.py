"""A market folder as it is read: all of one version, and said when its indices become known."""

from pathlib import Path

import numpy as np
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.reading import _undisturbed, read_folder
from rollsight.signals.known.ledger import as_of
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, write_market


def declared(folder: Path, lag_hours: float) -> Market:
    """Return a market whose KOSPI is declared known so many hours after the close."""
    write_market(folder, Recipe(n_days=20))
    with (folder / "market.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'[indices.KS11]\ncalendar = "XKRX"\nlag_hours = {lag_hours}\n')
    return read_market(MarketSpec(folder=str(folder)))


def dated(market: Market) -> dict[str, str]:
    """Return the date of the KOSPI value that each session's decision uses."""
    ledger = as_of(market.indices[["KS11"]], market.publications, market.closes)
    return dict(zip(market.sessions.astype(str), ledger.dated[:, 0].astype(str), strict=True))


def test_a_folder_at_rest_is_read_as_it_stands(tmp_path: Path) -> None:
    folder = read_folder(str(write_market(tmp_path, Recipe(n_days=20, last_rows={1: 9}))))
    assert folder.path == tmp_path
    assert len(folder.prices) == 20 + 10 + 20
    assert folder.indices.columns.tolist() == ["KS11", "GSPC"]
    assert folder.listings.index[folder.listings["Delisted"]].tolist() == ["000020"]
    assert folder.settings.calendar == "XKRX"


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("prices.parquet", lambda p: p.write_bytes(p.read_bytes() + b"more")),
        ("indices.parquet", lambda p: p.unlink()),
        ("listings.csv", lambda p: p.write_text("Code\n000010\n", encoding="utf-8")),
    ],
    ids=["grown", "gone", "new"],
)
def test_a_folder_written_to_while_it_is_read_is_refused(
    tmp_path: Path, name: str, write: object
) -> None:
    folder = write_market(tmp_path, Recipe(n_days=20))
    assert callable(write)
    with pytest.raises(RollsightError) as refused, _undisturbed(folder):
        write(folder / name)
    said = str(refused.value)
    assert said.startswith(f"{folder}: {name} changed while it was read: wait until")
    assert "\n" not in said


def test_a_reader_that_stumbles_over_half_a_file_says_that_it_was_being_written(
    tmp_path: Path,
) -> None:
    folder = write_market(tmp_path, Recipe(n_days=20))

    def read_while_written() -> None:
        with _undisturbed(folder):
            (folder / "indices.parquet").write_bytes(b"half a file")
            read_folder(str(folder))

    with pytest.raises(RollsightError, match=r"indices\.parquet changed"):
        read_while_written()


def test_what_is_wrong_with_a_folder_at_rest_is_still_said(tmp_path: Path) -> None:
    folder = write_market(tmp_path, Recipe(n_days=20))
    (folder / "indices.parquet").write_bytes(b"half a file")
    with pytest.raises(RollsightError, match=r"indices\.parquet cannot be read"):
        read_folder(str(folder))


def test_files_of_an_equal_size_written_anew_are_noticed(tmp_path: Path) -> None:
    folder = write_market(tmp_path, Recipe(n_days=20))
    settings = folder / "market.toml"
    with pytest.raises(RollsightError, match=r"market\.toml changed"), _undisturbed(folder):
        settings.write_bytes(settings.read_bytes().replace(b"KRW", b"USD"))


def test_a_vendor_that_dates_late_is_declared_by_a_negative_lag(tmp_path: Path) -> None:
    # Declared known a day before its close, a value is used by the session before where that is
    # the calendar day before; over a weekend it is used on its own date still.
    found = dated(declared(tmp_path, lag_hours=-24))
    assert found["2024-01-03"] == "2024-01-04"  # Wednesday uses Thursday's
    assert found["2024-01-04"] == "2024-01-05"
    assert found["2024-01-05"] == "2024-01-05"  # Friday's is the newest before Monday's
    assert found["2024-01-08"] == "2024-01-09"


def test_a_lag_of_nothing_uses_each_sessions_own_value(tmp_path: Path) -> None:
    found = dated(declared(tmp_path, lag_hours=0))
    assert list(found.values()) == list(found)


@pytest.mark.parametrize("lag", [-73, -1e9, np.inf, np.nan])
def test_a_lag_of_more_than_three_days_early_or_of_no_length_is_refused(
    tmp_path: Path, lag: float
) -> None:
    with pytest.raises(RollsightError, match=r"market\.toml: indices\.KS11\.lag_hours=") as refused:
        declared(tmp_path, lag_hours=lag)
    assert "\n" not in str(refused.value)
    assert declared(tmp_path / "edge", lag_hours=-72).publications["KS11"].lag_hours == -72
