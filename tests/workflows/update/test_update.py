"""An update is the run of the whole, byte for byte, or nothing at all."""

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from rollsight.base.errors import RollsightError
from rollsight.base.records import record
from rollsight.commands import main
from rollsight.reports.page.language import speak
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.judgement import judged
from rollsight.workflows.rewritten import first_change
from rollsight.workflows.run import run
from rollsight.workflows.update import update
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market

RECIPE = Recipe(n_stocks=5, n_days=260, halts=((1, 180), (2, 200)), last_rows={4: 190}, pays=True)
# Decisions begin on session 20, tests on 160, 190, 220 and 250: the run ends on 225, in the third.
SHORT, LONGER, WHOLE = 225, 228, 259
Files = dict[str, bytes]
OFTEN = 100  # validation buys of a threshold: low ones, that buy on most days


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("whole"), RECIPE)


def grown(whole: Path, folder: Path, last: int) -> Path:
    """Write the market up to a session, as it stood at its close."""
    folder.mkdir(exist_ok=True)
    days = np.sort(pd.read_parquet(whole / "prices.parquet", columns=["Date"])["Date"].unique())
    for file in whole.iterdir():
        if file.suffix == ".parquet":
            table = pd.read_parquet(file)
            table[table["Date"] <= days[last]].to_parquet(folder / file.name, index=False)
        else:
            shutil.copy(file, folder / file.name)
    return folder


@pytest.fixture(scope="module")
def market(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grown(whole, tmp_path_factory.mktemp("market"), SHORT)


@pytest.fixture(scope="module")
def short(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a run that ends on session 225."""
    out = tmp_path_factory.mktemp("runs") / "short"
    run(spec_of(market, min_buys=OFTEN), out=out, page=False)
    return out


@pytest.fixture
def out(short: Path, whole: Path, market: Path, tmp_path: Path) -> Path:
    """Return a copy of that run, whose market is as it was then."""
    grown(whole, market, SHORT)
    return shutil.copytree(short, tmp_path / "out")


def contents(folder: Path) -> Files:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "timings.json"
    }


def called(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["update", *arguments], catch_exceptions=False)


def edit(market: Path, day: int, *, column: str) -> str:
    """Multiply a price of the first stock by 1.15, which its band allows; return the session."""
    table = pd.read_parquet(market / "prices.parquet")
    date_of = np.sort(table["Date"].unique())[day]
    row = (table["Date"] == date_of) & (table["Code"] == "000010")
    assert row.sum() == 1
    table.loc[row, [column, "High"]] *= 1.15
    table.to_parquet(market / "prices.parquet", index=False)
    return f"{pd.Timestamp(date_of):%Y-%m-%d}"


@pytest.mark.parametrize("mode", ["fine-tune", pytest.param("retrain", marks=pytest.mark.slow)])
def test_an_update_is_the_run_of_the_whole_byte_for_byte(
    whole: Path, tmp_path: Path, mode: str
) -> None:
    market, out = grown(whole, tmp_path / "market", SHORT), tmp_path / "out"
    # The page follows from the numbers, which are compared in any mode.
    spec, page = spec_of(market, mode, min_buys=OFTEN), mode == "retrain"
    before = run(spec, out=out, page=page)
    # Three sessions within the window, then the rest, with one window that is due.
    for last, trained in ((LONGER, ()), (WHOLE, (3,))):
        grown(whole, market, last)
        models = {p: p.stat().st_mtime_ns for p in (out / "models").iterdir()}
        done = update(out, page=page)
        assert done.trained == trained
        assert len(done.sessions) == last - (SHORT if last == LONGER else LONGER)
        assert {p: p.stat().st_mtime_ns for p in models} == models
    fresh = tmp_path / "fresh"
    run(spec, out=fresh, page=page)
    assert contents(out) == contents(fresh)
    # What stood stands, but for what has become known since.
    assert done.run is not None
    stood = done.run.signals[: len(before.signals)]
    assert first_change(before.signals, stood) is None
    assert before.signals["label"].isna().sum() > stood["label"].isna().sum()
    assert (stood["action"] != "the data ends").all()
    closed = before.trades[before.trades["exit_reason"] != "end"]
    columns = ["code", "entry_at", "exit_at", "shares", "net_return", "exit_reason"]
    assert 0 < len(closed) == len(closed.merge(done.run.trades, on=columns))


def test_a_folder_that_lost_the_runs_last_sessions_is_refused(
    out: Path, whole: Path, market: Path
) -> None:
    before = contents(out)
    days = np.sort(pd.read_parquet(whole / "prices.parquet", columns=["Date"])["Date"].unique())
    grown(whole, market, SHORT - 3)
    since, last = (f"{pd.Timestamp(days[at]):%Y-%m-%d}" for at in (SHORT, SHORT - 3))
    with pytest.raises(RollsightError) as refusal:
        update(out, page=False)
    said = str(refusal.value)
    assert said.startswith(f"{market} ends on {last}, and {out} on {since}: ")
    assert "bring the folder's later sessions back, or run into a new folder" in said
    assert "\n" not in said
    assert contents(out) == before


@pytest.mark.slow
def test_the_command_says_what_was_added(out: Path, whole: Path, market: Path) -> None:
    grown(whole, market, WHOLE)
    done = called(str(out), "--lang", "ko")
    assert done.exit_code == 0
    verdict, sessions, windows, buys, *rest = done.stdout.splitlines()
    numbers = record(RunNumbers, json.loads((out / "metrics.json").read_text(encoding="utf-8")))
    assert verdict == judged(numbers, speak("en"))
    signals = pd.read_parquet(out / "signals.parquet")
    days = signals["decided_at"].drop_duplicates().dt.strftime("%Y-%m-%d").tolist()
    assert sessions == f"Sessions added: 34, {days[-34]} to {days[-1]}"
    assert windows == "Windows trained: 1 (number 3)"
    trades = pd.read_parquet(out / "trades.parquet")
    held = set(trades.loc[trades["exit_reason"] == "end", "code"])
    assert buys == f"Buy signals of {days[-1]}, with {len(held)} of at most 3 positions held:"
    bought = signals[signals["buy"] & (signals["decided_at"] == days[-1])]
    ordered = bought.sort_values("p_up", ascending=False)
    assert len(ordered) > 0
    expected = [
        f"  {b['code']}  p_up {b['p_up']:.4f}  threshold {b['threshold']:.4f}  "
        f"Stock {int(b['code']) // 10 - 1}{'  (held)' if b['code'] in held else ''}"
        for b in ordered.to_dict("records")
    ]
    assert rest == [*expected, "", f"Report: {out / 'report.html'}"]
    assert 'lang="ko"' in (out / "report.html").read_text(encoding="utf-8")


def test_where_nothing_is_new_nothing_is_written(out: Path) -> None:
    before = contents(out)
    times = {p: p.stat().st_mtime_ns for p in out.rglob("*")}
    done = called(str(out))
    last = pd.read_parquet(out / "equity.parquet")["date"].iloc[-1]
    assert (done.exit_code, done.stdout) == (0, f"nothing new since {last:%Y-%m-%d}\n")
    assert contents(out) == before
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*")} == times


def refusal(out: Path) -> str:
    """Return why an update is refused; the directory stays as it was."""
    before = contents(out)
    done = called(str(out))
    assert done.exit_code == 2
    *progress, error = done.stderr.splitlines()
    assert all("Error" not in line for line in progress)
    assert contents(out) == before
    return error


def test_a_close_edited_in_a_test_span_is_named_by_what_it_would_change(
    out: Path, whole: Path, market: Path
) -> None:
    grown(whole, market, LONGER)
    day = edit(market, 223, column="Close")
    before = pd.read_parquet(out / "signals.parquet").set_index(["decided_at", "code"])
    said = refusal(out)
    was = before.loc[(pd.Timestamp(day), "000010"), "p_down"]
    assert f"000010 on {day}: p_down was {was}, it is 0." in said
    assert f"run into a new folder with rollsight run {out / 'run.toml'} --out FOLDER" in said


def test_an_open_that_only_a_label_sees_is_named(out: Path, whole: Path, market: Path) -> None:
    grown(whole, market, LONGER)
    # A buy decided on session 212 fills at the open of 213 and is sold at that of 218.
    table = pd.read_parquet(market / "prices.parquet")
    days = np.sort(table["Date"].unique())
    edit(market, 213, column="Open")
    assert f"000010 on {pd.Timestamp(days[207]):%Y-%m-%d}: label" in refusal(out)


def test_a_price_that_only_a_fill_sees_is_named_by_what_it_would_have_traded(
    out: Path, whole: Path, market: Path
) -> None:
    grown(whole, market, LONGER)
    equity = pd.read_parquet(out / "equity.parquet")
    orders = pd.read_parquet(out / "orders.parquet")
    # As if the account had been another on the first day, and an order of the others' kind.
    equity.loc[0, "equity"] += 1.0
    equity.to_parquet(out / "equity.parquet", index=False)
    day, worth = equity["date"].iloc[0], equity["equity"].iloc[0]
    assert (
        f"the account was worth {worth:,.2f} on {day:%Y-%m-%d}, it is worth {worth - 1:,.2f} now"
        in refusal(out)
    )
    orders.loc[1, "shares"] += 1
    orders.to_parquet(out / "orders.parquet", index=False)
    first = orders.iloc[1]
    assert (
        f"the {first['side']} of {first['code']} submitted on {first['submitted_at']:%Y-%m-%d} "
        "would be another" in refusal(out)
    )
    manifest = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(json.dumps(manifest | {"chain_digest": "another"}))
    assert "came late), or by another version of rollsight or of your own code: " in refusal(out)


def test_where_the_newest_session_has_no_whole_input_no_older_signal_is_shown(
    out: Path, whole: Path, market: Path
) -> None:
    grown(whole, market, WHOLE)
    path = market / "indices.parquet"
    table = pd.read_parquet(path)
    dates = np.sort(table["Date"].unique())
    table[table["Date"] <= dates[-25]].to_parquet(path, index=False)
    said = repr(update(out, page=False))
    assert "Nothing was decided on 20" in said
    assert "Buy signals" not in said


@pytest.mark.slow
def test_a_row_that_came_late_is_named(out: Path, whole: Path, market: Path) -> None:
    prices = pd.read_parquet(market / "prices.parquet")
    days = np.sort(prices["Date"].unique())
    # The run was made without one row of the last session, which the folder has now.
    torn = prices[(prices["Date"] < days[SHORT]) | (prices["Code"] != "000030")]
    torn.to_parquet(market / "prices.parquet", index=False)
    shutil.rmtree(out)
    run(spec_of(market, min_buys=OFTEN), out=out, page=False)
    grown(whole, market, LONGER)
    assert f"000030 on {pd.Timestamp(days[SHORT]):%Y-%m-%d} was not decided on before" in refusal(
        out
    )


def test_a_train_span_that_changed_is_named_where_no_decision_shows_it(
    out: Path, whole: Path, market: Path
) -> None:
    grown(whole, market, LONGER)
    # Session 22 lies in the train span of the first window alone, far before its test.
    edit(market, 22, column="Close")
    said = refusal(out)
    windows = pd.read_parquet(out / "windows.parquet")
    assert f"what window 0 was fitted on, {windows['train_start'].iloc[0]:%Y-%m-%d} to " in said
    assert "has changed: its key was " in said


def test_a_run_with_an_end_of_another_version_or_not_finished_is_refused(
    out: Path, tmp_path: Path
) -> None:
    manifest = (out / "manifest.json").read_text(encoding="utf-8")
    code = manifest.split('"code_digest": "')[1][:12]
    (out / "manifest.json").write_text(manifest.replace(code, "0" * 12), encoding="utf-8")
    assert "was trained by another version of rollsight, torch or numpy" in refusal(out)
    (out / "manifest.json").unlink()
    assert "call rollsight run again to finish the run" in refusal(out)
    spec = (out / "run.toml").read_text(encoding="utf-8").replace("# end =", "end = 2024-12-30")
    (out / "run.toml").write_text(spec, encoding="utf-8")
    ending = manifest.replace('"end": null', '"end": "2024-12-30"')
    (out / "manifest.json").write_text(ending, encoding="utf-8")
    assert "ends with market.end=2024-12-30" in refusal(out)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "is no run directory" in refusal(empty)


def test_only_a_folder_that_was_fetched_is_fetched_again(out: Path) -> None:
    with pytest.raises(RollsightError, match="was not written by rollsight fetch"):
        update(out, fetch_until=date(2025, 3, 3))
