"""The cells of one batch, each column and each conversion worked out once however many records need it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from canonical import Kind, polars_type
from mappings import converters, dates
from mappings.fields import FieldPlan
from mappings.words import Column, nowhere, read_column

SIMPLE = {
    "text": converters.text,
    "integer": converters.integer,
    "decimal": converters.decimal,
    "nhs_number": converters.nhs_number,
    "postcode": converters.postcode,
    "uprn": converters.uprn,
}


@dataclass
class Cells:
    """One batch being read."""

    batch: pl.DataFrame = field(repr=False)
    null_words: tuple[str, ...]
    parent_source: str | None
    _columns: dict[str, Column] = field(default_factory=dict, repr=False)
    _converted: dict[str, converters.Read] = field(default_factory=dict, repr=False)

    def column(self, name: str) -> Column:
        """Return the column as its distinct words."""
        if name not in self._columns:
            self._columns[name] = read_column(self.batch[name], self.null_words)
        return self._columns[name]

    def rows(self, name: str) -> pl.Series:
        """Return the trimmed cells of the column, row by row."""
        column = self.column(name)
        return column.spread(column.words)

    def filled(self, name: str) -> pl.Series:
        """Return whether each cell of the column holds something."""
        column = self.column(name)
        return column.spread(column.words.is_not_null())

    def reference(self, name: str, pattern: str | None) -> pl.Series:
        """Return each row's reference in the column; null where it is blank or does not fit the pattern."""
        return self._once(f"reference {name} {pattern}", name, converters.reference(pattern))[0]

    def read(self, plan: FieldPlan, *, time_told: bool = False) -> converters.Read:
        """Return a field's values and the mask of the unreadable, row by row.

        Given: `time_told` where another field of the record tells of an hour that cannot be read.
        """
        said = plan.declared
        if said.constant is not None:
            value = pl.repeat(said.constant, self.batch.height, dtype=pl.String, eager=True)
            return value, nowhere(self.batch.height)
        column = str(said.column)
        if said.converter == "instant" and said.time_column is not None:
            return self._instant(plan, column, said.time_column, time_told)
        return self._once(
            f"{said.model_dump_json()} {sorted(plan.table.items())}", column, self._converter(plan)
        )

    def _once(self, key: str, name: str, convert: converters.Converter) -> converters.Read:
        if key not in self._converted:
            column = self.column(name)
            values, unread = convert(column.words)
            self._converted[key] = column.spread(values), _spread_mask(column, unread, self.batch.height)
        return self._converted[key]

    def _converter(self, plan: FieldPlan) -> converters.Converter:
        convert = self._bare_converter(plan)
        take = plan.splitter
        return convert if take is None else lambda words: convert(take(words))

    def _bare_converter(self, plan: FieldPlan) -> converters.Converter:
        said, name = plan.declared, str(plan.declared.converter)
        if name in SIMPLE:
            return SIMPLE[name]
        if name == "parent_reference":
            return self._parent_reference(said.pattern)
        makers: dict[str, Callable[[], converters.Converter]] = {
            "reference": lambda: converters.reference(said.pattern),
            "references": lambda: converters.references(said.separator, said.pattern),
            "code": lambda: converters.code({word: str(target) for word, target in plan.table.items()}),
            "code_as_is": lambda: converters.code_as_is(plan.known),
            "boolean": lambda: converters.boolean(plan.table, said.blank, said.other),
            "date": lambda: lambda words: _read_all(words, dates.read_days(words, plan.formats)),
            "time_known": lambda: lambda words: _time_known(words, plan),
            "instant": lambda: lambda words: _instant_words(words, plan),
        }
        return makers[name]()

    def _parent_reference(self, pattern: str | None) -> converters.Converter:
        if self.parent_source is not None:
            return converters.reference(pattern, f"{self.parent_source}:")
        return lambda words: (pl.repeat(None, len(words), dtype=pl.String, eager=True), words.is_not_null())

    def _instant(
        self, plan: FieldPlan, day_column: str, time_column: str, time_told: bool
    ) -> converters.Read:
        key = f"{plan.declared.model_dump_json()} {time_told}"
        if key not in self._converted:
            days, clock = self.column(day_column), self.column(time_column)
            day = dates.read_days(days.words, plan.formats)
            time = dates.read_times(clock.words, plan.time_formats)
            midnight = dates.midnights(day).each(days.spread)
            values = dates.at_time(midnight, clock.spread(time.fill_null(0)))
            unread = _spread_mask(days, day.is_null() & days.words.is_not_null(), self.batch.height)
            if not time_told:
                unread |= _spread_mask(clock, time.is_null() & clock.words.is_not_null(), self.batch.height)
            self._converted[key] = values, unread
        return self._converted[key]


def _spread_mask(column: Column, mask: pl.Series, rows: int) -> pl.Series:
    return column.spread(mask) if mask.any() else nowhere(rows)


def _read_all(words: pl.Series, values: pl.Series) -> converters.Read:
    return values, values.is_null() & words.is_not_null()


def _time_known(words: pl.Series, plan: FieldPlan) -> converters.Read:
    times = dates.read_times(words, plan.time_formats)
    return times.is_not_null(), times.is_null() & words.is_not_null()


def _instant_words(words: pl.Series, plan: FieldPlan) -> converters.Read:
    days = dates.read_days(words, plan.formats)
    timed = tuple(form for form in plan.formats if form.has_time)
    times = dates.read_times(words, timed).fill_null(0)
    return _read_all(words, dates.at_time(dates.midnights(days), times))


def fitted(values: pl.Series, name: str, kind: Kind) -> pl.Series:
    """Return the values under the field's name and in its type."""
    wanted = polars_type(kind)
    return (
        values.alias(name)
        if values.dtype in {wanted, pl.List(pl.String)}
        else values.cast(wanted).alias(name)
    )
