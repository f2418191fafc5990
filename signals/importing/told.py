"""What a user says of tables, and what has to be asked because the tables do not prove it."""

from dataclasses import dataclass
from typing import Literal

from rollsight.base.errors import RollsightError


@dataclass(frozen=True)
class Told:
    """What a user says; None where the tables are to prove it.

    Attributes
    ----------
    calendar, currency
        of the stocks, as in market.toml
    indices
        name and source of each: a file, or a code of the tables
    adjusted
        prices are to be adjusted for dividends (True), or as they were (False)
    code
        of the one file whose name does not tell it
    dates
        of dates such as 01/02/2024: day or month first
    decimal
        what stands before decimals, where 1,234 or 1.234 may be over a thousand
    encoding
        of text files
    """

    calendar: str | None = None
    currency: str | None = None
    indices: tuple[tuple[str, str], ...] = ()
    adjusted: bool | None = None
    code: str | None = None
    dates: Literal["dmy", "mdy"] | None = None
    decimal: Literal["point", "comma"] | None = None
    encoding: str | None = None


class AmbiguousError(RollsightError):
    """Tables that can be read in two ways.

    Attributes
    ----------
    key
        field of `Told` that decides it
    question
        for whoever can be asked
    choices
        answers as an option takes them, and the value that each stands for; None: any text
    """

    def __init__(
        self,
        message: str,
        *,
        key: str,
        question: str,
        choices: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.key, self.question, self.choices = key, question, choices
