"""What a value of a specification must be, in our own words, where it is something else."""

from datetime import date, time
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticKnownError

from rollsight.base.toml import LONGEST, toml_value

TEXT = 'a text in quotes, as in "XKRX"'
TABLE = "a table: its name in brackets on a line of its own, and its keys below that"
DATE = "a date without a time of day, as in 2024-01-02"
TIME = "a time of day, as in 16:00:00"
LIST = "a list in brackets, as in [{value}]"
WHOLE, NUMBER = "a whole number", "a number"
OF_SEVERAL = {"str", "float", "constrained-str", "constrained-float"}  # what pydantic took it for
TRUTH = "true or false"
# By the beginning of the name that pydantic has for a fault.
RULES = {
    "string_too_short": "a text that is not empty",
    "string_too_long": "a text of {max_length} signs at most",
    "string_pattern": "one line of text that is not empty",
    "string": TEXT,
    "model": TABLE,
    "dict": TABLE,
    "date": DATE,
    "time": TIME,
    "tuple": LIST,
    "too_short": "a list of {min_length} or more",
    "literal": "{expected}",
    "int": WHOLE,
    "float": NUMBER,
    "finite": "a finite number",
    "bool": TRUTH,
    "greater_than_equal": "greater than or equal to {ge}",
    "greater_than": "greater than {gt}",
    "less_than_equal": "less than or equal to {le}",
    "less_than": "less than {lt}",
    "missing": "given: it has no default",
    "multiple_of": "a multiple of {multiple_of}",
    "too_long": "a list of {max_length} at most",
}
OTHER = "another value"  # of a fault that no key of ours has; a user's own may
OWN_CHECKS = ("value_error", "assertion_error")


def rule_of(error: ValidationError) -> str:
    """Return what the first value at fault must be, or what its own check says of it."""
    first, *others = error.errors()
    if first["type"] in OWN_CHECKS:
        return str(first["ctx"]["error"]) or OTHER
    # A value that may be of several kinds is at fault in each.
    same = [fault for fault in others if fault["input"] is first["input"]]
    rules = dict.fromkeys(_rule(fault) for fault in (first, *same))
    return "must be " + " or ".join(rules)


def key_of(error: ValidationError) -> list[str]:
    """Return the names that lead to the first value at fault; the place in a list is none."""
    where = error.errors()[0]["loc"]
    # Which of several kinds a value was taken for stands there too, as tuple[...].
    return [p for p in where if isinstance(p, str) and "[" not in p and p not in OF_SEVERAL]


def value_text(value: object) -> str:
    """Return a value as a message repeats it: short, and a date or table as TOML has it.

    >>> print(value_text([date(2024, 1, 2)]), value_text("x" * 99)[-5:])
    [2024-01-02] xx...
    """
    text = repr(value) if isinstance(value, str | None) else toml_value(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def refuse_other_kind(value: object, annotation: object) -> None:
    """Raise where true or false stands for a number, or a number for a date or time.

    They would be counted as 1 and 0, and as seconds since 1970 or midnight.
    """
    kinds = _kinds(annotation)
    for item in value if isinstance(value, list | tuple) else [value]:
        if isinstance(item, bool) and kinds & {int, float} and bool not in kinds:
            raise PydanticKnownError("int_type" if int in kinds else "float_type")
        if isinstance(item, int | float) and date in kinds:
            raise PydanticKnownError("date_type")
        if isinstance(item, int | float) and time in kinds:
            raise PydanticKnownError("time_type")


def _rule(fault: ErrorDetails) -> str:
    name = next((name for name in RULES if fault["type"].startswith(name)), None)
    if name is None:
        return OTHER
    value = toml_value(fault["input"])
    return RULES[name].format(**fault.get("ctx", {}), value=value)


def _kinds(annotation: object) -> set[Any]:
    inner = get_args(annotation)
    return {annotation} if not inner else set().union(*(_kinds(part) for part in inner))
