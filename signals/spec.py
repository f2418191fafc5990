"""What a run asks of the data: its market, its inputs and its label."""

from datetime import date
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from rollsight.base.faults import refuse_other_kind
from rollsight.signals.rules.rulebook import BookName

DEFAULTS = 2  # part of every digest: another number wherever a default has become another
EQUAL_WEIGHT = "equal-weight"  # benchmark that is no index: the universe in equal parts
MOST = 2**53  # whole numbers beyond are none that doubles can count


class Spec(BaseModel):
    """A frozen part of a run's specification; unknown keys are refused, blanks around texts cut."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True
    )

    def chosen(self, exclude: Any = None) -> dict[str, Any]:
        """Return the keys that are not as by default, ready for JSON; sections within likewise.

        A key that a later version adds changes nothing of a specification that does not use it.

        Parameters
        ----------
        exclude
            keys, or keys within sections, as pydantic takes them
        """
        dumped = self.model_dump(mode="json", exclude=exclude, exclude_defaults=True)
        return {key: value for key, value in dumped.items() if value != {}}

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_kind(cls, value: object, info: ValidationInfo) -> object:
        refuse_other_kind(value, cls.model_fields[str(info.field_name)].annotation)
        return value

    @field_validator("*")
    @classmethod
    def _countable(cls, value: object) -> object:
        if isinstance(value, int) and abs(value) > MOST:
            raise ValueError(f"{value} is over {MOST:,}, beyond all counting: lower it")
        return value


class MarketSpec(Spec):
    """Which prices and indices are used, and from when to when."""

    folder: str = Field("sample", description="market folder; 'sample' and 'planted' are embedded")
    start: date | None = Field(
        None,
        description="first decision; earlier rows only fill inputs",
        examples=[date(2015, 1, 2)],
    )
    end: date | None = Field(
        None, description="last session that is read", examples=[date(2020, 12, 30)]
    )
    indices: tuple[str, ...] | Literal["all"] = Field(
        "all",
        description="auxiliary indices; those that the folder lacks are named and left out; [] "
        "uses none, on the stocks' own inputs",
    )
    benchmark: str | tuple[str, ...] | None = Field(
        None,
        description="index that the report compares with; of a list the first, and the others "
        "stand beside it; equal-weight is the universe in equal parts, which stands in where the "
        "market has no indices",
        examples=["SP500"],
    )
    risk_free: float | str | None = Field(
        None,
        description="rate that Sharpe ratios and alphas are above: a fraction a year, or an index "
        "in per cent a year as known at each close; unset: none, which is a rate of 0",
        examples=[0.03],
    )
    calendar: str | None = Field(
        None,
        description="exchange calendar, such as XKRX; unset: the folder's market.toml",
        examples=["XNYS"],
    )
    currency: str | None = Field(
        None, description="of the prices; unset: the folder's market.toml", examples=["USD"]
    )
    book: BookName | None = Field(
        None,
        description="the exchange's dated rules (commission, sell tax, daily band, ticks): krx, us "
        "or none; unset: the folder's market.toml, or else none",
    )
    short_stocks: Literal["refuse", "drop"] = Field(
        "refuse", description="what to do with a stock of too few rows to give a single input"
    )
    impossible: Literal["note", "refuse"] = Field(
        "note",
        description="what to do with prices that cannot be right beside the close before, or in "
        "their own bar; note names them, and no label spans them",
    )
    dividends: Literal["with", "without"] | None = Field(
        None,
        description="whether returns, labels and the account hold the cash dividends of the "
        "folder's column Dividend; unset: with, where it has one",
    )
    delisting_gap: int = Field(
        45,
        ge=0,
        description="a delisted stock that traded last more sessions before its delisting date "
        "merely ends: its last labels stay null",
    )
    suspension_haircut: float = Field(
        1.0, ge=0, le=1, description="the same for a holding suspended longer than delisting_gap"
    )
    delisting_haircut: float = Field(
        0.0, ge=0, le=1, description="share of the last traded close that a delisted holding loses"
    )

    @property
    def benchmarks(self) -> tuple[str, ...]:
        """The index that a run is compared with, and those that stand beside it."""
        named = self.benchmark
        return (named,) if isinstance(named, str) else named or ()

    @property
    def first_benchmark(self) -> str | None:
        """The index that a run is compared with."""
        return self.benchmarks[0] if self.benchmarks else None

    @field_validator("benchmark")
    @classmethod
    def _each_once(cls, value: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        if not isinstance(value, tuple):
            return value
        if not value:
            raise ValueError("[] names no index: name one, or leave it unset")
        if len(set(value)) < len(value):
            raise ValueError(f"{list(value)} names an index twice: keep each once")
        return value[0] if len(value) == 1 else value

    @field_validator("risk_free")
    @classmethod
    def _fraction(cls, value: float | str | None) -> float | str | None:
        if isinstance(value, float) and not -1 < value < 1:
            raise ValueError(f"{value:g} must be a fraction a year: 3 % is 0.03")
        return value


class FeatureSpec(Spec):
    """What the network sees of each day."""

    stock: tuple[str, ...] = Field(
        ("change",),
        min_length=1,
        examples=[("change", "daily")],
        description="features of each stock by name: change (of its close), any other, a set "
        "such as daily, or a package.module:name",
    )
    index: tuple[str, ...] = Field(
        ("change",),
        min_length=1,
        description="features of each index: change, or a package.module:name",
    )
    lookback: int = Field(60, ge=1, description="sessions of input, the decision's own included")
    normalise: Literal["window", "cross-section"] = Field(
        "window",
        description="what stocks' channels are given in: their own units, standardised by each "
        "window's train span; or their rank within the date among the members of the universe, "
        "where a missing value stands in the middle and costs no row",
    )
    as_is: tuple[str, ...] = Field(
        (), description="of normalise='cross-section': features of features.stock left as they are"
    )
    max_staleness: int = Field(
        10, ge=0, description="sessions that a value may be carried before its rows are unusable"
    )
    scaling: Literal["standard", "minmax"] = Field(
        "standard",
        description="units of the inputs, by each window's train span: standard deviations from "
        "its mean; or from -1 at its least value to 1 at its greatest",
    )
    clip: float = Field(5.0, gt=0, description="inputs in these units are clipped to this")
    join: Literal["as-of", "same-date"] = Field(
        "as-of",
        description="as-of: by the instant at which a value became known; same-date leaks the "
        "future, and is there to measure how much",
    )


class UniverseSpec(Spec):
    """Which stocks a session may decide on, by what was known at its close."""

    top: int | None = Field(
        None,
        ge=1,
        description="so many stocks of the largest traded value; unset: every stock",
        examples=[15],
    )
    value_days: int = Field(60, ge=1, description="sessions over which traded value is averaged")
    exclude: tuple[Literal["preferred", "spac", "etf", "etn"], ...] = Field(
        (), description="kinds of Korean securities left out, told by code and name"
    )
    splits: Literal["refuse", "repair"] = Field(
        "refuse",
        description="with top: what to do where volumes jump behind a halt and the price goes on, "
        "as after a split that prices alone are adjusted for (no other split is seen); repair "
        "multiplies the earlier volumes by the jump",
    )


class LabelSpec(Spec):
    """The trade that a label stands for."""

    horizon: int = Field(10, ge=1, description="sessions from the entry to the exit")
    up: float = Field(0.02, description="UP when the trade's return is at or above this")
    down: float = Field(-0.02, description="DOWN when the trade's return is below this")
    band: Literal["fixed", "volatility", "date", "date-volatility"] = Field(
        "fixed",
        description="volatility: instead of up and down, as many standard deviations of the "
        "stock's own daily changes up to the decision; date: the highest and lowest returns of the "
        "date's members are UP and DOWN, in the shares below; date-volatility: of its members of "
        "like volatility",
    )
    up_share: float = Field(
        1 / 3, gt=0, lt=1, description="of band=date: share of a date's returns that is UP"
    )
    down_share: float = Field(
        1 / 3, gt=0, lt=1, description="of band=date: share of a date's returns that is DOWN"
    )
    multiple: float = Field(
        0.5, gt=0, description="of band=volatility: standard deviations of a holding of horizon"
    )

    @model_validator(mode="after")
    def _bands_in_order(self) -> "LabelSpec":
        if self.down >= self.up:
            raise ValueError(f"down={self.down} must be below up={self.up}")
        if self.up_share + self.down_share > 1:
            raise ValueError(
                f"up_share={self.up_share} and down_share={self.down_share} are over the whole: "
                "lower one of them"
            )
        return self
