"""What a plain word of YAML 1.2 means; a word that means something else elsewhere is refused."""

import math
import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

Scalar = str | bool | int | float | date | None
CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
OLD_BOOLEANS = frozenset({"y", "n", "yes", "no", "on", "off"})
WHOLE = re.compile(r"[-+]?[0-9]+")
FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NO_NUMBER = re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE)
OTHER_BASE = re.compile(r"[-+]?0[box]", re.IGNORECASE)
LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_DIGITS = 18


class Ambiguous(ValueError):
    """A plain word that YAML 1.1, YAML 1.2 or a reader would take for different things."""


def meaning(word: str) -> Scalar:
    """Return what the plain word means. Errors: Ambiguous, which says what to write and never the word."""
    if word in CONSTANTS:
        return CONSTANTS[word]
    if word == "<<":
        raise Ambiguous("Merge keys are not allowed: write the keys out.")
    if word == "=":
        raise Ambiguous("Put this sign in quotes.")
    if word.lower() in OLD_BOOLEANS:
        raise Ambiguous("Write true or false, or put the word in quotes.")
    if word[0] not in "+-.0123456789":
        return word
    return _day(word) if DAY.fullmatch(word) else _number(word)


def _number(word: str) -> Scalar:
    if OTHER_BASE.match(word):
        raise Ambiguous("Write numbers in decimal, or put the word in quotes.")
    if NO_NUMBER.fullmatch(word):
        raise Ambiguous("Infinities and NaN are no numbers here.")
    whole = WHOLE.fullmatch(word) is not None
    if not whole and not FRACTION.fullmatch(word):
        return word
    if LEADING_ZERO.match(word):
        raise Ambiguous("A number with a leading zero is ambiguous: put it in quotes.")
    if len(word) > MOST_DIGITS:
        raise Ambiguous(f"A number of more than {MOST_DIGITS} digits: put it in quotes if it is a name.")
    value: int | float = int(word) if whole else float(word)
    if not math.isfinite(value):
        raise Ambiguous("A number too large to be read exactly.")
    return value


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        pass
    raise Ambiguous("There is no such day.")


def _written_as_day(value: object) -> object:
    if isinstance(value, str) and DAY.fullmatch(value):
        return _day(value)
    if type(value) is date:
        return value
    raise ValueError("write a day as YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_written_as_day)]
