"""Numbers in the pages of docs that the program knows are the program's."""

import re

import pytest

from rollsight.backtests.buyers.accounts import DRAWS as ACCOUNTS
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.reports.statistics.randombuys import DRAWS
from rollsight.signals.features import STOCK_SETS
from rollsight.training.models.baselines.growth import DAILY
from rollsight.training.models.baselines.logistic import DAILY_ROWS, MOST_ROWS
from rollsight.workflows.audit import TRIALS
from tests.docs.documents import DOCS

FEATURES = len(STOCK_SETS["daily"])
DEFAULT = RunSpec(name="default")
LEAST = DEFAULT.threshold
SHORTEST = {
    name: 1 + read_spec(name).windows.train_days + read_spec(name).windows.validation_days
    for name in ("us-rank", "krx-rank")
}
KNOWN = [
    ("spec.md", f"a set of {FEATURES} daily features"),
    ("speed.md", f"{FEATURES} features, "),
    ("speed.md", f"{FEATURES} daily features of "),
    ("speed.md", f"a stretch of {DEFAULT.training.stretch} decisions"),
    ("spec.md", f"{MOST_ROWS:,} rows at most, of a lookback of 1 {DAILY_ROWS:,}"),
    ("spec.md", f"{DAILY.rounds} rounds of {DAILY.leaves} leaves on {DAILY.most_rows:,} rows"),
    (
        "account.md",
        f"{LEAST.min_buys} validation buys of {LEAST.min_dates} dates in {LEAST.min_blocks} blocks",
    ),
    ("page.md", f"{DRAWS:,} on the same dates"),
    ("page.md", f"{ACCOUNTS} random buyers whom"),
    ("ko/page.md", f"{DRAWS:,}명"),
    ("ko/page.md", f"무작위 매수자 {ACCOUNTS}명"),
    ("runs.md", f"every index, {TRIALS} times"),
    ("ranking.md", f"`us-rank` needs {SHORTEST['us-rank']:,} sessions"),
    ("ranking.md", f"`krx-rank` {SHORTEST['krx-rank']:,} before"),
]


@pytest.mark.parametrize(("page", "said"), KNOWN)
def test_a_page_gives_the_number_that_the_program_has(page: str, said: str) -> None:
    text = " ".join((DOCS / page).read_text(encoding="utf-8").split())
    assert said in text


def test_the_sample_has_as_many_stocks_indices_and_windows_as_the_pages_say() -> None:
    sample = prepare(read_spec("sample"), None, None, None)
    evidence = (DOCS / "evidence.md").read_text(encoding="utf-8")
    (windows,) = re.findall(r"of (\d+) on the sample", evidence)
    assert len(sample.windows) == int(windows)
    assert sample.samples.usable.shape[0] == 20
    assert len(sample.samples.channels) == 1 + 6  # the close, and the indices
    assert "| `sample` | 20 US stocks and six indices" in (DOCS / "spec.md").read_text("utf-8")
