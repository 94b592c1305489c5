"""Steps 1 and 2: one export as columns of words, and what the words stand for."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

ROOT = Path(__file__).parents[2]
NULLS = ["", "[Not Specified]", "N/A", "-"]
YES_NO = {"yes": True, "y": True, "true": True, "1": True, "on": True}
YES_NO |= {"no": False, "n": False, "false": False, "0": False, "off": False}
Read = tuple[pl.Series, pl.Series | None]


@cache
def codes(name: str) -> dict[str, str]:
    """Return the words of a code list: its codes and its labels."""
    with (ROOT / "canonical" / "codes" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {normal(row[column]): row["code"] for column in ("code", "label") for row in rows}


def normal(word: str) -> str:
    """Return a word as words are compared."""
    return " ".join(word.lower().split())


@dataclass
class Sheet:
    """One export whose rows all have a reference; columns of few different words are categories."""

    frame: pl.DataFrame

    @classmethod
    def of(cls, path: Path, reference: tuple[str, str], text: str, few: str) -> "Sheet":
        """Return the export at the path: its reference with its pattern, then the columns used (A|B|C)."""
        words = few.split("|")
        frame = pl.read_csv(
            path,
            columns=[reference[0], *text.split("|"), *words],
            infer_schema=False,
            schema_overrides={name: pl.Categorical(pl.Categories.random()) for name in words},
            null_values=NULLS,
            row_index_name="row",
            row_index_offset=1,
        )
        own = frame[reference[0]].str.strip_chars().str.to_uppercase()
        fits = own.str.contains(f"^{reference[1]}$").fill_null(False)
        frame = frame.with_columns(own.alias("reference"))
        return cls(frame if fits.all() else frame.filter(fits))

    def table(self, rows: pl.Series | None = None, **fields: "Read | pl.Series") -> pl.DataFrame:
        """Return the fields as a table; `bad.FIELD` marks the words of a field that could not be read."""
        made = {"reference": self.frame["reference"], "row": self.frame["row"]}
        for name, value in fields.items():
            values, unread = value if isinstance(value, tuple) else (value, None)
            made[name] = values
            if unread is not None:
                made[f"bad.{name}"] = unread
        whole = pl.DataFrame(made)
        return whole if rows is None else whole.filter(rows)

    def text(self, column: str) -> pl.Series:
        """Return trimmed text with single spaces."""
        return self.frame[column].str.strip_chars().str.replace_all(r"\s{2,}", " ")

    def link(self, column: str) -> pl.Series:
        """Return references of other records."""
        return self.frame[column].str.strip_chars().str.to_uppercase()

    def among(self, column: str, word: str) -> pl.Series:
        """Return whether the column holds the word."""
        said = self.frame[column]
        return (_same(_distinct(said)) == word).gather(said.to_physical()).fill_null(False)

    def words(self, column: str, convert: Callable[[pl.Series], pl.Series]) -> Read:
        """Return what each different word stands for, spread to the rows, and which could not be read."""
        said = self.frame[column]
        meant = convert(_distinct(said).str.strip_chars())
        values = meant.gather(said.to_physical())
        unread = values.is_null() & said.is_not_null() if meant.null_count() else None
        return values, unread

    def code(self, column: str, known: str, more: dict[str, str] | None = None) -> Read:
        """Return the codes of a list, some words more understood."""
        table = codes(known) | {normal(word): code for word, code in (more or {}).items()}
        return self.words(column, lambda words: _meant(words, table, pl.String()))

    def flag(self, column: str, table: dict[str, bool] = YES_NO) -> Read:
        """Return yes or no."""
        return self.words(column, lambda words: _meant(words, table, pl.Boolean()))

    def day(self, column: str) -> Read:
        """Return calendar days."""
        return self.words(column, _days)

    def whole(self, column: str) -> Read:
        """Return whole numbers."""
        return self.words(column, lambda words: words.cast(pl.Int32, strict=False))

    def money(self, column: str) -> Read:
        """Return pounds and pence."""
        return self.words(
            column, lambda words: words.str.replace_all("[£,]", "").cast(pl.Decimal(12, 2), strict=False)
        )

    def moment(self, column: str) -> Read:
        """Return the instants of days with their hours in one column."""
        return self.words(
            column,
            lambda words: london(words.str.to_datetime("%d/%m/%Y %H:%M", strict=False, time_unit="us")),
        )

    def at(self, day: str, time: str) -> Read:
        """Return the instants of a day and an hour in two columns; without an hour, midnight."""
        days, unread = self.day(day)
        hours, unclear = self.words(time, _hours)
        values = london(days.cast(pl.Datetime("us")) + hours.fill_null(0).cast(pl.Duration("us")))
        if unread is not None and unclear is not None:
            unread = unread | unclear
        return values, unclear if unread is None else unread


def london(wall: pl.Series) -> pl.Series:
    """Return the instants of London's clock; an hour shown twice is its first showing."""
    shown = wall.dt.replace_time_zone("Europe/London", ambiguous="earliest", non_existent="null")
    return shown.dt.convert_time_zone("UTC")


def _distinct(said: pl.Series) -> pl.Series:
    """Return the different words of a column, in the order of their numbers."""
    distinct = said.unique().drop_nulls()
    return distinct.cast(pl.String).gather(distinct.to_physical().arg_sort())


def _same(words: pl.Series) -> pl.Series:
    return words.str.to_lowercase().str.replace_all(r"\s+", " ")


def _meant(words: pl.Series, table: dict[str, object], kind: pl.DataType) -> pl.Series:
    keys, values = pl.Series(list(table), dtype=pl.String), pl.Series(list(table.values()), dtype=kind)
    return _same(words).replace_strict(keys, values, default=None, return_dtype=kind)


def _days(words: pl.Series) -> pl.Series:
    days = words.str.to_date("%d/%m/%Y", strict=False)
    return days.zip_with(words.str.contains(r"^\d\d/\d\d/\d{4}$"), pl.Series([None], dtype=pl.Date))


def _hours(words: pl.Series) -> pl.Series:
    return words.str.to_time("%H:%M", strict=False).cast(pl.Int64) // 1000
