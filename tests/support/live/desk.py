"""A desk of made-up numbers: sessions of some stocks, walked through like a replay."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from rollsight.base.errors import RollsightError
from rollsight.live.desk import Health
from rollsight.live.messages import Message

FIRST = date(2025, 1, 1)
CHANNELS = ["close", "KS11", "IXIC"]
MODEL = "8a5f1d55172e8364" * 4
VERDICT = {
    "word": "luck",
    "sentence": {
        "en": "Not distinguishable from luck: 31 % of random buyers did as well.",
        "ko": "우연과 구별되지 않음: 무작위 매수의 31 %가 이보다 같거나 나음.",
    },
    "lucky": True,
}


class MadeUpDesk:
    """Runs of `stocks` stocks over `sessions` sessions; one is shown at the start, or all pass by.

    The first stock is named like a script, and the last has no price and no confidence.
    """

    def __init__(
        self,
        *,
        runs: Sequence[str] = ("one",),
        stocks: int = 5,
        sessions: int = 60,
        speed: float = 1.0,
        every: float | None = None,
    ) -> None:
        self.runs, self.stocks, self.sessions = tuple(runs), stocks, sessions
        self.codes = [f"{n:06d}" for n in range(stocks)]
        self.at, self.shown, self.decisions = 20, 20, 1
        self.playing, self.speed = every is not None, speed if every is None else 1 / every
        self.asked = 0
        self.undecided: set[str] = set()  # codes that no decision is made on from now on
        self._next = 0.0

    def state(self) -> Sequence[Message]:
        told = [m for run in self.runs for m in (*self._about(run), *self._decision(run))]
        return [*told, self._status()]

    def poll(self) -> Sequence[Message]:
        if self.playing:
            self._next += self.speed / 4
            steps, self._next = int(self._next), self._next % 1
            self._move(self.at + steps)
        if self.at == self.shown:
            return []
        self.shown = self.at
        self.decisions += len(self.runs)
        return [*(m for run in self.runs for m in self._decision(run)), self._status()]

    def ask(self, run: str | None, body: Sequence[Any]) -> Sequence[Message]:
        self.asked += 1
        run = self._run(run)
        kind, *values = body
        if kind in {"detail", "heatmap"}:
            return [self._of_stock(run, kind, values[0])]
        if kind == "seek":
            self._move((date.fromisoformat(values[0]) - FIRST).days)
        elif kind == "step":
            self._move(self.at + values[0])
        elif kind == "speed":
            self.speed = values[0]
        else:
            self.playing = kind == "play"
        return self.poll() or [self._status()]

    def signals(self, run: str | None, session: str) -> dict[str, Any]:
        number = (date.fromisoformat(session) - FIRST).days
        if not 0 <= number < self.sessions:
            raise RollsightError(f"{self._run(run)} decided nothing on {session}")
        return {"run": self._run(run), "session": session, "rows": self._quotes(number)}

    def health(self) -> Health:
        return Health("replay", self._session(self.shown), self.decisions)

    def _run(self, run: str | None) -> str:
        name = self.runs[0] if run is None else run
        if name not in self.runs:
            raise RollsightError(f"no run is called {name!r} (have {list(self.runs)})")
        return name

    def _move(self, number: int) -> None:
        self.at = min(max(number, 0), self.sessions - 1)

    def _session(self, number: int) -> str:
        return str(FIRST + timedelta(days=number))

    def _message(self, run: str, *body: Any) -> Message:
        session = self._session(self.shown)
        return Message(run, session, f"{session}T06:30:00Z", MODEL, body)

    def _about(self, run: str) -> list[Message]:
        names = {code: f"종목 {code}" for code in self.codes}
        names[self.codes[0]] = "<script>alert(1)</script>"
        about = {
            "names": names,
            "channels": CHANNELS,
            "baselines": ["logistic"],
            "score": "p_up",
            "first": self._session(0),
            "last": self._session(self.sessions - 1),
        }
        return [self._message(run, "run", about), self._message(run, "verdict", VERDICT)]

    def _status(self) -> Message:
        content = {
            "state": "replay",
            "text": "",
            "log": [f"{self._session(self.shown)}: decided"],
            "first": self._session(0),
            "last": self._session(self.sessions - 1),
            "playing": self.playing,
            "speed": self.speed,
        }
        return Message(None, None, None, None, ("status", content))

    def _decision(self, run: str) -> list[Message]:
        three = self._confidences(run, self.shown)
        up = [row[2] for row in three]
        decided = self.codes[:-1]
        bought = [c for _, c in sorted(zip(up, decided, strict=True), reverse=True) if _ >= 0.5]
        window = {
            "number": self.shown // 20,
            "threshold": 0.5,
            "gate": run != "two",
            "gate_reason": "" if run != "two" else "its three networks do not agree",
            "next_session": self._session(self.shown + 1),
            "figures": {"log-loss gain": 0.012},
        }
        return [
            self._message(run, "window", window),
            self._message(run, "quote", self._quotes(self.shown)),
            self._message(run, "confidence", self.codes, self._said([*three, None])),
            self._message(run, "buy", *bought),
            self._message(
                run, "baseline", "logistic", decided, up[::-1], [p >= 0.5 for p in up[::-1]]
            ),
            self._message(run, "account", self._account(bought)),
        ]

    def _account(self, bought: list[str]) -> dict[str, Any]:
        curve = [
            [self._session(n), 1e8 * (1 + 0.01 * np.sin(n / 5))]
            for n in range(max(self.shown - 250, 0), self.shown)
        ]
        return {
            "kind": "run",
            "since": self._session(0),
            "equity": curve[-1][1] if curve else 1e8,
            "cash": 2e7,
            "return": 0.012,
            "curve": curve,
            "positions": [
                {"code": c, "entry_at": self._session(max(self.shown - 3, 0)), "shares": 10,
                 "entry_price": 100.0, "close": 101.0, "value": 1010.0, "change": 0.01}
                for c in bought[:3]
            ],
            "planned": [
                {"code": c, "side": "buy", "shares": 7, "close": 101.0} for c in bought[3:5]
            ],
            "filled": [
                {"code": self.codes[0], "side": "sell", "shares": 9, "filled": 0,
                 "status": "rejected", "price": None, "reason": "locked at the lower limit"}
            ],
            "refused": {"no free position": bought[5:6]} if bought[5:] else {},
        }  # fmt: skip

    def _of_stock(self, run: str, kind: str, code: str) -> Message:
        if code not in self.codes:
            raise RollsightError(f"{run} has no stock {code!r}")
        stock = self.codes.index(code)
        draw = np.random.default_rng((self.shown, stock))
        if kind == "heatmap" and code in self.undecided:
            raise RollsightError(f"{code} was not decided on: it has no full, fresh input")
        if kind == "heatmap":
            values = draw.normal(size=(len(CHANNELS), 30)).tolist()
            return self._message(run, "heatmap", code, CHANNELS, values)
        days = range(max(self.shown - 60, 0), self.shown + 1)
        bars = [[self._session(n), *self._quotes(n)[stock][1:6]] for n in days]
        decisions = [
            [self._session(n), *three[stock], 0.5, three[stock][2] >= 0.5]
            for n in days
            if stock < len(three := self._confidences(run, n))
        ]
        trades = [[self._session(self.shown - 5), None, 100.0, 101.0, 0.01]]
        about = {"bars": bars, "decisions": decisions, "trades": trades if self.shown > 5 else []}
        return self._message(run, "detail", code, about)

    def _confidences(self, run: str, number: int) -> list[list[float]]:
        draw = np.random.default_rng((number, sum(run.encode())))
        three: list[list[float]] = draw.dirichlet((4, 5, 4), self.stocks - 1).tolist()
        return three

    def _said(self, three: Sequence[list[float] | None]) -> list[list[float] | None]:
        own = zip(self.codes, three, strict=True)
        return [None if code in self.undecided else values for code, values in own]

    def _quotes(self, number: int) -> list[list[Any]]:
        draw = np.random.default_rng(number)
        close = 100 + np.arange(self.stocks) + 5 * np.sin(number / 7 + np.arange(self.stocks))
        moved = 1 + 0.01 * draw.random((3, self.stocks))
        table = np.array([close * moved[0], close * moved.max(0), close / moved[1], close])
        volume = draw.integers(1, 1_000_000, self.stocks).tolist()
        change = draw.normal(0, 0.02, self.stocks).tolist()
        rows = [[c, *table[:, n].tolist(), volume[n], change[n]] for n, c in enumerate(self.codes)]
        rows[-1] = [self.codes[-1], *[None] * 6]
        return rows
