"""Where what two histories give differs: inputs, who may be decided on, and labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.backtests.chain.prepared import Prepared
from rollsight.base.errors import counted

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Fault:
    """A series that depends on what comes later, and the session where it shows."""

    series: str
    session: str
    what: str

    def __str__(self) -> str:
        return f"{self.series} on {self.session}: {self.what}"


def differences(
    base: Prepared, other: Prepared, first: int, stop: int, *, longer: bool = False
) -> Iterator[Fault]:
    """Yield each series whose inputs, membership or labels differ in sessions ``[first, stop)``.

    A feature is one series, however many stocks it differs of. Where inputs differ, the rows that
    they allow say no more, and are not compared.

    Parameters
    ----------
    longer
        the base has the longer history and may allow rows that the other does not
    """
    pairs = _Pairs(base, other, first, stop, longer)
    found = [*pairs.shared(), *pairs.own()]
    yield from found
    if not found:
        yield from pairs.rows()
    if not longer:
        yield from pairs.labels()


def named(faults: Sequence[Fault]) -> tuple[str, ...]:
    """Return each series once, with how often it was found."""
    by_series: dict[str, list[Fault]] = {}
    for fault in faults:
        by_series.setdefault(fault.series, []).append(fault)
    return tuple(
        f"{found[0]}" + (f" (found {len(found)} times)" if len(found) > 1 else "")
        for found in by_series.values()
    )


def offset(base: Prepared, other: Prepared) -> int:
    """Return in which session of one history another begins."""
    return int(np.searchsorted(base.market.sessions, other.market.sessions[0]))


class _Pairs:
    """The same sessions of two histories."""

    def __init__(
        self, base: Prepared, other: Prepared, first: int, stop: int, longer: bool
    ) -> None:
        self.base, self.other, self.stop, self.longer = base, other, stop, longer
        self.began = offset(base, other)
        self.why = "with what comes before its warm-up" if longer else "with what is known later"
        self.at, self.there = slice(first, stop), slice(first - self.began, stop - self.began)
        self.sessions = base.market.sessions[self.at]
        place = {code: i for i, code in enumerate(other.market.codes)}
        self.places = [place.get(code) for code in base.market.codes]

    def shared(self) -> Iterator[Fault]:
        one, two = self.base.samples, self.other.samples
        for k, channel in enumerate(one.shared):
            differs = one.indices[self.at, k] != two.indices[self.there, k]
            yield from self._first(channel.name, differs, f"its input changes {self.why}")

    def own(self) -> Iterator[Fault]:
        one, two = self.base.samples, self.other.samples
        found: dict[int, list[tuple[int, str]]] = {}  # of each channel, first sessions and codes
        for stock, (code, place) in enumerate(
            zip(self.base.market.codes, self.places, strict=True)
        ):
            if place is None:
                continue
            differs = one.stocks[stock, self.at] != two.stocks[place, self.there]
            if self.longer:
                differs &= _within(two.usable[place, self.there], one.lookback)[:, None]
            for c in np.flatnonzero(differs.any(axis=0)):
                found.setdefault(int(c), []).append((int(differs[:, c].argmax()), code))
        for channel, stocks in sorted(found.items()):
            day, code = min(stocks)
            more = f" and of {counted(len(stocks) - 1, 'other stock')}" if stocks[1:] else ""
            yield Fault(
                one.own[channel].name,
                str(self.sessions[day]),
                f"its value of {code}{more} changes {self.why}",
            )

    def rows(self) -> Iterator[Fault]:
        one, two = self.base.samples, self.other.samples
        for stock, (code, place) in enumerate(
            zip(self.base.market.codes, self.places, strict=True)
        ):
            allowed = one.usable[stock, self.at]
            if place is None:
                yield from self._first(code, allowed, "its rows are gone")
                continue
            again = two.usable[place, self.there]
            differs = again & ~allowed if self.longer else again != allowed
            yield from self._first(code, differs, "whether it may be decided on changes")

    def labels(self) -> Iterator[Fault]:
        for stock, (code, place) in enumerate(
            zip(self.base.market.codes, self.places, strict=True)
        ):
            if place is not None:
                differs = self._labels_of(stock, place)
                yield from self._first(code, differs, "a label that was known changes")

    def _labels_of(self, stock: int, place: int) -> Flags:
        one, two = self.base.samples.labels, self.other.samples.labels
        settled, again = one.settled_at[stock, self.at], two.settled_at[place, self.there]
        known = (settled >= 0) & (settled < self.stop)
        known_again = (again >= 0) & (again + self.began < self.stop)
        same = one.label[stock, self.at] == two.label[place, self.there]
        same &= one.label_return[stock, self.at] == two.label_return[place, self.there]
        return np.asarray((known != known_again) | (known & ~same))

    def _first(self, series: str, differs: Flags, what: str) -> Iterator[Fault]:
        if differs.any():
            yield Fault(series, str(self.sessions[int(differs.argmax())]), what)


def _within(usable: Flags, lookback: int) -> Flags:
    """Return which sessions lie in the input of a usable row."""
    count = np.cumsum(np.pad(usable, (0, lookback)))
    return np.asarray(count[lookback - 1 : -1] - np.pad(count, (1, 0))[: len(usable)] > 0)
