"""Steps of an index that no market makes from one value to the next."""

import pandas as pd

from rollsight.signals.known.calendar import SHOWN
from rollsight.signals.known.symbols import Publication
from rollsight.signals.prices.moves import FALL, RISE

# Of 21 indices since 1995 the largest step up and down is Henry Hub's spot price, 4.2 times the
# value before and back; the VIX has doubled, oil has risen by half. Stock indices move by 20 %.
STEP = 5.0
LEAST_POINTS = 2.0  # of a yield in per cent: near zero, yields of 0.03 and 0.23 are neighbours


def step_notes(values: pd.Series, publication: Publication, *, benchmark: bool) -> list[str]:
    """Return a note on the values of an index that lie too far from those before.

    Too far is `STEP` times the value before, or that part of it; of a yield, which may be near zero
    or below, by `LEAST_POINTS` at least. What a strategy is held against may rise and fall as a
    stock without a daily band: by `RISE` and `FALL`.
    """
    rise, fall = (1 + RISE, 1 - FALL) if benchmark else (STEP, 1 / STEP)
    before = values.shift()
    ratio = (values / before).where((values > 0) & (before > 0))
    beyond = (ratio >= rise) | (ratio <= fall)
    if publication.unit == "percent":
        beyond &= (values - before).abs() >= LEAST_POINTS
    if not beyond.any():
        return []
    days = [f"{day:%Y-%m-%d} (x{ratio[day]:.3g})" for day in values.index[beyond]]
    more = f" and {len(days) - SHOWN} more" if len(days) > SHOWN else ""
    return [
        f"Index {values.name} is {rise:g} times the value before, or more, or {fall:g} times, or "
        f"less, on {', '.join(days[:SHOWN])}{more}: another unit or base, a split or a slip; its "
        "input and a benchmark's return take the step as it is"
    ]
