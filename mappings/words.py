"""A column as its distinct words: what is worked out once for each word is gathered to all rows."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl

REPEATED_AT_LEAST = 4
FEW_ROWS = 256
SAMPLE_ROWS = 8192
AS_WRITTEN = pl.QueryOptFlags.none()


@dataclass(frozen=True)
class Column:
    """The words of one column, trimmed, with null words left out, and for each row which word it holds.

    `at` is None where the words are the rows themselves, because they hardly repeat.
    """

    words: pl.Series = field(repr=False)
    at: pl.Series | None = field(repr=False)

    def spread(self, of_words: pl.Series, rows: pl.Series | None = None) -> pl.Series:
        """Return, for each row (of those in the mask, if one is given), what was worked out for its word."""
        if self.at is None:
            return of_words if rows is None else of_words.filter(rows)
        return of_words.gather(self.at if rows is None else self.at.filter(rows))

    def spread_mask(self, of_words: pl.Series, rows: pl.Series | None = None) -> pl.Series | None:
        """Return, for each row, whether its word is in the mask; None where no word is."""
        return self.spread(of_words, rows) if of_words.any() else None


def read_column(cells: pl.Series, null_words: tuple[str, ...]) -> Column:
    """Return the column as its distinct words, blanks and null words as null."""
    if len(cells) <= FEW_ROWS or _hardly_repeat(cells):
        return Column(_cleaned(cells, null_words), None)
    words, at = encoded(cells)
    return Column(_cleaned(words, null_words), at)


def encoded(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the distinct words of the cells, and for each cell the place of its word; null for null."""
    # Categories of their own: Polars' shared ones would keep every word in memory for as long as we run.
    coded = cells.cast(pl.Categorical(pl.Categories.random()))
    distinct = coded.unique().drop_nulls()
    words = distinct.cast(pl.String).gather(distinct.to_physical().arg_sort())
    return words, coded.to_physical()


def _hardly_repeat(cells: pl.Series) -> bool:
    if cells.head(SAMPLE_ROWS).n_unique() * REPEATED_AT_LEAST <= min(len(cells), SAMPLE_ROWS):
        return False
    distinct = cells.approx_n_unique()
    return isinstance(distinct, int) and distinct * REPEATED_AT_LEAST > len(cells)


def stepwise(words: pl.Series, *steps: dict[str, pl.Expr]) -> pl.DataFrame:
    """Return what the steps make of the words, called `word` in the first of them.

    Each step sees what the one before it made, and nothing else. They are worked out at one go, as they are
    written: on columns so short, thinking about a query costs more than it saves.
    """
    made = words.to_frame("word").lazy()
    for step in steps:
        made = made.select_seq(**step)
    return made.collect(optimizations=AS_WRITTEN)


def read_short(batch: pl.DataFrame, null_words: tuple[str, ...]) -> dict[str, Column]:
    """Return every column of text of a batch of few rows, all of them cleaned in one query."""
    texts = [name for name, kind in batch.schema.items() if kind == pl.String]
    # Under numbers: Polars takes some of the names that an export may give its columns for patterns.
    cells = [pl.col(str(at)) for at in range(len(texts))]
    numbered = pl.DataFrame([batch[name].alias(str(at)) for at, name in enumerate(texts)]).lazy()
    stripped = numbered.select_seq(cell.str.strip_chars() for cell in cells)
    words = stripped.select_seq(_filled(cell, null_words) for cell in cells).collect(optimizations=AS_WRITTEN)
    return {name: Column(column.alias(name), None) for name, column in zip(texts, words, strict=True)}


def _cleaned(cells: pl.Series, null_words: tuple[str, ...]) -> pl.Series:
    word = pl.col("word")
    words = stepwise(cells, {"word": word.str.strip_chars()}, {"word": _filled(word, null_words)})
    return words.to_series().alias(cells.name)


def _filled(word: pl.Expr, null_words: tuple[str, ...]) -> pl.Expr:
    """Return the trimmed word, with null for a blank and for a null word."""
    blank = word == ""
    if null_words:
        blank |= word.str.contains(_any_of(null_words))
    return pl.when(~blank).then(word)


@lru_cache(maxsize=256)
def _any_of(words: tuple[str, ...]) -> str:
    escaped = "|".join(_escaped(word.strip()) for word in words)
    return f"(?i)^(?:{escaped})$"


def _escaped(word: str) -> str:
    return "".join(mark if mark.isalnum() or mark.isspace() else f"\\x{{{ord(mark):x}}}" for mark in word)


def blanked(values: pl.Series, where: pl.Series) -> pl.Series:
    """Return the values with null where the mask is true, or not known."""
    if not where.any():
        return values
    return values.zip_with(~where.fill_null(True), pl.Series([None], dtype=values.dtype))


def nowhere(count: int) -> pl.Series:
    """Return a mask that is false everywhere."""
    return pl.Series([False]).new_from_index(0, count)


def normal(words: pl.Series) -> pl.Series:
    """Return the words as they are compared with a code table: lower case, single spaces."""
    return stepwise(words, {words.name: _normal(pl.col("word"))}).to_series()


def _normal(word: pl.Expr) -> pl.Expr:
    return word.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()


def normal_word(word: str) -> str:
    """Return one word as `normal` does."""
    return " ".join(word.lower().split())


def look_up(words: pl.Series, table: dict[str, Any], dtype: pl.DataType) -> tuple[pl.Series, pl.Series]:
    """Return each word's entry in the table, and a mask of the words that have none."""
    keys = pl.Series(list(table), dtype=pl.String)
    values = pl.Series(list(table.values()), dtype=dtype)
    word, found = pl.col("word"), pl.col("found")
    each = _normal(word).replace_strict(keys, values, default=None, return_dtype=dtype)
    unread = found.is_null() & word.is_not_null()
    told = stepwise(words, {"word": word, "found": each}, {"found": found, "unread": unread})
    return told["found"].alias(words.name), told["unread"].alias(words.name)


def with_unread(words: pl.Series, values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the values, and the mask of the words that gave none: whatever kept one from being read."""
    return values, values.is_null() & words.is_not_null()


def nothing_if_blank(words: pl.Series) -> pl.Series:
    """Return the words with null for those that are empty."""
    return blanked(words, words == "")
