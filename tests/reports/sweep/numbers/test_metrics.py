"""The numbers of a sweep as JSON, and back."""

import json
from dataclasses import replace
from pathlib import Path

from rollsight.base.records import plain, record
from rollsight.reports.page.language import speak
from rollsight.reports.run.data.benchmark import Span
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.page.page import render_page
from rollsight.workflows.sweep import Sweep
from tests.reports.declared import untrue
from tests.support.sweeps.numbers import few, rolling, seeds


def test_what_json_holds_of_a_sweep_is_that_sweep() -> None:
    data = few()
    span = Span(200, first="2020-01-02", last="2020-10-30", shorter=False, missing=("2020-03-02",))
    whole = replace(
        data, rolling=rolling(data), seeds=seeds(),
        statistics=replace(data.statistics, benchmark_span=span),
    )  # fmt: skip
    assert record(SweepNumbers, json.loads(json.dumps(plain(whole)))) == whole


def test_the_page_of_a_sweep_needs_its_json_alone(swept: Sweep, swept_in: Path) -> None:
    read = record(SweepNumbers, json.loads((swept_in / "sweep.json").read_text(encoding="utf-8")))
    # As text too: of NumPy's numbers and of NaN other digits may be drawn.
    assert repr(read) == repr(swept.numbers)
    assert untrue(SweepNumbers, swept.numbers) == []
    assert render_page(read, speak("en")) == swept.html
