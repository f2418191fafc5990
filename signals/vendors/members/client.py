"""A client of FinanceDataReader that waits, tries again, and says plainly what went wrong."""

import socket
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import date
from io import StringIO
from typing import Any
from urllib.error import HTTPError

import pandas as pd

from rollsight.signals.vendors.vendor import (
    DEFAULT_POLICY,
    MissingError,
    RequestPolicy,
    UnreachableError,
)

HOSTS = {
    "NAVER": "Naver",
    "YAHOO": "Yahoo",
    "HOSE": "Yahoo",
    "FRED": "FRED",
    "KRX": "FinanceDataReader's cache of the Korea Exchange",
}
LISTS = {"S&P500": "Wikipedia", "NASDAQ": "Naver"}  # others are of the Korea Exchange


class VendorClient:
    """Asks the vendors through FinanceDataReader, one request at a time."""

    def __init__(self, policy: RequestPolicy = DEFAULT_POLICY) -> None:
        self.policy = policy
        self._failures: dict[str, int] = {}
        self._answered = False
        self._next = 0.0

    def series(self, vendor: str, start: date, end: date) -> pd.DataFrame:
        """Return the rows of a series from ``start`` to ``end``, dated by the vendor.

        Raises
        ------
        MissingError, UnreachableError
            If none came.
        """
        prefix = vendor.split(":")[0] if ":" in vendor else "KRX"

        def ask() -> Any:
            from FinanceDataReader import DataReader

            return DataReader(vendor, str(start), str(end))

        # Any failure of the cache is swallowed by FinanceDataReader: an empty answer means nothing.
        return self._persist(HOSTS[prefix], vendor, ask, empty_is_missing=prefix != "KRX")

    def listing(self, name: str) -> pd.DataFrame:
        """Return one of the lists of stocks.

        Raises
        ------
        UnreachableError
            If none came.
        """

        def ask() -> Any:
            from FinanceDataReader import StockListing

            return StockListing(name)

        return self._persist(
            LISTS.get(name, "the Korea Exchange"), name, ask, empty_is_missing=False
        )

    def _persist(
        self, host: str, name: str, ask: Callable[[], Any], *, empty_is_missing: bool
    ) -> pd.DataFrame:
        trouble = "no answer"
        for attempt in range(self._tries()):
            if self._failures.get(host, 0) >= self.policy.give_up:
                raise UnreachableError(f"{host} could not be reached: try again later")
            self._wait(attempt)
            try:
                answer = self._once(host, name, ask, empty_is_missing)
            except UnreachableError as error:
                trouble = str(error)
                self._failures[host] = self._failures.get(host, 0) + 1
            except MissingError:
                self._failures[host] = 0
                raise
            else:
                self._failures[host], self._answered = 0, True
                return answer
        raise UnreachableError(f"{host} gave no usable answer ({trouble}): try again later")

    def _tries(self) -> int:
        # Where one vendor was given up and none has ever answered, the machine may be offline.
        lost = any(n >= self.policy.give_up for n in self._failures.values())
        return 1 if lost and not self._answered else self.policy.tries

    def _wait(self, attempt: int) -> None:
        pause = self.policy.backoff * 2 ** (attempt - 1) if attempt else 0.0
        time.sleep(max(pause, self._next - time.monotonic(), 0.0))
        self._next = time.monotonic() + 1 / self.policy.rate

    def _once(
        self, host: str, name: str, ask: Callable[[], Any], empty_is_missing: bool
    ) -> pd.DataFrame:
        statuses: list[int] = []
        try:
            with _time_limit(self.policy.timeout, statuses), _silence():
                answer = ask()
        except Exception as error:  # FinanceDataReader raises plain ones too
            if isinstance(error.__context__, KeyboardInterrupt):
                # FinanceDataReader's bare excepts take Ctrl-C for a failure of the vendor.
                raise error.__context__ from None
            raise _plain(error, host, name, statuses) from error
        if isinstance(answer, pd.DataFrame) and len(answer):
            return answer
        # Naver and FRED answer an unknown name and a refusal alike; the status tells them apart.
        if empty_is_missing and statuses and statuses[-1] in {200, 404}:
            raise MissingError(f"{host} has no {name}")
        raise UnreachableError(f"status {statuses[-1]}" if statuses else "an empty answer")


def _plain(
    error: BaseException, host: str, name: str, statuses: list[int]
) -> MissingError | UnreachableError:
    """Return what a failure inside FinanceDataReader means."""
    if isinstance(error, HTTPError):
        statuses = [error.code]
    status = statuses[-1] if statuses else None
    if status == 404:
        return MissingError(f"{host} has no {name}")
    if status is not None and status >= 400:
        return UnreachableError(f"status {status}")
    # Yahoo's answer for a name without bars lacks the keys that are read from it.
    if isinstance(error, (KeyError, TypeError, IndexError)):
        return MissingError(f"{host} has nothing usable under {name}")
    return UnreachableError(_in_short(error))


def _in_short(error: BaseException) -> str:
    if isinstance(error, TimeoutError) or "timed out" in str(error).lower():
        return "no answer in time"
    return {
        "ConnectionError": "no connection",
        "URLError": "no connection",
        "UnboundLocalError": "no connection",
    }.get(type(error).__name__, f"a damaged answer, {type(error).__name__}")


@contextmanager
def _silence() -> Iterator[None]:
    """Keep FinanceDataReader's prints and its use of what pandas deprecates from the user."""
    deprecated = getattr(pd.errors, "Pandas4Warning", DeprecationWarning)
    silent = redirect_stdout(StringIO()), redirect_stderr(StringIO())  # tqdm draws on stderr
    with warnings.catch_warnings(), silent[0], silent[1]:
        warnings.simplefilter("ignore", deprecated)
        yield


@contextmanager
def _time_limit(seconds: float, statuses: list[int]) -> Iterator[None]:
    """Limit how long an answer may take, and note the status of each.

    FinanceDataReader asks without a time-out, through requests and through urllib, and requests
    has no setting for all: its one entry is wrapped for as long as the call takes.
    """
    import requests

    entry, before = requests.Session.request, socket.getdefaulttimeout()

    def limited(self: requests.Session, *args: Any, **kwargs: Any) -> requests.Response:
        answer = entry(self, *args, **{"timeout": seconds, **kwargs})
        statuses.append(answer.status_code)
        return answer

    requests.Session.request = limited  # type: ignore[method-assign]
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        requests.Session.request = entry  # type: ignore[method-assign]
        socket.setdefaulttimeout(before)
