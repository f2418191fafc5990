"""The preset us-rank on a small US folder of open, high, low, close and volume."""

from pathlib import Path

import pandas as pd
import pytest

from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Label
from tests.support.simulated.reverting import reverting_market

SMALL = [
    "windows.train_days=160", "windows.validation_days=60", "windows.test_days=60",
    "training.seeds=1", "training.every=2", "label.horizon=5", "threshold.best=4",
    "strategy.max_positions=4", "strategy.keep=12", "strategy.tranches=1", "baselines=[]",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reverting_market(tmp_path_factory.mktemp("us"))


def small(folder: Path, *changes: str) -> RunSpec:
    return read_spec("us-rank", [*SMALL, *changes], str(folder))


def test_the_preset_takes_every_daily_feature_as_a_rank_within_its_date(folder: Path) -> None:
    ready = prepare(small(folder))
    assert (ready.market.exchange, ready.market.currency, ready.market.book) == (
        "XNYS",
        "USD",
        "us",
    )
    assert {channel.unit for channel in ready.samples.own} == {"rank within the date"}
    assert not [note for note in ready.samples.notes if "left out" in note]
    assert ready.windows


def test_closes_alone_lose_what_needs_the_other_columns_and_say_so(folder: Path) -> None:
    whole = prepare(small(folder)).samples

    closes = folder.parent / "closes"
    closes.mkdir(exist_ok=True)
    for file in folder.iterdir():
        (closes / file.name).write_bytes(file.read_bytes())
    prices = pd.read_parquet(folder / "prices.parquet")[["Date", "Code", "Close"]]
    prices.to_parquet(closes / "prices.parquet", index=False)
    fewer = prepare(small(closes, "universe.top=none")).samples
    assert 0 < len(fewer.own) < len(whole.own)
    (note,) = [note for note in fewer.notes if "left out" in note]
    assert "Volume" in note


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["strategy.keep=40"], "strategy.keep=40 never sells any: no date has more than 40"),
        (["model.name=ensemble", "model.members=['mlp','momentum']"], "add 'change' to features"),
        (["model.name=ensemble", "model.members=['mlp','resnet']"], "features.lookback=1 is short"),
        (["model.name=ensemble", "model.members=['mlp']"], "must be a list of 2 or more"),
        (["training.every=1000"], "shorten label.horizon, or lower training.every=1000"),
    ],
)
def test_what_could_not_be_trained_or_held_is_refused_before(
    folder: Path, changes: list[str], said: str
) -> None:
    few = ("features.stock=['ret5', 'clv1']",)
    with pytest.raises(RollsightError) as refusal:
        prepare(small(folder, *few, *changes))
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.slow
def test_a_planted_reversal_is_bought(folder: Path) -> None:
    """Of 1,300 rows at random a third are UP, within .013; of the chosen ones there are more."""
    signals = walk_forward(small(folder)).signals
    bought = signals[signals["buy"] & (signals["label"] >= 0)]
    assert len(bought) > 1_300
    assert (bought["label"] == Label.UP).mean() > 1 / 3 + 5 * 0.013
