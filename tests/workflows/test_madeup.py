"""The embedded made-up market is what its program writes, and its page finds the driver."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.spec import read_spec
from rollsight.reports.page.language import speak
from rollsight.reports.run.saliency.drivers import drivers_said
from rollsight.reports.run.verdict import verdict
from rollsight.signals.folder.reading import market_folder
from rollsight.workflows.run import run
from tests.support.tables.madeup import DRIVER, codes, made_up

FOLDER = market_folder("planted")


def test_the_embedded_market_is_what_its_program_writes() -> None:
    prices, indices = made_up()
    held = pd.read_parquet(FOLDER / "prices.parquet")
    pd.testing.assert_frame_equal(held, prices, atol=0.011, rtol=0)
    pd.testing.assert_frame_equal(
        pd.read_parquet(FOLDER / "indices.parquet"), indices, atol=0.011, rtol=0, check_freq=False
    )
    assert pd.read_csv(FOLDER / "listings.csv")["Code"].tolist() == codes()


def test_it_is_small_and_says_that_it_is_made_up() -> None:
    assert sum(p.stat().st_size for p in FOLDER.iterdir()) < 1_500_000
    for name in ("NOTICE", "market.toml", "listings.csv"):
        assert "made" in (FOLDER / name).read_text(encoding="utf-8").lower(), name
    assert "made-up" in read_spec("planted").name


@pytest.mark.slow
def test_its_page_names_the_driver_first_and_believes_the_maps(tmp_path: Path) -> None:
    done = run("planted", out=tmp_path / "run")
    numbers = done.numbers
    assert numbers.verdict.word == "more"
    assert drivers_said(numbers, speak("en")).startswith(f"Winners rest most on {DRIVER} (")
    assert all(window.gate_passed for window in numbers.windows)
    assert any("made up" in said for _, said in verdict(numbers, speak("en")))
    assert "<h1>Planted: a made-up market" in done.html
    assert np.isfinite(numbers.headline.strategy.total_return)
