"""The digest of a market changes with whatever a result depends on, and with nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.chain.prepared import Prepared, prepare_samples
from rollsight.backtests.directory.manifest import data_digest
from rollsight.base.digests import content_digest
from rollsight.signals.folder.settings import IndexEntry, MarketToml
from rollsight.signals.known.symbols import Publication
from rollsight.signals.prices.market import Market, read_market
from tests.support.edits.folder import EDITS, IDLE, PLACES, Edit, everything, spec_of
from tests.support.panels import traded

# What neither inputs, labels nor fills take from an edit: a page may name it, or nothing does.
UNSEEN = {"prices.High", "prices.Low", "market.indices.verified"}


def laid(folder: Path) -> Prepared:
    spec = spec_of(folder)
    return prepare_samples(spec, read_market(spec.market, fewest_rows=spec.features.lookback + 1))


def edited(edit: Edit, day: int, folder: Path) -> Prepared:
    tables = everything()
    edit(tables, day)
    return laid(tables.write(folder))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return laid(everything().write(tmp_path_factory.mktemp("markets") / "whole"))


def results(ready: Prepared) -> dict[str, Any]:
    """Return rows, membership, labels, what orders may do, and the words of a page."""
    market, samples = ready.market, ready.samples
    arrays = {name: getattr(samples, name) for name in ("stocks", "indices", "usable")}
    arrays |= vars(samples.labels) | vars(ready.costs) | {"member": ready.universe.member}
    arrays |= {name: getattr(market, name) for name in ("open", "close", "buyable", "sellable")}
    arrays |= {f"ending {name}": value for name, value in vars(market.endings).items()}
    published = {s: p.name for s, p in market.publications.items()}
    words = [market.codes, sorted(market.names.items()), market.notes, market.currency,
             market.book, market.boards, published, samples.own, samples.shared,
             ready.universe.excluded, ready.losses]  # fmt: skip
    return arrays | {"words": repr(words), "benchmark": market.indices["KS11"].dropna().to_numpy()}


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    """Return which results are not the same."""
    return {name for name in one if not _same(one[name], other[name])}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, pd.DataFrame):
        return bool(one.equals(other))
    if not isinstance(one, np.ndarray):
        return bool(one == other)
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_that_changes_a_result_changes_the_digest(
    whole: Prepared, tmp_path: Path, name: str
) -> None:
    found = edited(EDITS[name], PLACES["middle"], tmp_path / "market")
    # Each edit is one that counts, or the test would say nothing.
    assert bool(differing(results(whole), results(found))) == (name not in UNSEEN)
    assert data_digest(found.market) != data_digest(whole.market)


@pytest.mark.parametrize("name", IDLE)
def test_what_no_run_looks_at_leaves_the_digest_as_it_is(
    whole: Prepared, tmp_path: Path, name: str
) -> None:
    found = edited(IDLE[name], PLACES["middle"], tmp_path / "market")
    assert not differing(results(whole), results(found))
    assert data_digest(found.market) == data_digest(whole.market)


def test_a_date_that_only_an_unused_index_has_leaves_the_digest_as_it_is(
    whole: Prepared, tmp_path: Path
) -> None:
    tables = everything()
    sunday = {"Date": pd.Timestamp("2024-02-18"), "UNUSED": 1.0}
    longer = pd.concat([tables.indices, pd.DataFrame([sunday])]).sort_values("Date")
    tables.indices = longer.reset_index(drop=True)
    assert data_digest(laid(tables.write(tmp_path / "m")).market) == data_digest(whole.market)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_same_tables_elsewhere_and_in_another_format_have_the_same_digest(
    whole: Prepared, tmp_path: Path, suffix: str
) -> None:
    elsewhere = laid(everything().write(tmp_path / "else" / "where", suffix))
    assert data_digest(elsewhere.market) == data_digest(whole.market)


def test_every_column_and_key_of_a_market_folder_is_edited_here() -> None:
    tables, named = everything(), {*EDITS, *IDLE}
    for file in ("prices", "indices", "listings"):
        columns = {f"{file}.{column}" for column in getattr(tables, file)}
        assert columns - named <= {"indices.GSPC"}, "as KS11"
    # Another calendar has other sessions, and is refused.
    keys = {f"market.{key}" for key in MarketToml.model_fields} - {"market.indices"}
    assert keys - named == {"market.calendar"}
    assert {f"market.indices.{key}" for key in IndexEntry.model_fields} <= named


def another(value: Any) -> Any:
    """Return a value of the same kind that is not the same."""
    if isinstance(value, np.ndarray):
        changed = value.copy()
        at = np.unravel_index(changed.size // 2, changed.shape)
        here = changed[at]
        changed[at] = ~here if value.dtype.kind == "b" else _next(here, value.dtype.kind)
        return changed
    if isinstance(value, pd.DataFrame):
        return value.assign(**{str(value.columns[0]): value.iloc[:, 0] + 1})
    if isinstance(value, Mapping):
        return {**value, "another": "value"}
    if isinstance(value, tuple):
        return (*value, "another")
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return f"{value}x"
    first = fields(value)[0].name
    return replace(value, **{first: another(getattr(value, first))})


def _next(value: Any, kind: str) -> Any:
    if kind == "M":
        day = np.datetime64("2001-01-01")
        return day if np.isnat(value) else value + np.timedelta64(1, "D")
    return 1.5 if kind == "f" and np.isnan(value) else value + 1


@pytest.mark.parametrize("name", [field.name for field in fields(Market)])
def test_every_field_of_a_market_counts(whole: Prepared, name: str) -> None:
    market = replace(whole.market, ranked_value=whole.market.amount)  # of an edited folder
    changed = replace(market, **{name: another(getattr(market, name))})
    assert data_digest(changed) != data_digest(market)
    if getattr(market, name) is not None and name in {"volume", "amount"}:
        assert data_digest(replace(market, **{name: None})) != data_digest(market)


@dataclass(frozen=True)
class Pair:
    one: Any
    other: Any


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Pair("ab", "c"), Pair("a", "bc")),
        (Pair(("a",), ()), Pair((), ("a",))),
        (Pair(None, "None"), Pair("None", None)),
        ({"a": 1}, {"a": True}),
        (np.zeros((2, 3)), np.zeros((3, 2))),
        (np.zeros(2), np.zeros(2, dtype="float32")),
        (time(9), time(9, 1)),
        (Publication("x", "UTC", time(9)), Publication("x", "UTC", time(9), lag_hours=1.0)),
        (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"b": [1.0]})),
        (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [1.0]}, index=[1])),
        (np.array(["a", "bc"], dtype=object), np.array(["ab", "c"], dtype=object)),
    ],
)
def test_different_contents_have_different_digests(one: Any, other: Any) -> None:
    assert content_digest(one) != content_digest(other)
    assert content_digest(one) == content_digest(one)


def test_what_has_no_digest_is_refused_by_its_kind() -> None:
    with pytest.raises(TypeError, match="set has no digest"):
        content_digest(Pair(1, {"a"}))


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", [*EDITS, *IDLE])
def test_wherever_an_edit_lies_a_trade_that_it_changes_changes_the_digest(
    whole: Prepared, tmp_path: Path, name: str, place: str
) -> None:
    found = edited((EDITS | IDLE)[name], PLACES[place], tmp_path / "market")
    if differing(_with_trades(whole), _with_trades(found)):
        assert data_digest(found.market) != data_digest(whole.market)


def _with_trades(ready: Prepared) -> dict[str, Any]:
    buys = [(stock, day, 0.5) for day in range(11, 58, 4) for stock in (0, 1)]
    own = [buy for buy in buys if ready.market.has_bar[buy[0], buy[1]]]
    done = traded(ready.market, own, horizon=3, costs=ready.costs)
    return results(ready) | {"orders": done.orders, "trades": done.trades, "equity": done.equity}
