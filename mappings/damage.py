"""What became of words that cannot be read: why, as far as their shape tells, and which way round days stand.

Nothing here mends a word. Reasons are counted for the report of the run; an export whose days stand both ways
round, or nobody knows which, is refused, because every other day of it could be read as another.
"""

import re
from dataclasses import dataclass, field

import polars as pl

from mappings.converters import LOST_DIGITS
from mappings.errors import DayOrderUnclear
from mappings.readers import DAYS, Reader
from mappings.words import Column

MARKS = "[/.-]"
DAY_REASONS = {
    "zero_date": rf"^0{{1,4}}{MARKS}0{{1,2}}{MARKS}0{{1,4}}(?: .*)?$",
    "date_serial": r"^[0-9]{4,5}(?:\.[0-9]+)?$",
    "month_first": rf"^(?:0?[1-9]|1[0-2]){MARKS}(?:1[3-9]|2[0-9]|3[01]){MARKS}[0-9]{{2,4}}(?: .*)?$",
    "two_digit_year": rf"^[0-9]{{1,2}}{MARKS}[0-9]{{1,2}}{MARKS}[0-9]{{2}}(?: .*)?$",
    "zeros_dropped": rf"^(?:[0-9]{MARKS}[0-9]{{1,2}}|[0-9][0-9]{MARKS}[0-9]){MARKS}[0-9]{{4}}(?: .*)?$",
}
REASONS = {
    "digits_lost": f"(?i)^{LOST_DIGITS}$",
    "spreadsheet_error": r"^#(?:[A-Z0-9/]+[?!]?|#+)$",
}
FIRST_LATE = rf"^(?:1[3-9]|2[0-9]|3[01]){MARKS}[0-9]{{1,2}}{MARKS}"
SECOND_LATE = rf"^[0-9]{{1,2}}{MARKS}(?:1[3-9]|2[0-9]|3[01]){MARKS}"
BOTH = rf"^([0-9]{{1,2}}){MARKS}([0-9]{{1,2}}){MARKS}[0-9]{{2,4}}"
MOST_ZEROS = 6
ROWS_TO_A_STRAY = 2000
LEAST_PAIRS, LEAST_NUMBERS = 30, 8


def count_reasons(reader: Reader, column: Column, unread: pl.Series) -> dict[str, int]:
    """Return in how many rows which reason keeps the column's words from being read."""
    told: dict[str, int] = {}
    left = unread
    for reason, pattern in {**REASONS, **(DAY_REASONS if reader.kind in DAYS else {})}.items():
        left = _take(told, reason, column, left, left & column.words.str.contains(pattern).fill_null(False))
    if reader.pattern is not None:
        words = column.words.filter(left).unique().to_list()
        shorter = [word for word in words if _lacks_zeros(word, reader.pattern)]
        left = _take(told, "zeros_lost", column, left, left & column.words.is_in(shorter))
    _take(told, "other", column, left, left)
    return told


def _take(told: dict[str, int], reason: str, column: Column, left: pl.Series, words: pl.Series) -> pl.Series:
    """Count the rows of these words under the reason, and return the words that are left."""
    rows = column.spread_mask(words)
    if rows is not None:
        told[reason] = int(rows.sum())
    return left & ~words


def _lacks_zeros(word: str, pattern: str) -> bool:
    if not word.isdigit():
        return False
    padded = [word.zfill(len(word) + more) for more in range(1, MOST_ZEROS + 1)]
    return any(re.fullmatch(pattern, longer, re.IGNORECASE) for longer in padded)


@dataclass
class DayOrder:
    """Which way round the days of one column stand, over the whole export.

    right:   whether some day can only be of the declared order.
    wrong:   rows whose day can only be of the other.
    filled:  rows that hold a day at all.
    pairs:   the first two numbers of each day, while none has shown the order.
    """

    name: str
    day_first: bool
    right: bool = False
    wrong: int = 0
    filled: int = 0
    pairs: set[tuple[str, str]] = field(default_factory=set, repr=False)

    @classmethod
    def of(cls, reader: Reader) -> "DayOrder | None":
        """Return the order to watch; None where the year stands first, or no number is in doubt."""
        formats = reader.plan.formats if reader.plan is not None and reader.kind in DAYS else ()
        in_doubt = [form.text for form in formats if not form.text.startswith("y")]
        if not in_doubt:
            return None
        return cls(reader.name, all(text.find("d") < text.find("m") for text in in_doubt))

    def look(self, column: Column, unread: pl.Series) -> None:
        """Take one batch's words into account."""
        late, early = (FIRST_LATE, SECOND_LATE) if self.day_first else (SECOND_LATE, FIRST_LATE)
        words = column.words
        self.filled += len(words) if column.at is None else int(column.at.count())
        if unread.any():
            wrong = column.spread_mask(unread & words.str.contains(early).fill_null(False))
            self.wrong += int(wrong.sum()) if wrong is not None else 0
        if not self.right:
            self.right = bool(words.str.contains(late).any())
        if not self.right:
            found = words.str.extract_groups(BOTH).struct.unnest().drop_nulls().unique()
            self.pairs.update((str(first), str(second)) for first, second in found.iter_rows())

    def settle(self, place: str) -> None:
        """Errors: DayOrderUnclear, when days of this column may be months."""
        if self.wrong > max(1, self.filled // ROWS_TO_A_STRAY) or (self.wrong and not self.right):
            told = f"{self.wrong} days can only be written the other way round"
            raise DayOrderUnclear(f"{place}, column {self.name}: {told}.")
        first, second = ({int(pair[at]) for pair in self.pairs} for at in (0, 1))
        numbers = min(len(first), len(second))
        if not self.right and len(self.pairs) >= LEAST_PAIRS and numbers >= LEAST_NUMBERS:
            raise DayOrderUnclear(
                f"{place}, column {self.name}: no day of {len(self.pairs)} is after the 12th."
            )
