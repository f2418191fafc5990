"""An index that goes with the next session: a wrong time, unless its time is verified."""

from dataclasses import replace
from pathlib import Path

import pytest

from rollsight.backtests.audit.leadlag import lead_lags
from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.reports.page.language import speak
from rollsight.reports.run.checks import Check
from rollsight.reports.run.data.datafacts import Leading
from rollsight.reports.run.data.leading import leading_said, ledger_check
from rollsight.reports.run.verdict import verdict
from rollsight.workflows.run import Run
from tests.support.audits import declare, spec_of
from tests.support.planted import planted_market

WHERE = "the exchange's rule 12, https://example.org/close"
LEADS = Leading("GSPC", before=0.02, after=0.71, later=0.0, t=18.2, session="2024", verified=WHERE)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a market whose stocks follow a US close that was truly known a session before."""
    return planted_market(
        tmp_path_factory.mktemp("market"), seed=3, strength=1.0, n_stocks=4, n_days=300, later=(1,)
    )


def ready_of(folder: Path, *changes: str) -> Prepared:
    return prepare(spec_of(folder, "market.indices=['GSPC','KS11']", *changes))


def checked(folder: Path) -> Check:
    return ledger_check(ready_of(folder), "as-of")


def test_an_index_that_leads_fails_and_what_would_settle_it_is_named(market: Path) -> None:
    (fault,) = checked(market).faults
    assert fault.startswith("GSPC on ")
    assert "prices cannot tell a time that is wrong from an index that leads" in fault
    assert 'under [indices.GSPC], verified = "where that time is documented"' in fault


def test_a_verified_time_turns_the_fault_into_a_remark(market: Path, tmp_path: Path) -> None:
    folder = declare(market, tmp_path / "m", f'[indices.GSPC]\nverified = "{WHERE}"\n')
    check = checked(folder)
    assert check.passed
    assert f"and market.toml has its time as verified: {WHERE}" in check.said
    # Only the time is stated: the table's own clock stays.
    assert ready_of(folder).market.publications["GSPC"].calendar == "XNYS"


def test_verifying_another_index_excuses_none(market: Path, tmp_path: Path) -> None:
    folder = declare(market, tmp_path / "m", f'[indices.KS11]\nverified = "{WHERE}"\n')
    check = checked(folder)
    assert not check.passed
    assert WHERE not in check.said


def test_a_join_by_date_is_excused_by_no_verified_time(market: Path, tmp_path: Path) -> None:
    folder = declare(market, tmp_path / "m", f'[indices.GSPC]\nverified = "{WHERE}"\n')
    assert not ledger_check(ready_of(folder), "same-date").passed


def test_the_page_repeats_the_remark(market: Path, tmp_path: Path) -> None:
    folder = declare(market, tmp_path / "m", f'[indices.GSPC]\nverified = "{WHERE}"\n')
    ready = ready_of(folder)
    (found,) = (f for f in lead_lags(ready.market, ready.samples) if f.early)
    assert leading_said([LEADS], speak("en")) == [
        "GSPC goes with the stocks' next session (+0.71, t 18) more than with the last (+0.02): it "
        f"leads, or its time is wrong. market.toml has its time as verified: {WHERE}."
    ]
    assert (found.symbol, found.verified) == ("GSPC", WHERE)


def test_the_first_lines_of_the_page_have_it(finished: Run) -> None:
    data = replace(finished.numbers.data, leading=(LEADS,))
    said = [text for _, text in verdict(replace(finished.numbers, data=data), speak("en"))]
    assert leading_said([LEADS], speak("en"))[0] in said
    assert finished.metrics["data"]["leading"] == []
