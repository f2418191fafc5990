"""What explaining costs: the maps of 10,000 trades, and a window's gate."""

from rollsight.training.explaining.attribution import explain
from rollsight.training.explaining.gate import judge
from rollsight.training.fitting.fit import fit, one_thread
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.benchmarks.clock import seconds
from tests.benchmarks.training import CHANNELS, CLIP, LOOKBACK
from tests.support.markets import random_samples

TRADES, DAYS = 10_000, 480


def attribution() -> dict[str, float]:
    """Return seconds of the gradient maps of 10,000 trades, and microseconds a trade."""
    stocks = TRADES // (DAYS - LOOKBACK) + 1
    samples = random_samples(stocks, DAYS, lookback=LOOKBACK, k=CHANNELS - 1)
    rows = rows_of(samples.usable, 0)
    rows = Rows(rows.stock[:TRADES], rows.day[:TRADES])
    window = Window(0, Span(LOOKBACK, 300), Span(300, 360), Span(360, 470))
    model = fit(samples, window, model=NetworkSpec(), training=TrainingSpec(epochs=1), clip=CLIP)
    with one_thread():
        maps = seconds(lambda: explain(model, samples, rows), repeats=1)
        gate = seconds(
            lambda: judge(model, samples, window, skilled=True, target="log_odds"), repeats=3
        )
    return {"seconds": maps, "us_a_trade": 1e6 * maps / TRADES, "gate_seconds": gate}
