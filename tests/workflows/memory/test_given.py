"""Signals in a file: no later one moves an earlier, and sweeps, updates and audits know them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rollsight
from rollsight import RollsightError, RunSpec
from rollsight.backtests.chain.basis import basis
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.changes import placed
from rollsight.backtests.given import given_signals
from rollsight.signals.given.placed import placed as laid
from tests.support.markets import Recipe, price_table, write_market

RECIPE = Recipe(n_stocks=6, n_days=260)
PRICES = price_table(RECIPE)
DAYS = pd.DatetimeIndex(PRICES["Date"].unique())


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), RECIPE)


def file_of(path: Path, seed: int, name: str = "score") -> Path:
    """Write random scores of every row from a session on."""
    rows = PRICES.loc[PRICES["Date"] >= DAYS[100], ["Date", "Code"]].rename(
        columns={"Date": "date", "Code": "code"}
    )
    drawn = np.random.default_rng(seed).random(len(rows))
    rows.assign(**{name: drawn}).to_parquet(path)
    return path


def spec_of(market: Path, source: Path, **changes: object) -> RunSpec:
    own = {
        "model.name": "given", "model.source": str(source), "model.scores": True,
        "baselines": [], "training.seeds": 1, "features.lookback": 12, "label.horizon": 3,
        "windows.train_days": 60,
        "windows.validation_days": 40, "windows.test_days": 40, "market.start": None,
        "market.indices": [], "market.benchmark": None,
    } | {key.replace("__", "."): value for key, value in changes.items()}  # fmt: skip
    return rollsight.read_spec("sample", own, market)


def test_a_later_score_moves_no_earlier_one_and_none_ties_with_another(
    market: Path, tmp_path: Path
) -> None:
    spec = spec_of(market, file_of(tmp_path / "signals.parquet", 0))
    found, ready = given_signals(spec), prepare(spec)
    assert found is not None
    scale = np.array([1e-9, 1.0, 1e12])[np.arange(len(found)) % 3]
    found = found.assign(score=(found["score"] - 0.5) * scale)
    half = found[found["date"] < DAYS[180]]
    one, all_of = (laid(table, ready.market)[:, :180, 2] for table in (half, found))
    np.testing.assert_array_equal(one, all_of)
    up = laid(found, ready.market)[..., 2]
    order = found["score"].rank().to_numpy()
    stock = pd.Index(ready.market.codes).get_indexer(pd.Index(found["code"]))
    day = ready.market.sessions.searchsorted(found["date"].to_numpy().astype("datetime64[D]"))
    assert (pd.Series(up[stock, day]).rank().to_numpy() == order).all()
    near = found.assign(score=1.0 + 1e-16 * np.arange(len(found)))
    assert len(np.unique(near["score"])) > 1
    with pytest.raises(RollsightError, match="too close for their size"):
        laid(near.assign(score=near["score"] * 1e300), ready.market)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"threshold__at": 0.6}, r"threshold\.at=0\.6 is of probabilities, and the signals are s"),
        ({"threshold__require_skill": True}, "asks for the log-loss of probabilities"),
    ],
)
def test_scores_are_held_against_no_probability(
    market: Path, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    spec = spec_of(market, file_of(tmp_path / "signals.parquet", 0), **change)
    with pytest.raises(RollsightError, match=said):
        rollsight.run(spec, progress=None)


def test_a_sweep_trades_each_file_by_its_own_answers(
    market: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("a", "b")):
        file_of(tmp_path / f"{name}.parquet", seed)
    files = ["a.parquet", "b.parquet"]  # workers start anywhere
    swept = rollsight.sweep(
        spec_of(market, Path("a.parquet"), threshold__best=2), {"model.source": files},
        out=tmp_path / "sweep", keep=0, progress=None,
    )  # fmt: skip
    alone = [
        rollsight.run(spec_of(market, Path(f), threshold__best=2), page=False, progress=None)
        for f in files
    ]
    ends = [run.equity["equity"].iloc[-1] / run.equity["equity"].iloc[0] - 1 for run in alone]
    assert ends[0] != ends[1]
    assert swept.trials["test_total_return"].tolist() == pytest.approx(ends)
    assert Path(placed(alone[0].spec).model.source).is_absolute()  # type: ignore[attr-defined]


def test_revised_answers_of_a_validation_span_let_no_window_stand(
    market: Path, tmp_path: Path
) -> None:
    spec = spec_of(market, file_of(tmp_path / "signals.parquet", 0))
    ready = prepare(spec)
    window, given = ready.windows[0], ready.samples.given
    assert given is not None
    revised = given.copy()
    revised[:, window.validation.start + 5] = revised[:, window.validation.start + 6]
    other = replace(ready, samples=replace(ready.samples, given=revised))
    after = len(ready.market.sessions)
    assert basis(ready, window, after) != basis(other, window, after)
    assert basis(ready, ready.windows[-1], after) == basis(other, ready.windows[-1], after)


def test_whoever_reads_the_file_refuses_what_is_of_no_stock_and_reads_codes_as_texts(
    market: Path, tmp_path: Path
) -> None:
    table = pd.read_parquet(file_of(tmp_path / "signals.parquet", 0)).rename(
        columns={"code": "SYMBOL"}
    )
    table.to_csv(tmp_path / "loud.csv", index=False)
    spec = spec_of(market, tmp_path / "loud.csv", threshold__best=2)
    assert prepare(spec).samples.given is not None
    table.assign(SYMBOL="999999").drop_duplicates("date").to_csv(tmp_path / "loud.csv", index=False)
    for ask in (
        lambda: rollsight.run(spec, progress=None),
        lambda: rollsight.sweep(
            spec, {"strategy.cash": [1e6, 1e7]}, out=tmp_path / "s", progress=None
        ),
    ):
        with pytest.raises(RollsightError, match=r"'999999' .* is no code of the market"):
            ask()


def test_an_audit_says_that_it_cannot_try_what_others_knew(market: Path, tmp_path: Path) -> None:
    spec = spec_of(market, file_of(tmp_path / "signals.parquet", 0))
    with pytest.raises(RollsightError, match="made elsewhere, and nobody can try what they knew"):
        rollsight.audit(spec, progress=None)
