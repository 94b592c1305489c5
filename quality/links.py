"""Which row of another table each record names: found once by columns, however many checks ask."""

from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class Linked:
    """The rows of `others` that the records of a table name.

    row:    the place of each one's row; null where the reference is blank, leads nowhere, or names several.
    exists: whether the reference is there at all, if only on several rows; never null.
    """

    row: pl.Series = field(repr=False)
    exists: pl.Series = field(repr=False)
    others: pl.DataFrame = field(repr=False)

    def field(self, name: str, dtype: pl.DataType) -> pl.Expr:
        """Return the field of the row that each record names; nothing known where there is no such row."""
        if name not in self.others.columns:
            return pl.lit(None, dtype)
        return pl.lit(self.others[name].gather(self.row))

    @property
    def found(self) -> pl.Expr:
        """Return whether the reference is there at all."""
        return pl.lit(self.exists)

    @property
    def certain(self) -> pl.Expr:
        """Return whether the reference names one row."""
        return pl.lit(self.row.is_not_null())

    def then(self, further: "Linked") -> "Linked":
        """Return the rows that the rows named here name in turn."""
        row = further.row.gather(self.row)
        return Linked(row, further.exists.gather(self.row).fill_null(False), further.others)

    def count(self, among: pl.Series) -> pl.Series:
        """Return, for each of the others, how many of the marked records name it."""
        rows = self.row.filter(among.fill_null(False)).drop_nulls().to_frame("row")
        many = rows.group_by("row").len("many")
        return pl.zeros(self.others.height, pl.UInt32, eager=True).scatter(many["row"], many["many"])

    def some(self, among: pl.Series) -> pl.Series:
        """Return, for each of the others, whether any of the marked records names it."""
        rows = self.row.filter(among.fill_null(False)).drop_nulls()
        return pl.repeat(False, self.others.height, eager=True).scatter(rows, True)

    def span(self, values: pl.Series) -> pl.DataFrame:
        """Return, for each of the others, `first` and `last` of the values of the records that name it."""
        named = pl.DataFrame({"row": self.row, "value": values}).drop_nulls()
        ends = named.group_by("row").agg(first=pl.col("value").min(), last=pl.col("value").max())
        rows = pl.DataFrame({"row": pl.int_range(self.others.height, dtype=pl.UInt32, eager=True)})
        return rows.join(ends, on="row", how="left", maintain_order="left").select("first", "last")


@dataclass(frozen=True)
class Keys:
    """The references under which a table's rows are known: each once, with its hash, row, and whether unsure.

    Hashes meet faster than text; where two references had one hash, `marked` is false and text has to meet.
    """

    known: pl.DataFrame = field(repr=False)
    others: pl.DataFrame = field(repr=False)
    marked: bool


def keys_of(others: pl.DataFrame, key: str, *, alone: bool) -> Keys:
    """Return the keys of the table.

    Given: alone, where all tables are of one source, so that the source need not be part of a key.
    A row that is marked as standing several times with different content names nobody for certain.
    """
    unsure = pl.repeat(False, others.height, eager=True)
    if "_reference_repeated" in others.columns:
        unsure = others["_reference_repeated"].fill_null(False)
    named = pl.DataFrame({"key": _named(others, key, alone), "unsure": unsure})
    known = named.with_row_index("row").drop_nulls("key").with_columns(mark=pl.col("key").hash())
    if known["mark"].n_unique() == known.height:
        return Keys(known, others, marked=True)
    again = pl.col("unsure") | pl.col("key").is_duplicated()
    once = known.with_columns(unsure=again).unique("key", keep="any")
    return Keys(once, others, once["mark"].n_unique() == once.height)


def link(table: pl.DataFrame, column: str, keys: Keys, *, alone: bool) -> Linked:
    """Return which rows the table's references name, found by key and source."""
    asked, on = pl.DataFrame({"asked": _named(table, column, alone)}), pl.col("asked")
    asking = asked.with_columns(mark=on.hash()) if keys.marked else asked.with_columns(key=on)
    met = asking.join(keys.known, on="mark" if keys.marked else "key", how="left", maintain_order="left")
    same = pl.lit(value=True)
    if keys.marked:
        same = (pl.col("key") == on).fill_null(value=False)
    found = met.select(
        row=pl.when(same & ~pl.col("unsure")).then("row"),
        exists=(pl.col("row").is_not_null() & same),
    )
    return Linked(found["row"], found["exists"], keys.others)


def _named(table: pl.DataFrame, column: str, alone: bool) -> pl.Series:
    if alone:
        return table[column].alias("key")
    key = pl.concat_str("_source", column, separator="\x1f", ignore_nulls=False)
    return table.select(key.alias("key"))["key"]
