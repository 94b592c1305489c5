"""Days and hours that a workbook knows to be such, put into the words that the mapping declares for them.

A marked cell says its day year first, whatever the sheet shows; so no day can be taken for a month.
"""

import polars as pl

from common.marks import TYPED_DAY
from mappings.dates import DateFormat, pieces
from mappings.load import Mapping

TOKENS = {
    "yyyy": "%Y",
    "yy": "%y",
    "dd": "%d",
    "d": "%-d",
    "mm": "%m",
    "m": "%-m",
    "HH": "%H",
    "MM": "%M",
    "SS": "%S",
}
DAY, DAY_TIME = "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"
SOME_DAY = "1970-01-01 "


def as_declared(mapping: Mapping, batch: pl.DataFrame) -> pl.DataFrame:
    """Return the batch without marks: marked cells in the first format of their column that says all of them.

    Where no format does, a cell stays as it is but for its mark: a column of days will not read it.
    """
    formats = _formats(mapping)
    texts = [column for column in batch if column.dtype == pl.String]
    marked = [column for column in texts if column.str.starts_with(TYPED_DAY).any()]
    return batch.with_columns(_in_words(column, formats.get(column.name, ())) for column in marked)


def _in_words(cells: pl.Series, formats: tuple[DateFormat, ...]) -> pl.Series:
    bare = cells.str.strip_prefix(TYPED_DAY)
    told = [_shown(bare, form) for form in formats]
    words = pl.select(pl.coalesce([*told, bare])).to_series()
    return words.zip_with(cells.str.starts_with(TYPED_DAY), cells).alias(cells.name)


def _shown(bare: pl.Series, form: DateFormat) -> pl.Series:
    """Return the cells in this format; null where it does not say all that the cell does."""
    text = "".join(TOKENS.get(piece, piece) for piece in pieces(form.text))
    days = bare.str.to_datetime(DAY, strict=False, exact=True)
    if form.has_day and not form.has_time:
        return days.dt.strftime(text)
    dated = bare if form.has_day else SOME_DAY + bare
    instants = dated.str.to_datetime(DAY_TIME, strict=False, exact=True)
    if form.has_day:
        instants = instants.zip_with(instants.is_not_null(), days)
    if "second" not in form.parts:
        instants = instants.zip_with((instants.dt.second() == 0).fill_null(value=False), _nothing(instants))
    return instants.dt.strftime(text)


def _nothing(like: pl.Series) -> pl.Series:
    return pl.Series([None], dtype=like.dtype)


def _formats(mapping: Mapping) -> dict[str, tuple[DateFormat, ...]]:
    """Return the formats of days and hours by column; those of whole days come first."""
    found: dict[str, tuple[DateFormat, ...]] = {}
    for entity in mapping.entities:
        for plan in entity.fields:
            said = plan.declared
            if said.column is not None and plan.formats:
                found[said.column] = plan.formats
            elif said.converter == "time_known":
                found.setdefault(str(said.column), plan.time_formats)
            if said.time_column is not None:
                found.setdefault(said.time_column, plan.time_formats)
    return found
