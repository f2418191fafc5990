"""The decision of one session is the run's own, bit for bit, or a refusal in one line."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rollsight
from rollsight import RollsightError, decide, run
from rollsight.backtests.spec import RunSpec
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market
from tests.workflows.update.test_update import grown

RECIPE = Recipe(n_stocks=5, n_days=260, halts=((1, 180), (2, 200)), last_rows={4: 190})
# Decisions begin on session 20, tests on 160, 190, 220 and 250: the run ends on 225, in the third.
SHORT, LONGER, WHOLE = 225, 240, 259
COLUMNS = ["decided_at", "code", "window", "p_down", "p_hold", "p_up", "score", "threshold", "buy"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("whole"), RECIPE)


@pytest.fixture(scope="module")
def sessions(whole: Path) -> list[str]:
    dates = np.sort(pd.read_parquet(whole / "prices.parquet", columns=["Date"])["Date"].unique())
    return [str(date)[:10] for date in dates]


@pytest.fixture(scope="module")
def finished(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a run of the whole market."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    run(spec_of(whole), out=out, page=False)
    return out


@pytest.fixture(scope="module")
def market(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grown(whole, tmp_path_factory.mktemp("market"), SHORT)


@pytest.fixture(scope="module")
def short(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a run that ends on session 225 and buys the best of each date."""
    out = tmp_path_factory.mktemp("runs") / "short"
    run(ranked(market), out=out, page=False)
    return out


def ranked(market: Path) -> RunSpec:
    """Return a spec of fine-tuned networks that buys the best of each date."""
    spec = spec_of(market, "fine-tune")
    best = spec.threshold.model_copy(update={"per": "date"})
    return spec.model_copy(update={"threshold": best})


def rows_of(out: Path, session: str) -> pd.DataFrame:
    signals = pd.read_parquet(out / "signals.parquet", columns=COLUMNS)
    return signals[signals["decided_at"] == session].reset_index(drop=True)


def assert_decided(out: Path, session: str, of: Path | None = None) -> int:
    """Raise unless a decision is the rows of a run's signals; return how many there are."""
    expected = rows_of(of or out, session)
    pd.testing.assert_frame_equal(decide(out, session), expected, check_exact=True)
    return len(expected)


def refusal(out: Path, session: str) -> str:
    with pytest.raises(RollsightError) as caught:
        decide(out, session)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_decision_is_the_sessions_rows_of_the_signals_to_the_last_bit(
    finished: Path, sessions: list[str]
) -> None:
    # The last session of the third window, the first of the fourth, and the last of all.
    assert [assert_decided(finished, sessions[at]) for at in (249, 250, WHOLE)] == [4, 4, 4]
    assert set(decide(finished, sessions[250])["window"]) == {3}
    as_date = rollsight.decide(finished, pd.Timestamp(sessions[250]).date())
    assert as_date["code"].tolist() == ["000010", "000020", "000030", "000040"]


@pytest.mark.slow
def test_every_row_of_the_last_two_windows_is_decided_as_the_run_did(
    finished: Path, sessions: list[str]
) -> None:
    rows = [assert_decided(finished, session) for session in sessions[220:]]
    assert sum(rows) == 160


def test_a_session_that_came_since_is_decided_as_the_run_of_the_whole_decides_it(
    short: Path, market: Path, whole: Path, sessions: list[str], tmp_path: Path
) -> None:
    grown(whole, market, LONGER)
    later = tmp_path / "later"
    run(ranked(market), out=later, page=False)
    for at in (SHORT, SHORT + 1, LONGER):
        assert assert_decided(short, sessions[at], later) == 4
    again = shutil.copytree(short, tmp_path / "again")
    rollsight.update(again, page=False)
    found, expected = (pd.read_parquet(out / "signals.parquet") for out in (again, later))
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    # Each of the four stocks of a session has a rank of its own.
    assert sorted(decide(short, sessions[LONGER])["score"]) == [0, 1 / 3, 2 / 3, 1]


def test_a_session_of_a_window_that_was_not_trained_is_refused(
    short: Path, market: Path, whole: Path, sessions: list[str]
) -> None:
    grown(whole, market, WHOLE)
    assert len(decide(short, sessions[249])) == 4
    assert refusal(short, sessions[250]) == (
        f"session {sessions[250]} is of window 3, and {short} has trained 3, the last of which "
        f"ends with {sessions[249]}: call rollsight update {short}"
    )


def test_a_day_that_has_no_decision_is_refused_in_a_line(
    finished: Path, whole: Path, sessions: list[str], tmp_path: Path
) -> None:
    span = f"is no session of XKRX in {whole} ({sessions[0]} to {sessions[-1]}); the nearest is"
    day = pd.Timestamp(sessions[230])
    saturday = str((day + pd.Timedelta(days=5 - day.weekday())).date())
    assert refusal(finished, saturday).startswith(f"session {saturday} {span} ")
    assert refusal(finished, "2040-01-02") == f"session 2040-01-02 {span} {sessions[-1]}"
    assert refusal(finished, sessions[159]) == (
        f"session {sessions[159]} comes before {sessions[160]}, the first test session of "
        f"{finished}: name that or a later one"
    )
    assert "'today or so' is no date: write it as 2024-01-02" in refusal(finished, "today or so")
    assert "is no run directory" in refusal(tmp_path, sessions[230])


@pytest.mark.parametrize(
    ("day", "column", "by"),
    # An open is no input, and a thousandth of it no other label, but the threshold earned it.
    [(22, "Close", 1.15), (200, "Close", 1.15), (200, "Open", 1.001), (222, "Close", 1.15)],
)
def test_a_run_whose_market_was_rewritten_is_refused(
    finished: Path, whole: Path, sessions: list[str], tmp_path: Path,
    day: int, column: str, by: float,
) -> None:  # fmt: skip
    # Window 2 learns from 80 to 179, is tuned on 180 to 219 and tests from 220 on.
    out, market = shutil.copytree(finished, tmp_path / "out"), tmp_path / "market"
    grown(whole, market, WHOLE)
    for name in ("run.toml", "manifest.json"):
        text = (out / name).read_text(encoding="utf-8").replace(str(whole), str(market))
        (out / name).write_text(text, encoding="utf-8")
    prices = pd.read_parquet(market / "prices.parquet")
    row = (prices["Date"] == sessions[day]) & (prices["Code"] == "000010")
    prices.loc[row, [column, "High"]] *= by
    prices.to_parquet(market / "prices.parquet", index=False)
    if day == 22:  # far before all that the window rests on
        assert assert_decided(out, sessions[230]) == 4
        return
    assert refusal(out, sessions[230]).startswith(
        f"{market} has changed since {out} was made (a correction, a split, a value that came "
        "late): what window 2 was fitted, tuned or used on is another; run into a new folder "
    )
