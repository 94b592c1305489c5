"""How a check is put: to which records it applies, and which of them fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from quality.records import Records

EVERYBODY = pl.lit(value=True)
NOBODY = pl.lit(value=False)


@dataclass(frozen=True)
class Question:
    """What a check asks: whether it applies to each record, and whether the record fails.

    Both are true, false, or null where it cannot be told. `fields` says, where one check speaks of several
    fields, which of them fails; it looks at nothing but the record's own columns. `other` says, where two
    records of one provider are at odds, in which place of the table the second one stands.
    """

    applies: pl.Expr
    fails: pl.Expr
    fields: Mapping[str, pl.Expr] = field(default_factory=dict)
    other: pl.Series | None = None

    @property
    def verdict(self) -> pl.Expr:
        """Return true where the record fails, false where it passes or is not asked, null if unknown."""
        return self.fails if self.applies is EVERYBODY else self.applies & self.fails


def of_fields(applies: pl.Expr, fields: Mapping[str, pl.Expr]) -> Question:
    """Return the question that fails where any of the fields does."""
    return Question(applies, pl.any_horizontal(*fields.values()), fields)


Asked = Callable[[Records], Question | None]


def london_day(instant: pl.Expr) -> pl.Expr:
    """Return the calendar day of the instant in London."""
    return instant.dt.convert_time_zone("Europe/London").dt.date()


def age_on(day: pl.Expr, born: pl.Expr) -> pl.Expr:
    """Return the age in whole years by the calendar; born on 29 February, a year older on 1 March."""
    before = _of_year(day) < _of_year(born)
    return day.dt.year() - born.dt.year() - before.cast(pl.Int32)


def _of_year(day: pl.Expr) -> pl.Expr:
    return day.dt.month().cast(pl.Int32) * 100 + day.dt.day().cast(pl.Int32)
