"""Daily features are what their formulas say, written down here once more with pandas."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from rollsight.signals.features.daily import DAILY
from rollsight.signals.features.panel import StockPanel

Float64 = npt.NDArray[np.float64]
Frame = pd.DataFrame
DAYS = 900
LATE = 500  # the first session of the last stock


def planted() -> StockPanel:
    """Return four stocks: one halted at times, one with holes, one listed late."""
    rng = np.random.default_rng(4)
    close = np.round(10_000 * np.exp(np.cumsum(0.02 * rng.standard_normal((4, DAYS)), axis=1)))
    opens = np.round(close * np.exp(0.01 * rng.standard_normal(close.shape)))
    high = np.round(1.01 * np.maximum(opens, close))
    low = np.round(0.99 * np.minimum(opens, close))
    volume = np.floor(np.exp(rng.normal(11, 1, close.shape)))
    idle = np.zeros(close.shape, dtype=bool)
    idle[1, 600:615] = idle[2, 640:642] = True
    idle[0, 700] = True
    for stock, day in np.argwhere(idle):
        close[stock, day] = close[stock, day - 1]
        for price in (opens, high, low):
            price[stock, day] = close[stock, day]
        volume[stock, day] = 0
    high[3, 800] = low[3, 800] = opens[3, 800] = close[3, 800]
    columns = {"Open": opens, "High": high, "Low": low, "Close": close, "Volume": volume}
    for column in columns.values():
        column[3, :LATE] = np.nan
    days = np.datetime64("2020-01-02", "D") + np.arange(DAYS)
    traded = ~idle & np.isfinite(close)
    market = np.r_[np.nan, 0.01 * rng.standard_normal(DAYS - 1)]
    codes = tuple("abcd")
    return StockPanel(days, codes, columns, np.zeros(close.shape, dtype=bool), traded, market)


PANEL = planted()


def rolled(x: Frame, days: int) -> "pd.api.typing.Rolling[Frame]":
    return x.rolling(days, min_periods=max(2, int(0.6 * days)))


def together(a: Frame, b: Frame, days: int) -> Frame:
    a, b = a.where(b.notna()), b.where(a.notna())
    covariance = rolled(a * b, days).mean() - rolled(a, days).mean() * rolled(b, days).mean()
    return covariance / (rolled(a, days).std() * rolled(b, days).std())


def expected(panel: StockPanel) -> dict[str, Frame]:
    """Return each feature, days by stocks."""
    traded = Frame(panel.traded.T)
    o, h, low, v = (
        Frame(panel.columns[name].T).where(traded) for name in ("Open", "High", "Low", "Volume")
    )
    c = Frame(panel["Close"].T)
    r = c / c.shift() - 1
    out: dict[str, Frame] = {f"ret{k}": c / c.shift(k) - 1 for k in (1, 3, 5, 10, 20, 60, 120)}
    out |= {
        f"{name}{far}_{near}": c.shift(near) / c.shift(far) - 1
        for name, far, near in (("mom", 120, 20), ("mom", 250, 20), ("ret", 20, 5))
    }
    out |= {f"vol{k}": rolled(r, k).std() for k in (5, 20, 60, 250)}
    out["volratio"] = out["vol20"] / out["vol250"]
    out |= {f"max{k}": rolled(r, k).max() for k in (20, 60)}
    out |= {"min20": rolled(r, 20).min(), "skew60": rolled(r, 60).skew()}
    out["zero60"] = rolled((r == 0).astype(float).where(r.notna()), 60).mean()
    out["up20"] = rolled((r > 0).astype(float).where(r.notna()), 20).mean()
    out["autoc60"] = together(r, r.shift(), 60)
    return out | of_bars(o, h, low, c) | of_volumes(c, v, r) | beside_the_market(r) | levels(c)


def of_bars(o: Frame, h: Frame, low: Frame, c: Frame) -> dict[str, Frame]:
    night, day = np.log(o / c.shift()), np.log(c / o).where(o.notna())
    width, place = np.log(h / low), (c - low) / (h - low).where(h > low) - 0.5
    out = {"gap1": night, "intra1": day, "range1": width, "clv1": place}
    for k in (5, 20, 60, 120):
        out |= {f"over{k}": rolled(night, k).mean(), f"intra{k}": rolled(day, k).mean()}
    out |= {"onvol20": rolled(night, 20).std(), "idvol20": rolled(day, 20).std()}
    out |= {f"range{k}": rolled(width, k).mean() for k in (5, 20)}
    out |= {f"clv{k}": rolled(place, k).mean() for k in (5, 20, 60)}
    body = np.maximum(o, c), np.minimum(o, c)
    out["ushadow20"] = rolled(np.log(h / body[0]), 20).mean()
    out["lshadow20"] = rolled(np.log(body[1] / low), 20).mean()
    return out


def of_volumes(c: Frame, v: Frame, r: Frame) -> dict[str, Frame]:
    value = c * v
    lv = np.log(value)
    mean = {k: rolled(v, k).mean() for k in (5, 20, 60, 250)}
    out = {"vrel1_20": v / mean[20], "vrel5_60": mean[5] / mean[60]}
    out |= {"vrel20_250": mean[20] / mean[250], "vrel60_250": mean[60] / mean[250]}
    out |= {f"vstd{k}": rolled(lv, k).std() for k in (20, 60)}
    out |= {f"amihud{k}": np.log(rolled(r.abs() / value, k).mean() + 1e-16) for k in (20, 250)}
    out["logval60"] = np.log(value.fillna(0).where(c.notna()).rolling(60).mean() + 1)
    out |= {f"corr_cv{k}": together(np.log(c), lv, k) for k in (20, 60)}
    out["corr_rv20"] = together(r, lv - lv.shift(), 20)
    return out


def beside_the_market(r: Frame) -> dict[str, Frame]:
    m = Frame(np.repeat(PANEL.market[:, None], 4, axis=1)).where(r.notna())
    mean = rolled(m, 120).mean()
    beta = rolled(r * m, 120).mean() - rolled(r, 120).mean() * mean
    beta /= rolled(m * m, 120).mean() - mean**2
    rest = r - beta.shift() * m
    out = {"beta120": beta} | {f"ivol{k}": rolled(rest, k).std() for k in (20, 60)}
    out |= {f"resret{k}": rolled(rest, k).sum() for k in (5, 20, 60)}
    out["resmom"] = (rolled(rest, 230).mean() / rolled(rest, 230).std()).shift(20)
    return out


def levels(c: Frame) -> dict[str, Frame]:
    out = {"dist52": c / rolled(c, 250).max(), "dist52lo": c / rolled(c, 250).min()}
    out["dist20hi"] = c / rolled(c, 20).max()
    month = c.shift(230) / c.shift(250) - 1
    years = np.stack([month.shift(250 * y).to_numpy() for y in range(3)])
    known = np.isfinite(years).sum(axis=0)
    out["season"] = Frame(np.nansum(years, axis=0) / np.where(known, known, np.nan))
    return out


EXPECTED = expected(PANEL)


def test_every_feature_of_the_set_has_its_formula_here() -> None:
    assert DAILY.keys() == EXPECTED.keys()
    assert len(DAILY) == 66


@pytest.mark.parametrize("name", DAILY)
def test_a_feature_is_what_its_formula_says(name: str) -> None:
    found, wanted = DAILY[name](PANEL), EXPECTED[name].to_numpy().T
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-10)
    assert np.isfinite(found).sum() > DAYS
    # It says from which session on it can be made, of those listed from the first and since.
    for stock, first in ((0, 0), (3, LATE)):
        assert np.flatnonzero(np.isfinite(found[stock]))[0] == first + DAILY[name].fewest
