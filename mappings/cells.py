"""The cells of one batch: each column, and each conversion of its words, worked out once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from mappings import converters, dates
from mappings.fields import FieldPlan
from mappings.words import FEW_ROWS, Column, normal, normal_word, read_column, read_short, with_unread

SIMPLE = {
    "text": converters.text,
    "integer": converters.integer,
    "decimal": converters.decimal,
    "coordinate": converters.coordinate,
    "nhs_number": converters.nhs_number,
    "postcode": converters.postcode,
    "uprn": converters.uprn,
}
Rows = pl.Series | None
Given = tuple[pl.Series, pl.Series | None]


@dataclass
class Cells:
    """One batch being read. `rows` is a mask of the rows that are wanted; None for all.

    patterns: of the references in a column, wherever that column is read.
    """

    batch: pl.DataFrame = field(repr=False)
    patterns: Mapping[str, str]
    null_words: tuple[str, ...]
    parent_source: str | None
    _columns: dict[str, Column] = field(default_factory=dict, repr=False)
    _converted: dict[str, converters.Read] = field(default_factory=dict, repr=False)
    _midnights: dict[str, dates.Midnight] = field(default_factory=dict, repr=False)

    def column(self, name: str) -> Column:
        """Return the column as its distinct words; few rows are cleaned all at once."""
        if not self._columns and self.batch.height <= FEW_ROWS:
            self._columns.update(read_short(self.batch, self.null_words))
        if name not in self._columns:
            self._columns[name] = read_column(self.batch[name], self.null_words)
        return self._columns[name]

    def filled(self, name: str) -> pl.Series:
        """Return whether each cell of the column holds something."""
        column = self.column(name)
        return column.spread(column.words.is_not_null())

    def among(self, name: str, words: list[str]) -> pl.Series:
        """Return whether each cell of the column holds one of the words, whatever its case and spacing."""
        column = self.column(name)
        listed = normal(column.words).is_in([normal_word(word) for word in words])
        return column.spread(listed.fill_null(False))

    def reference(self, name: str, pattern: str | None = None, rows: Rows = None) -> Given:
        """Return each row's reference in the column, and the mask of those that do not fit the pattern."""
        pattern = pattern or self.patterns.get(name)
        return self._once(f"reference {name} {pattern}", name, converters.reference(pattern), rows)

    def read(self, plan: FieldPlan, rows: Rows, *, time_told: bool = False) -> Given:
        """Return a field's values and the mask of the unreadable, row by row.

        Given: `time_told` where another field of the record tells of an hour that cannot be read.
        """
        said = plan.declared
        if said.constant is not None:
            count = self.batch.height if rows is None else int(rows.sum())
            return pl.repeat(said.constant, count, dtype=pl.String, eager=True), None
        name = str(said.column)
        if said.converter == "instant" and said.time_column is not None:
            return self._instant(plan, rows, time_told=time_told)
        if said.converter == "reference" and plan.splitter is None:
            return self.reference(name, said.pattern, rows)
        return self._once(plan.key, name, self._converter(plan), rows)

    def converted(self, plan: FieldPlan) -> converters.Read:
        """Return what each word of the field's column becomes, and the mask of words that cannot be read."""
        said, name = plan.declared, str(plan.declared.column)
        if said.converter == "instant" and said.time_column is not None:
            return with_unread(self.column(name).words, self._midnight(plan).days)
        return self._of_words(plan.key, name, self._converter(plan))

    def converted_reference(self, name: str, pattern: str | None) -> converters.Read:
        """Return the same of a column of references."""
        return self._of_words(f"reference {name} {pattern}", name, converters.reference(pattern))

    def day(self, plan: FieldPlan, rows: Rows) -> pl.Series:
        """Return the London days of an instant's column: no clock is needed to know them."""
        return self.column(str(plan.declared.column)).spread(self._midnight(plan).days, rows)

    def _once(self, key: str, name: str, convert: converters.Converter, rows: Rows) -> Given:
        column = self.column(name)
        values, unread = self._of_words(key, name, convert)
        return column.spread(values, rows), column.spread_mask(unread, rows)

    def _of_words(self, key: str, name: str, convert: converters.Converter) -> converters.Read:
        if key not in self._converted:
            self._converted[key] = convert(self.column(name).words)
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
            "date": lambda: lambda words: with_unread(words, dates.read_days(words, plan.formats)),
            "time_known": lambda: lambda words: _time_known(words, plan),
            "instant": lambda: lambda words: self._instant_words(words, plan),
        }
        return makers[name]()

    def _parent_reference(self, pattern: str | None) -> converters.Converter:
        if self.parent_source is not None:
            return converters.reference(pattern, f"{self.parent_source}:")
        return lambda words: (pl.repeat(None, len(words), dtype=pl.String, eager=True), words.is_not_null())

    def _midnight(self, plan: FieldPlan) -> dates.Midnight:
        key = f"{plan.declared.column} {plan.formats}"
        if key not in self._midnights:
            words = self.column(str(plan.declared.column)).words
            self._midnights[key] = dates.midnights(dates.read_days(words, plan.formats))
        return self._midnights[key]

    def _instant(self, plan: FieldPlan, rows: Rows, *, time_told: bool) -> Given:
        days, clock = self.column(str(plan.declared.column)), self.column(str(plan.declared.time_column))
        midnight, time = self._midnight(plan), dates.read_times(clock.words, plan.time_formats)
        spread = midnight.each(lambda each: days.spread(each, rows))
        values = dates.at_time(spread, clock.spread(time.fill_null(0), rows))
        unread = days.spread_mask(midnight.days.is_null() & days.words.is_not_null(), rows)
        bad_time = None if time_told else clock.spread_mask(time.is_null() & clock.words.is_not_null(), rows)
        if unread is None or bad_time is None:
            return values, bad_time if unread is None else unread
        return values, unread | bad_time

    def _instant_words(self, words: pl.Series, plan: FieldPlan) -> converters.Read:
        timed = tuple(form for form in plan.formats if form.has_time)
        return with_unread(
            words, dates.at_time(self._midnight(plan), dates.read_times(words, timed).fill_null(0))
        )


def _time_known(words: pl.Series, plan: FieldPlan) -> converters.Read:
    times = dates.read_times(words, plan.time_formats)
    return times.is_not_null(), times.is_null() & words.is_not_null()
