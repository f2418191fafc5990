"""Runs with as little as there can be end in a page, in both languages, from the command line."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.signals.known.calendar import exchange_calendar
from tests.support.commands import TINY, invoke
from tests.support.planted import FIRST, LAST, planted_market

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("market")
    return planted_market(folder, seed=3, strength=0.4, n_stocks=6, n_days=300)


def rising_market(folder: Path) -> Path:
    """Write a market in which every stock gains about one per cent in every session."""
    planted_market(folder, seed=3, strength=0.4, n_stocks=6, n_days=300)
    days = exchange_calendar("XKRX", FIRST, LAST).sessions[:300]
    moves = np.random.default_rng(0).normal(0.01, 0.002, (6, len(days)))
    close = 10_000 * np.exp(np.cumsum(moves, axis=1))
    opened = np.concatenate([np.full((6, 1), 10_000.0), close[:, :-1]], axis=1)
    prices = pd.read_parquet(folder / "prices.parquet")
    prices = prices.assign(
        Open=opened.ravel(), Close=close.ravel(),
        High=np.maximum(opened, close).ravel(), Low=np.minimum(opened, close).ravel(),
    )  # fmt: skip
    prices.to_parquet(folder / "prices.parquet", index=False)
    return folder


def pages(market: Path, out: Path, *changes: str) -> tuple[dict[str, Any], str, str]:
    """Run, and return the numbers and the page in English and in Korean."""
    more = [word for change in changes for word in ("--set", change)]
    invoke("run", "krx", "--market", str(market), "--out", str(out), *TINY, *more)
    invoke("report", str(out), "--lang", "ko", "--out", str(out.parent / "ko.html"))
    english, korean = (out / "report.html").read_text(), (out.parent / "ko.html").read_text()
    for page in (english, korean):
        assert page.count("<section ") == 12
        assert ">nan" not in page.lower()
        assert ">None" not in page
    return json.loads((out / "metrics.json").read_text()), english, korean


def test_a_run_without_trades_is_told_in_both_languages(market: Path, tmp_path: Path) -> None:
    metrics, english, korean = pages(market, tmp_path / "run", "threshold.min_score=1.5")
    assert metrics["headline"]["trades"] == metrics["overall"]["all_buys"]["buys"] == 0
    assert metrics["quantstats"] == {}
    assert "There was no trade." in english
    assert "이 실행에는 거래가 없습니다." in korean


def test_a_run_of_winners_alone_is_told_in_both_languages(tmp_path: Path) -> None:
    metrics, english, korean = pages(rising_market(tmp_path / "market"), tmp_path / "run")
    assert metrics["headline"]["trades"] > 20
    assert metrics["headline"]["profitable"] == 1
    assert [metrics["money"]["all"][k] for k in ("profit_factor", "payoff_ratio")] == [None, None]
    assert {g["outcome"] for g in metrics["saliency"]} & {"loss", "crucial"} == set()
    assert "100.0\xa0% with a profit" in english
    assert "100.0\xa0%" in korean


def test_one_window_one_index_and_one_seed_are_told_in_both_languages(
    market: Path, tmp_path: Path
) -> None:
    metrics, english, korean = pages(
        market, tmp_path / "run", "market.indices=['KS11']", "training.seeds=1",
        "windows.test_days=70",
    )  # fmt: skip
    assert len(metrics["windows"]) == len(metrics["data"]["ledger"]) == 1
    assert metrics["attribution"]["left_out"]["failed"] == 1
    assert metrics["headline"]["trades"] > 0
    assert "unverified, fewer than three seeds" in english
    assert "unverified" not in korean
