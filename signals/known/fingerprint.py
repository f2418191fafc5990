"""Is a series what its name says? Each check returns why not, or None."""

import numpy as np
import numpy.typing as npt
import pandas as pd

MOST_DAYS_APART = 30  # calendar days between two rows; no market closes for so long
MOST_DAYS_OLD = 14  # calendar days between the newest row and the day asked for
LEAST_WEEKDAY = 0.08  # share of rows on each weekday; a shifted series has none on one of them
MOST_WEEKENDS = 0.02
LEAST_RATIO = 0.7  # of the rarest weekday to the most frequent one, where there are weekends
FEWEST = 60  # rows, or changes, before a share or a correlation says anything


def suspicion(
    closes: pd.Series,
    *,
    level: tuple[float, float],
    end: pd.Timestamp | None,
    lag_hours: float = 0.0,
) -> str | None:
    """Return why a series of closes by date cannot be right, or None.

    Parameters
    ----------
    level
        lowest and highest value that can be right; a wrong currency or instrument leaves it
    end
        day asked for; None where the series may have ended long ago
    lag_hours
        from a date's close to its publication

    >>> import pandas as pd
    >>> days = pd.date_range("2024-01-01", periods=5)
    >>> suspicion(pd.Series([2.0, 45.0, 3.0, 2.0, 2.0], days), level=(1, 20), end=days[-1])
    'its value 45 on 2024-01-02 lies outside 1 to 20: another instrument or currency'
    """
    if closes.empty:
        return "it has no rows"
    checks = (
        _level(closes, level), _age(closes, end, lag_hours), _weekdays(closes), _gap(closes, end)
    )  # fmt: skip
    return next((reason for reason in checks if reason), None)


def _level(closes: pd.Series, level: tuple[float, float]) -> str | None:
    outside = closes[~closes.between(*level)]
    if outside.empty:
        return None
    return (
        f"its value {outside.iloc[0]:g} on {outside.index[0]:%Y-%m-%d} lies outside "
        f"{level[0]:g} to {level[1]:g}: another instrument or currency"
    )


def _age(closes: pd.Series, end: pd.Timestamp | None, lag_hours: float) -> str | None:
    if end is None:
        return None
    newest = closes.index[-1]
    if newest >= end - pd.Timedelta(days=MOST_DAYS_OLD, hours=lag_hours):
        return None
    return f"its newest row is of {newest:%Y-%m-%d}, too old for {end:%Y-%m-%d}"


def _gap(closes: pd.Series, end: pd.Timestamp | None) -> str | None:
    if end is None:
        return None
    apart = closes.index.to_series().diff()
    if not apart.max() > pd.Timedelta(days=MOST_DAYS_APART):
        return None
    at = int(apart.argmax())
    before, after = closes.index[at - 1], closes.index[at]
    return f"it has no row between {before:%Y-%m-%d} and {after:%Y-%m-%d}"


def _weekdays(closes: pd.Series) -> str | None:
    if len(closes) < FEWEST:
        return None
    share = _by_weekday(pd.DatetimeIndex(closes.index))
    if share[5:].sum() > MOST_WEEKENDS:
        return f"{share[5:].sum():.0%} of its rows lie on weekends: its dates are shifted"
    if share[:5].min() < LEAST_WEEKDAY:
        return _rare_weekday(share)
    return None


def shifted(dates: pd.DatetimeIndex) -> str | None:
    """Return why the dates of a daily series are shifted, or None; a week may have seven days.

    A series shifted for a part of the year, as dates in UTC are in summer, lacks part of a weekday
    that stands on weekends.
    """
    apart = dates.to_series().diff().median()
    if len(dates) < FEWEST or apart > pd.Timedelta(days=1):
        return None
    share = _by_weekday(dates)
    partly = share[5:].sum() > MOST_WEEKENDS and share[:5].min() < LEAST_RATIO * share[:5].max()
    return _rare_weekday(share) if partly or share[:5].min() < LEAST_WEEKDAY else None


def _by_weekday(dates: pd.DatetimeIndex) -> npt.NDArray[np.float64]:
    return np.bincount(dates.day_of_week, minlength=7) / len(dates)


def _rare_weekday(share: npt.NDArray[np.float64]) -> str:
    name = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays")[share[:5].argmin()]
    return f"{share[:5].min():.0%} of its rows lie on {name}: its dates are shifted"


def stranger(closes: pd.Series, reference: pd.Series, name: str, least: float) -> str | None:
    """Return why a series does not move with its reference as it should, or None.

    Parameters
    ----------
    least
        correlation of daily changes that it needs; where negative, the greatest it may have
    """
    both = pd.concat([closes, reference], axis=1, join="inner").dropna()
    changes = both.pct_change().iloc[1:].replace([np.inf, -np.inf], np.nan).dropna()
    if len(changes) < FEWEST or (changes.std() == 0).any():
        return None
    found = float(np.corrcoef(changes.to_numpy().T)[0, 1])
    if found >= least if least > 0 else found <= least:
        return None
    rule = "at least" if least > 0 else "at most"
    return f"its changes correlate {found:.2f} with {name}, not {rule} {least:g}"


def hole(dates: pd.DatetimeIndex, sessions: pd.DatetimeIndex, most: int) -> str | None:
    """Return where more than ``most`` sessions in a row are missing, or None."""
    missing = ~sessions.isin(dates)
    runs = np.diff(np.flatnonzero(np.diff(np.r_[False, missing, False].astype(int))))[::2]
    if not len(runs) or runs.max() <= most:
        return None
    starts = np.flatnonzero(np.diff(np.r_[False, missing].astype(int)) == 1)
    at = int(runs.argmax())
    return f"{runs[at]} sessions in a row are missing, from {sessions[starts[at]]:%Y-%m-%d}"
