"""Every vendor keeps to what is asked of vendors, and faults put into toy vendors are found."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.base.conformance import fault_of
from rollsight.signals.vendors.members import VENDORS, checks
from rollsight.signals.vendors.span import Span
from rollsight.signals.vendors.vendor import RequestPolicy
from tests.conformance.vendor import VendorConformance
from tests.support.toys.vendors import LocalFiles, write_files
from tests.support.vendors.us import with_us
from tests.support.vendors.wire import QUICK, replayed, small_vendors

STOCKS, GONE, BARS, INDEX, MISSING, SAME, PARTS = checks.VENDOR_CHECKS


@pytest.fixture(autouse=True)
def bought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve the vendors on loopback, and write what they hold into files too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checks, "POLICY", QUICK)
    with replayed(with_us(small_vendors(2))) as vendors:
        write_files(vendors)
        yield


class TestFinanceDataReader(VendorConformance):
    name = "finance-datareader"


class TestUnitedStates(VendorConformance):
    name = "finance-datareader-us"


class TestLocalFiles(VendorConformance):
    name = "tests.support.toys.vendors:LocalFiles"


def test_every_vendor_has_its_class() -> None:
    assert VENDORS.keys() <= {own.name for own in VendorConformance.__subclasses__()}


class Twice(LocalFiles):
    """Its list has a stock of two classes twice."""

    def listed(self) -> pd.DataFrame:
        return pd.concat([super().listed()] * 2)


class Untold(LocalFiles):
    """Its list names boards in its own words."""

    def listed(self) -> pd.DataFrame:
        return super().listed().assign(Market="STK")


class Soon(LocalFiles):
    """It does not know the days of delistings."""

    def delisted(self) -> pd.DataFrame:
        return super().delisted().assign(DelistingDate="soon")


class InSeoul(LocalFiles):
    """Its rows are by instants, at midnight in Seoul, as UTC has it."""

    def rows(self, source: str, span: Span) -> pd.DataFrame:
        table = super().rows(source, span)
        days = pd.DatetimeIndex(table.index).tz_localize("Asia/Seoul")
        return table.set_axis(days.tz_convert("UTC"))


class DayLate(LocalFiles):
    """Its rows are a day late, as those of a vendor that stamps the day of delivery."""

    def rows(self, source: str, span: Span) -> pd.DataFrame:
        table = super().rows(source, span)
        return table.set_axis(table.index + pd.Timedelta(days=1))


class Adjusted(LocalFiles):
    """It adjusts prices to the first day that is asked for."""

    def rows(self, source: str, span: Span) -> pd.DataFrame:
        table = super().rows(source, span)
        return table / table.iloc[0] * 1_000


class Noisy(LocalFiles):
    """It quotes another price each time."""

    def __init__(self, policy: RequestPolicy) -> None:
        super().__init__(policy)
        self.rng = np.random.default_rng(0)

    def rows(self, source: str, span: Span) -> pd.DataFrame:
        return super().rows(source, span) * (1 + 1e-3 * self.rng.random())


class Filled(LocalFiles):
    """Its rows are filled forward on every day of the week."""

    def rows(self, source: str, span: Span) -> pd.DataFrame:
        return super().rows(source, span).resample("D").ffill()


class Failing(LocalFiles):
    """It looks for a file without asking whether it is there."""

    def rows(self, source: str, _: Span) -> pd.DataFrame:
        return pd.read_csv(f"nowhere/{source}.csv")


@pytest.mark.parametrize(
    ("vendor", "check", "fault"),
    [
        (Twice, STOCKS, "'000015' is listed twice"),
        (Untold, STOCKS, "its list has no common stock of six digits whose Market is KOSPI or"),
        (Soon, GONE, "has the DelistingDate 'soon', which is no date"),
        (InSeoul, BARS, "refused: the dates of vendor 'InSeoul' are in the time zone UTC"),
        (Filled, BARS, "rows of '000010' are on no session of the exchange, or no bars, such as"),
        (DayLate, BARS, "refused: 0% of its rows lie on Mondays: its dates are shifted"),
        (DayLate, INDEX, "refused: "),
        (Adjusted, PARTS, "asked for less, its close of 2023-07-03 is 1000.0 and was "),
        (Noisy, SAME, "asked again, its close of 2023-01-02 is "),
        (Failing, MISSING, "vendor 'Failing' failed with FileNotFoundError: [Errno 2] No such"),
    ],
)
def test_a_fault_of_a_vendor_is_found(vendor: type[LocalFiles], check: str, fault: str) -> None:
    assert fault in fault_of(checks.VENDOR_CHECKS[check], vendor)
