"""Following links between tables in columns: each table of parents is searched once, however many ask."""

from collections.abc import Callable, Sequence

import polars as pl

from mappings.words import blanked, encoded

Link = tuple[pl.DataFrame, str]


def follow(links: Sequence[Link], parents: pl.DataFrame) -> list[pl.Series]:
    """Return, for each (table, column), the row of `parents` that each record's reference names.

    Null where the reference is blank, leads nowhere, or names several rows: then nothing is known.
    """
    sources = pl.concat([parents["_source"].unique(), *(table["_source"].unique() for table, _ in links)])
    alone = sources.n_unique() <= 1
    asked = pl.concat([_keys(table, column, alone) for table, column in links])
    found = _places(asked, _keys(parents, "_reference", alone))
    places, start = [], 0
    for table, _ in links:
        places.append(found.slice(start, table.height))
        start += table.height
    return places


def _places(asked: pl.Series, known: pl.Series) -> pl.Series:
    """Return where each asked key stands among the known, if it stands there once.

    Numbers join three times as fast as text, so keys meet by their hashes and are then compared.
    """
    keys = pl.DataFrame({"key": known}).with_row_index("at").with_columns(mark=known.hash())
    keys = keys.filter(pl.col("key").is_not_null())
    if keys["mark"].n_unique() < keys.height:
        keys = keys.filter(~pl.col("key").is_duplicated())
    if keys["mark"].n_unique() < keys.height:
        return asked.to_frame().join(keys, on="key", how="left", maintain_order="left")["at"]
    met = asked.hash().alias("mark").to_frame().join(keys, on="mark", how="left", maintain_order="left")
    return blanked(met["at"], (met["key"] != asked).fill_null(True))


def _keys(table: pl.DataFrame, column: str, alone: bool) -> pl.Series:
    if alone:
        return table[column].alias("key")
    key = pl.concat_str("_source", column, separator="\x1f", ignore_nulls=False)
    return table.select(key.alias("key"))["key"]


def for_distinct(
    table: pl.DataFrame, columns: Sequence[str], work_out: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """Return, for each row, what `work_out` makes of its values in the columns.

    It is asked once for each combination that occurs, in any order, and answers with a row for each.
    """
    which = pl.repeat(0, table.height, dtype=pl.Int64, eager=True)
    for name in columns:
        words, at = encoded(table[name])
        which = which * (len(words) + 1) + at.cast(pl.Int64).fill_null(len(words))
        which = _dense(which)
    firsts = pl.DataFrame({"which": which}).with_row_index("row").group_by("which").agg(pl.col("row").first())
    firsts = firsts.sort("which")
    answers = work_out(table.select(columns)[firsts["row"]])
    return answers[which]


def _dense(numbers: pl.Series) -> pl.Series:
    """Return the numbers replaced by their places among the distinct ones."""
    distinct = numbers.unique().sort()
    if len(distinct) == 0 or distinct[-1] == len(distinct) - 1:
        return numbers
    return numbers.replace_strict(distinct, pl.int_range(len(distinct), dtype=pl.Int64, eager=True))
