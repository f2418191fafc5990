"""The account beside random buyers' accounts: what is counted, said and drawn of them."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.base.records import plain, record
from rollsight.reports.page.language import speak
from rollsight.reports.run.account.money import money
from rollsight.reports.run.account.randomaccounts import (
    RandomAccounts,
    random_accounts_data,
    random_accounts_said,
)
from rollsight.reports.run.headfacts import Performance
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.verdict import verdict
from rollsight.workflows.run import Run

OWN = Performance(
    total_return=0.5, annual_return=0.2, volatility=0.1, sharpe=None, max_drawdown=-0.1
)


def data_of(finished: Run, own: Performance, totals: list[float]) -> RandomAccounts:
    accounts = [{"total_return": t, "annual_return": t / 2, "sharpe": None} for t in totals]
    found = {"random_accounts": {"renewed": 0.5, "accounts": accounts}}
    data = random_accounts_data(replace(finished, manifest=finished.manifest | found), own)
    assert data is not None
    return data


def test_accounts_that_did_as_well_are_counted(finished: Run) -> None:
    data = data_of(finished, OWN, [0.7, -0.1, 0.5, 0.1, 0.3])
    total = data.total_return
    assert (total.value, total.median, total.accounts, total.as_well) == (0.5, 0.3, 5, 2)
    assert (total.low, total.high) == (pytest.approx(-0.06), pytest.approx(0.66))
    assert data.totals == (-0.1, 0.1, 0.3, 0.5, 0.7)
    assert (data.annual_return.median, data.annual_return.as_well) == (0.15, 2)
    assert data.sharpe is None
    assert random_accounts_said(data, speak("en")) == (
        "Of 5 accounts of random buyers, traded by the same rule at the same costs, 2 made as much "
        "or more; their median is +30.0 %, 5 % to 95 % of them -6.0 % to +66.0 %."
    )


def test_a_run_counts_its_own_hundred(finished: Run) -> None:
    accounts = finished.manifest["random_accounts"]["accounts"]
    found = finished.numbers.random_accounts
    assert found is not None
    assert found.total_return.value == finished.numbers.headline.strategy.total_return
    assert len(found.totals) == len(accounts) == 100
    drawn = np.array([account["total_return"] for account in accounts])
    assert found.total_return.median == np.median(drawn)
    assert found.total_return.as_well == (drawn >= found.total_return.value).sum()
    assert random_accounts_said(found, speak("en")) in [
        said for _, said in verdict(finished.numbers, speak("en"))
    ]


def test_a_run_of_an_earlier_version_says_nothing_of_them(finished: Run) -> None:
    before = {k: v for k, v in finished.manifest.items() if k != "random_accounts"}
    numbers = build_metrics(replace(finished, manifest=before))
    written = plain(numbers)
    assert "random_accounts" not in written
    assert record(RunNumbers, written) == numbers
    for lang in ("en", "ko"):
        say = speak(lang)
        page = money(numbers.money, numbers.headline, say, numbers.random_accounts)
        with_them = money(numbers.money, numbers.headline, say, finished.numbers.random_accounts)
        heading = say("Beside random buyers")
        assert heading not in page
        assert heading in with_them
        assert len(verdict(numbers, say)) == len(verdict(finished.numbers, say)) - 1
